//! Measures messngr beside its peers and a bare relay, in turn and in one run, in a network namespace of its own.

mod contestants;
mod namespace;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use self::contestants::{Contestant, People};
use self::namespace::Namespace;
use crate::peers;
use crate::workspace::{Workspace, run as run_command};

/// How many pairs talk, and how many people sign in to say nothing.
const PAIRS: usize = 50;
const SESSIONS: usize = 1_000;

/// How long each measurement takes.
const SECONDS: u64 = 5;

/// What is measured, by the name it has in the table and the generator's arguments.
const CASES: [(&str, &[&str]); 4] = [
    ("chat, window 1", &["chat", "--window", "1"]),
    ("chat, window 10", &["chat", "--window", "10"]),
    ("chat, 1,000/s", &["chat", "--window", "1", "--rate", "1000"]),
    ("idle", &["idle"]),
];

/// Builds, runs every case on every contestant, several rounds, and prints one table.
pub(crate) fn run(workspace: &Workspace, rounds: usize) -> Result<()> {
    peers::install_for_bench()?;
    let mut build = workspace.cargo(["build", "--release", "--package", "messngr", "--package", "bench"]);
    run_command(&mut build)?;
    warn_if_busy()?;
    let programs = workspace.path("target/release");
    let mut results = Vec::new();
    for round in 1..=rounds {
        for contestant in Contestant::ALL {
            println!("\nround {round} of {rounds}: {}", contestant.name());
            measure(contestant, &programs, &mut results)?;
        }
    }
    print_table(&results);
    let file = workspace.path("target/bench.json");
    std::fs::write(&file, serde_json::to_vec_pretty(&results)?)?;
    println!("\nevery measurement is in target/bench.json");
    Ok(())
}

/// One contestant, started anew, through all cases.
fn measure(contestant: Contestant, programs: &Path, results: &mut Vec<Value>) -> Result<()> {
    let namespace = Namespace::create()?;
    let folder = tempfile::tempdir()?;
    let people = People { count: SESSIONS.max(2 * PAIRS) + 1, password: "bench", domain: "bench.internal" };
    let running = contestant.start(&namespace, folder.path(), programs, &people)?;
    let generator = Generator { contestant, namespace: &namespace, program: programs.join("bench") };
    generator.wait_until_ready()?;
    for (case, arguments) in CASES {
        if arguments[0] == "idle" && contestant == Contestant::Relay {
            continue;
        }
        let mut result = generator.load(arguments)?;
        println!("  {case}: {result}");
        result["case"] = case.into();
        result["contestant"] = contestant.name().into();
        results.push(result);
    }
    drop(running);
    Ok(())
}

/// The load generator against one contestant.
struct Generator<'a> {
    contestant: Contestant,
    namespace: &'a Namespace,
    program: PathBuf,
}

impl Generator<'_> {
    fn wait_until_ready(&self) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            let mut probe = self.command(&["chat", "--pairs", "1", "--seconds", "1"])?;
            let output = probe.output().context("the load generator does not start")?;
            if output.status.success() {
                return Ok(());
            }
            if Instant::now() > end {
                bail!(
                    "{} does not answer: {}",
                    self.contestant.name(),
                    String::from_utf8_lossy(&output.stderr)
                );
            }
            std::thread::park_timeout(Duration::from_millis(200));
        }
    }

    fn load(&self, arguments: &[&str]) -> Result<Value> {
        let (pairs, seconds, sessions) = (PAIRS.to_string(), SECONDS.to_string(), SESSIONS.to_string());
        let size: &[&str] = match arguments[0] {
            "idle" => &["--sessions", &sessions],
            _ => &["--pairs", &pairs, "--seconds", &seconds],
        };
        let mut command = self.command(&[arguments, size].concat())?;
        for pid in self.namespace.processes()? {
            command.arg("--pid").arg(pid.to_string());
        }
        let output = command.output().context("the load generator does not start")?;
        ensure!(output.status.success(), "the load failed: {}", String::from_utf8_lossy(&output.stderr));
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = self.namespace.command(&self.program)?;
        command.args(arguments).args(["--server", "127.0.0.1:5222"]);
        command.args(["--protocol", if self.contestant == Contestant::Relay { "relay" } else { "xmpp" }]);
        Ok(command)
    }
}

/// Another program's work would be measured with ours.
fn warn_if_busy() -> Result<()> {
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let recent: f64 = load.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(0.0);
    if recent > 0.7 {
        println!("NOTE: the machine is busy (load {recent}): believe ratios, and those with care");
    }
    Ok(())
}

/// The median of each figure over the rounds, and its ratio to the relay's.
fn print_table(results: &[Value]) {
    println!("\n{:<17} {:<22} {:>14} {:>12} {:>12}", "case", "server", "figure", "x relay", "p99 ms");
    for (case, arguments) in CASES {
        let key = if arguments[0] == "idle" { "bytes_per_session" } else { "server_microseconds" };
        let floor = median(results, case, Contestant::Relay.name(), key);
        for contestant in Contestant::ALL {
            let Some(figure) = median(results, case, contestant.name(), key) else { continue };
            let unit = if arguments[0] == "idle" {
                format!("{:.1} KiB", figure / 1_024.0)
            } else {
                format!("{figure:.1} us")
            };
            let ratio = floor.map_or(String::new(), |floor| format!("{:.2}", figure / floor));
            let p99 = median(results, case, contestant.name(), "p99_milliseconds");
            let p99 = p99.map_or(String::new(), |p99| format!("{p99:.2}"));
            println!("{case:<17} {:<22} {unit:>14} {ratio:>12} {p99:>12}", contestant.name());
        }
    }
}

fn median(results: &[Value], case: &str, contestant: &str, key: &str) -> Option<f64> {
    let of_case =
        results.iter().filter(|result| result["case"] == case && result["contestant"] == contestant);
    let mut figures: Vec<f64> = of_case.filter_map(|result| result[key].as_f64()).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_median_is_of_the_rounds_of_one_case_and_one_server() {
        let result =
            |case: &str, server: &str, figure: f64| json!({"case": case, "contestant": server, "f": figure});
        let results = [
            result("a", "x", 3.0),
            result("a", "x", 1.0),
            result("a", "x", 2.0),
            result("a", "y", 9.0),
            result("b", "x", 9.0),
        ];
        assert_eq!(median(&results, "a", "x", "f"), Some(2.0));
        assert_eq!(median(&results, "b", "y", "f"), None);
    }
}
