//! Fuzzing, guided by coverage, on stable Rust: the compiler counts where the program has been, libFuzzer makes up
//! the inputs.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::workspace::{Workspace, run as run_command};

/// What makes the compiler count, as libFuzzer wants to read it (clang's SanitizerCoverage).
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg",
    "fuzzing",
];
const INPUT_BYTES_MAX: usize = 4096;
/// How long one input may take, which is a thousand times what it should.
const INPUT_SECONDS_MAX: u64 = 10;
const MEMORY_MEBIBYTES_MAX: usize = 1024;
/// How much of libFuzzer's report is shown of a failure.
const REPORT_LINES_MAX: usize = 40;

/// The program that fuzzes.
pub(crate) struct Fuzzer {
    program: PathBuf,
    /// Where everything goes that fuzzing writes.
    directory: PathBuf,
    corpus: PathBuf,
}

/// What libFuzzer says at its end.
#[derive(Debug, PartialEq, Eq)]
struct Statistics {
    executions: u64,
    /// Edges of the program that were passed.
    coverage: u64,
}

impl Fuzzer {
    /// Builds it. Only what runs on this machine is instrumented, not what the build itself runs.
    pub(crate) fn build(workspace: &Workspace) -> Result<Self> {
        let host = host(workspace)?;
        let directory =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.path("target"), PathBuf::from);
        let directory = directory.join("fuzz");
        let mut build =
            workspace.cargo(["build", "--package", "fuzz", "--profile", "fuzz", "--target", &host]);
        build.arg("--target-dir").arg(&directory).env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\x1f"));
        run_command(&mut build)?;
        let program = directory.join(host).join("fuzz").join("fuzz");
        Ok(Self { program, directory, corpus: workspace.path("fuzz/corpus") })
    }

    /// Fuzzes each target for so long, and fails if any input breaks one.
    pub(crate) fn run(&self, each: Duration) -> Result<()> {
        let mut failed = Vec::new();
        for target in self.targets()? {
            if !self.run_target(&target, each)? {
                failed.push(target);
            }
        }
        ensure!(failed.is_empty(), "fuzzing broke {}", failed.join(", "));
        Ok(())
    }

    /// Each target has a folder of its name; the tests of the package hold that.
    fn targets(&self) -> Result<Vec<String>> {
        let folders = fs::read_dir(&self.corpus).with_context(|| self.corpus.display().to_string())?;
        let mut targets = Vec::new();
        for folder in folders {
            targets.push(folder?.file_name().to_string_lossy().into_owned());
        }
        targets.sort();
        Ok(targets)
    }

    /// Whether the target held. libFuzzer writes to the first folder that it is given, and only reads the second.
    fn run_target(&self, target: &str, each: Duration) -> Result<bool> {
        let found = self.directory.join("found").join(target);
        if found.exists() {
            fs::remove_dir_all(&found)?;
        }
        let inputs = found.join("inputs");
        fs::create_dir_all(&inputs)?;
        let output = Command::new(&self.program)
            .env("FUZZ_TARGET", target)
            .arg(format!("-max_total_time={}", each.as_secs()))
            .arg(format!("-max_len={INPUT_BYTES_MAX}"))
            .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
            .arg(format!("-rss_limit_mb={MEMORY_MEBIBYTES_MAX}"))
            .arg("-print_final_stats=1")
            .arg(format!("-artifact_prefix={}/", found.display()))
            .arg(&inputs)
            .arg(self.corpus.join(target))
            .output()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let report = String::from_utf8_lossy(&output.stderr);
        match Statistics::read(&report) {
            Some(Statistics { executions, coverage }) if output.status.success() => {
                println!("{target:<17} {executions:>10} executions  {coverage:>5} edges");
                Ok(true)
            }
            _ => {
                println!("{}", self.failure(target, &found, &report));
                Ok(false)
            }
        }
    }

    /// What broke, and how to see it again.
    fn failure(&self, target: &str, found: &Path, report: &str) -> String {
        let lines: Vec<&str> = report.lines().filter(|line| !line.starts_with('#')).collect();
        let shown = &lines[lines.len().saturating_sub(REPORT_LINES_MAX)..];
        let mut text = format!("{target} broke:\n{}\n", shown.join("\n"));
        for input in fs::read_dir(found).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if input.is_file() {
                let (program, input) = (self.program.display(), input.display());
                // Writing to a String does not fail.
                let _ = writeln!(text, "to see it again: FUZZ_TARGET={target} {program} {input}");
            }
        }
        text + &format!("once it is mended, keep the input in fuzz/corpus/{target}")
    }
}

impl Statistics {
    fn read(report: &str) -> Option<Self> {
        let executions =
            report.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
        let done = report.lines().rfind(|line| line.contains(" cov: "))?;
        let coverage = done.split(" cov: ").nth(1)?.split(' ').next()?;
        Some(Self { executions: executions.trim().parse().ok()?, coverage: coverage.parse().ok()? })
    }
}

/// The name of this machine as a target of the compiler.
fn host(workspace: &Workspace) -> Result<String> {
    let output = workspace.cargo(["-vV"]).output().context("cannot start cargo")?;
    let version = String::from_utf8_lossy(&output.stdout);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("cargo -vV names no host")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libfuzzer_says_at_its_end_is_read() {
        let report = "#2\tINITED cov: 12 ft: 13 corp: 1/1b exec/s: 0 rss: 27Mb\n\
            #71920\tDONE   cov: 1282 ft: 4640 corp: 758/122Kb lim: 2279 exec/s: 67001 rss: 30Mb\n\
            stat::number_of_executed_units: 71920\nstat::average_exec_per_sec:     67001\n";
        assert_eq!(Statistics::read(report), Some(Statistics { executions: 71_920, coverage: 1_282 }));
        assert_eq!(Statistics::read("thread '<unnamed>' panicked"), None);
    }

    #[test]
    fn a_failure_says_what_broke_and_how_to_see_it_again() {
        let found = tempfile::tempdir().unwrap();
        fs::write(found.path().join("crash-1"), "x").unwrap();
        let fuzzer = Fuzzer { program: "fuzz".into(), directory: "t".into(), corpus: "c".into() };
        let text = fuzzer.failure("sasl", found.path(), "#1 pulse\nthread panicked\nSUMMARY: deadly signal");
        assert!(text.contains("sasl broke:\nthread panicked\nSUMMARY: deadly signal\n"), "{text}");
        assert!(
            text.contains(&format!("FUZZ_TARGET=sasl fuzz {}/crash-1\n", found.path().display())),
            "{text}"
        );
        assert!(text.ends_with("keep the input in fuzz/corpus/sasl"), "{text}");
    }
}
