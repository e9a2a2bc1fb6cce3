//! What the measurements were made on, and whether it had anything else to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::process::{Resource, getrlimit, setrlimit};

use super::results::Machine;

/// How long one look at the processors takes.
const LOOK: Duration = Duration::from_millis(250);
/// The share of the machine that may be at work on a quiet machine.
const QUIET: f64 = 0.05;
/// How many processors something else may have kept busy during a measurement.
const OTHERS_MAX: f64 = 0.15;
/// Shorter measurements do not tell what else happened: the clock of the processors ticks in hundredths of seconds.
const TELLING_SECONDS: f64 = 1.0;

impl Machine {
    /// This one, now.
    pub(super) fn here() -> Self {
        let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let kilobytes =
            field(&memory, "MemTotal").and_then(|field| field.split(' ').next()?.parse::<u64>().ok());
        Self {
            date: said("date", &["--utc", "+%F %R UTC"]),
            processor: field(&processors, "model name").unwrap_or("unknown").to_owned(),
            processors: processors.lines().filter(|line| line.starts_with("processor")).count(),
            memory_bytes: kilobytes.unwrap_or_default() * 1_024,
            system: said("uname", &["-sm"]),
        }
    }
}

/// The versions of all programs that are measured.
pub(super) fn versions(programs: &Path, root: &Path) -> BTreeMap<String, String> {
    let package = |name: &str| said("dpkg-query", &["--show", "--showformat", "${Version}", name]);
    let messngr = said(&programs.join("messngr").to_string_lossy(), &["--version"]);
    let root = root.to_string_lossy();
    let commit = said("git", &["-c", "safe.directory=*", "-C", &root, "describe", "--always", "--dirty"]);
    BTreeMap::from([
        ("messngr".to_owned(), format!("{} ({commit})", messngr.trim_start_matches("messngr "))),
        ("ejabberd".to_owned(), package("ejabberd")),
        ("Prosody".to_owned(), package("prosody")),
        ("rustc".to_owned(), said("rustc", &["--version"]).trim_start_matches("rustc ").to_owned()),
    ])
}

/// Waits until the machine has nothing else to do, for a bounded time; why a measurement now is to be doubted.
pub(super) fn wait_for_quiet(patience: Duration) -> Result<Option<String>> {
    let end = Instant::now() + patience;
    loop {
        let before = fs::read_to_string("/proc/stat")?;
        std::thread::park_timeout(LOOK);
        let busy = busy_share(&before, &fs::read_to_string("/proc/stat")?);
        if busy <= QUIET {
            return Ok(None);
        }
        if Instant::now() >= end {
            return Ok(Some(format!("{:.0} % of the machine was busy before it began", busy * 100.0)));
        }
    }
}

/// Why a measurement is to be doubted by what else happened during it.
pub(super) fn doubt(figures: &BTreeMap<String, f64>) -> Option<String> {
    let figure = |name: &str| figures.get(name).copied().unwrap_or_default();
    let others = figure("other_processors");
    (figure("seconds") >= TELLING_SECONDS && others > OTHERS_MAX)
        .then(|| format!("something else used {others:.1} processors during it"))
}

/// Lets all servers have as many files open as the system allows.
pub(super) fn raise_open_files() {
    let allowed = fs::read_to_string("/proc/sys/fs/nr_open").ok().and_then(|text| text.trim().parse().ok());
    let own = getrlimit(Resource::Nofile);
    for maximum in [allowed, own.maximum] {
        let mut limit = own;
        (limit.current, limit.maximum) = (maximum, maximum);
        if setrlimit(Resource::Nofile, limit).is_ok() {
            return;
        }
    }
}

/// The share of the time between two readings of `/proc/stat` that the processors were at work.
fn busy_share(before: &str, after: &str) -> f64 {
    let fields = |text: &str| -> Vec<u64> {
        let line = text.lines().next().unwrap_or_default();
        line.split_whitespace().skip(1).take(8).filter_map(|field| field.parse().ok()).collect()
    };
    let passed: Vec<u64> = fields(after)
        .iter()
        .zip(fields(before))
        .map(|(after, before)| after.saturating_sub(before))
        .collect();
    let all: u64 = passed.iter().sum();
    let idle: u64 = passed.iter().skip(3).take(2).sum();
    (all - idle) as f64 / all.max(1) as f64
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

/// The first line that a command prints.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_waits_for_its_disk_is_quiet() {
        let before = "cpu  100 0 100 1000 100 0 0 0 0 0\n";
        assert_eq!(busy_share(before, "cpu  100 0 100 1030 120 0 0 0 0 0\n"), 0.0);
        assert_eq!(busy_share(before, "cpu  120 5 115 1050 105 0 0 5 0 0\n"), 0.45);
        assert_eq!(busy_share(before, before), 0.0);
    }

    #[test]
    fn a_measurement_is_doubted_when_something_else_was_at_work() {
        let figures = |seconds: f64, others: f64| {
            BTreeMap::from([("seconds".to_owned(), seconds), ("other_processors".to_owned(), others)])
        };
        assert_eq!(doubt(&figures(3.0, 0.05)), None);
        assert_eq!(doubt(&figures(0.1, 0.9)), None);
        assert_eq!(doubt(&figures(3.0, 0.52)).unwrap(), "something else used 0.5 processors during it");
    }
}
