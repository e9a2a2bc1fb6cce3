//! What is said at the end of a run: one line per step, then one line for everything.

use std::fmt;
use std::time::Duration;

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    /// An earlier build failed, so that this step could have told nothing new.
    NotRun,
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotRun => "not run",
        })
    }
}

/// The outcomes of a run, in the order of its steps.
#[derive(Default)]
pub(crate) struct Summary {
    rows: Vec<(String, Outcome, Duration)>,
}

impl Summary {
    pub(crate) fn add(&mut self, step: impl Into<String>, outcome: Outcome, took: Duration) {
        self.rows.push((step.into(), outcome, took));
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.rows.iter().all(|(_, outcome, _)| *outcome == Outcome::Passed)
    }

    fn count(&self, wanted: Outcome) -> usize {
        self.rows.iter().filter(|(_, outcome, _)| *outcome == wanted).count()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{:<15} {:<8} {:>8}", "step", "result", "seconds")?;
        for (step, outcome, took) in &self.rows {
            writeln!(formatter, "{step:<15} {outcome:<8} {:>8.1}", took.as_secs_f64())?;
        }
        writeln!(formatter)?;
        write!(formatter, "{} passed, {} failed", self.count(Outcome::Passed), self.count(Outcome::Failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(number: f64) -> Duration {
        Duration::from_secs_f64(number)
    }

    #[test]
    fn the_table_lists_each_step_and_closes_with_the_counts() {
        let mut summary = Summary::default();
        summary.add("peers", Outcome::Passed, seconds(0.42));
        summary.add("unit", Outcome::Failed, seconds(61.0));
        summary.add("end-to-end", Outcome::NotRun, Duration::ZERO);
        assert_eq!(
            summary.to_string(),
            "step            result    seconds\n\
             peers           passed        0.4\n\
             unit            failed       61.0\n\
             end-to-end      not run       0.0\n\
             \n\
             1 passed, 1 failed"
        );
    }

    #[test]
    fn a_run_succeeds_only_when_every_step_ran_and_passed() {
        let mut summary = Summary::default();
        summary.add("format", Outcome::Passed, Duration::ZERO);
        assert!(summary.succeeded());
        summary.add("unit", Outcome::NotRun, Duration::ZERO);
        assert!(!summary.succeeded());
    }
}
