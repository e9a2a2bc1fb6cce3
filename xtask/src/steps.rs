//! The steps of a run, in order. A failing step does not keep the later ones from being run, so that one run
//! tells everything; a failing build does, because they would only repeat it.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Error, Result};
use clap::ValueEnum;

use crate::fuzz::Fuzzer;
use crate::peers;
use crate::summary::{Outcome, Summary};
use crate::workspace::{Workspace, run as run_command, search_path};

/// One part of a run, as `--only` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// Install what the end-to-end tests talk to
    Peers,
    /// Formatting is as rustfmt.toml says
    Format,
    /// clippy has nothing to say
    Lint,
    /// The documentation builds without a warning
    Documentation,
    /// Unit, property and documentation tests
    Unit,
    /// Parsers hold on inputs that libFuzzer makes up
    Fuzz,
    /// The rules of the house: arrows, dependencies, tidiness
    House,
    /// The whole program against programs that others wrote, and the rules of the house
    EndToEnd,
}

/// How much the tests do, and how long each parser is fuzzed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Usual,
    Full,
}

impl Extent {
    /// Tells tests how much they are to do.
    fn tell(self, tests: &mut Command) -> &mut Command {
        match self {
            Self::Usual => tests.env_remove("MESSNGR_FULL"),
            Self::Full => tests.env("MESSNGR_FULL", "1"),
        }
    }
}

/// Runs the steps, says at the end what became of each, and returns whether all is well.
pub(crate) fn run(workspace: &Workspace, steps: &[Step], extent: Extent) -> bool {
    let summary = run_each(steps, |step| step.run(workspace, extent));
    println!("\n{summary}");
    summary.succeeded()
}

impl Step {
    /// The steps of `cargo xtask test`. The house's rules are among the end-to-end tests.
    pub(crate) const TEST: [Self; 7] =
        [Self::Peers, Self::Format, Self::Lint, Self::Documentation, Self::Unit, Self::Fuzz, Self::EndToEnd];
    /// The steps of `cargo xtask check`.
    pub(crate) const CHECK: [Self; 3] = [Self::Format, Self::Lint, Self::House];

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn run(self, workspace: &Workspace, extent: Extent) -> Result<(), Failure> {
        match self {
            Self::Peers => Ok(peers::install(workspace)?),
            Self::Format => Ok(run_command(&mut workspace.cargo(["fmt", "--all", "--check"]))?),
            Self::Lint => lint(workspace),
            Self::Documentation => documentation(workspace),
            Self::Unit => test(workspace, &["--workspace", "--exclude", "end-to-end"], extent),
            Self::Fuzz => fuzz(workspace, extent),
            Self::House => test(
                workspace,
                &["--package", "end-to-end", "--test", "arrows", "--test", "dependencies", "--test", "tidy"],
                extent,
            ),
            Self::EndToEnd => end_to_end(workspace, extent),
        }
    }
}

/// Why a step failed, and with that whether it makes sense to go on.
enum Failure {
    /// What was checked is wrong.
    Check(Error),
    /// What later steps need could not be built.
    Build(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Check(error)
    }
}

fn run_each(steps: &[Step], mut run: impl FnMut(Step) -> Result<(), Failure>) -> Summary {
    let mut summary = Summary::default();
    let mut build_failed = false;
    for step in steps {
        if build_failed {
            summary.add(step.name(), Outcome::NotRun, Duration::ZERO);
            continue;
        }
        println!("\n== {}", step.name());
        let start = Instant::now();
        let error = match run(*step) {
            Ok(()) => None,
            Err(Failure::Check(error)) => Some(error),
            Err(Failure::Build(error)) => {
                build_failed = true;
                Some(error)
            }
        };
        let took = start.elapsed();
        if let Some(error) = &error {
            println!("error: {error:#}");
        }
        let outcome = if error.is_none() { Outcome::Passed } else { Outcome::Failed };
        println!("== {} {outcome} in {:.1} s", step.name(), took.as_secs_f64());
        summary.add(step.name(), outcome, took);
    }
    summary
}

fn lint(workspace: &Workspace) -> Result<(), Failure> {
    let mut clippy = workspace.cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    Ok(run_command(&mut clippy)?)
}

fn documentation(workspace: &Workspace) -> Result<(), Failure> {
    let mut doc = workspace.cargo(["doc", "--no-deps", "--workspace"]);
    Ok(run_command(doc.env("RUSTDOCFLAGS", "-D warnings"))?)
}

/// Builds the tests of a selection of packages, then runs them all, whichever fail.
fn test(workspace: &Workspace, selection: &[&str], extent: Extent) -> Result<(), Failure> {
    let selected = |option| ["test"].into_iter().chain(selection.iter().copied()).chain([option]);
    run_command(&mut workspace.cargo(selected("--no-run"))).map_err(Failure::Build)?;
    Ok(run_command(extent.tell(&mut workspace.cargo(selected("--no-fail-fast"))))?)
}

/// Instrumented code is built apart: if it does not build, the other steps still can.
fn fuzz(workspace: &Workspace, extent: Extent) -> Result<(), Failure> {
    let each = match extent {
        Extent::Usual => Duration::from_secs(10),
        Extent::Full => Duration::from_secs(300),
    };
    Ok(Fuzzer::build(workspace)?.run(each)?)
}

fn end_to_end(workspace: &Workspace, extent: Extent) -> Result<(), Failure> {
    let program = workspace.build_program().map_err(Failure::Build)?;
    run_command(&mut workspace.cargo(["test", "--package", "end-to-end", "--no-run"]))
        .map_err(Failure::Build)?;
    let mut test = workspace.cargo(["test", "--package", "end-to-end", "--no-fail-fast"]);
    test.env("MESSNGR_BINARY", program).env("MESSNGR_PEERS", workspace.peers()).env("PATH", search_path()?);
    Ok(run_command(extent.tell(&mut test))?)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_failing_check_does_not_hide_what_later_steps_would_say() {
        let mut ran = Vec::new();
        let summary = run_each(&[Step::Format, Step::Lint, Step::Unit], |step| {
            ran.push(step);
            if step == Step::Lint { Err(Failure::Check(anyhow!("a warning"))) } else { Ok(()) }
        });
        assert_eq!(ran, [Step::Format, Step::Lint, Step::Unit]);
        assert!(summary.to_string().ends_with("2 passed, 1 failed"), "{summary}");
    }

    #[test]
    fn after_a_failing_build_nothing_more_is_run() {
        let mut ran = Vec::new();
        let summary = run_each(&[Step::Unit, Step::EndToEnd], |step| {
            ran.push(step);
            Err(Failure::Build(anyhow!("it does not compile")))
        });
        assert_eq!(ran, [Step::Unit]);
        assert!(!summary.succeeded());
    }

    #[test]
    fn the_steps_are_named_as_one_would_type_them() {
        assert_eq!(
            Step::TEST.map(Step::name).join(" "),
            "peers format lint documentation unit fuzz end-to-end"
        );
    }
}
