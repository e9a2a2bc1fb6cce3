//! Everything that was measured, as it stands in the file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::cases::Case;
use super::contestants::Contestant;

/// One run of the benchmark.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Results {
    /// When, and on what.
    pub(super) machine: Machine,
    /// Version of each program, by name.
    pub(super) versions: BTreeMap<String, String>,
    /// How large the program messngr is.
    pub(super) program_bytes: u64,
    /// How often everything was measured that is measured more than once.
    pub(super) rounds: usize,
    /// Whether this only shows that everything works.
    pub(super) quick: bool,
    /// Whether people counted stanzas (XEP-0198).
    pub(super) stream_management: bool,
    pub(super) measurements: Vec<Measurement>,
    pub(super) failures: Vec<Failure>,
}

/// When and on what was measured.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Machine {
    pub(super) date: String,
    pub(super) processor: String,
    pub(super) processors: usize,
    pub(super) memory_bytes: u64,
    pub(super) system: String,
}

/// One case on one contestant once.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Measurement {
    pub(super) case: String,
    pub(super) contestant: String,
    pub(super) round: usize,
    /// Why it is to be doubted: the machine was busy with something else.
    pub(super) doubt: Option<String>,
    /// Why there are no figures: the server does not have what was to be measured.
    pub(super) absent: Option<String>,
    pub(super) figures: BTreeMap<String, f64>,
}

/// A case on a contestant that could not be measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Failure {
    pub(super) case: String,
    pub(super) contestant: String,
    pub(super) round: usize,
    pub(super) error: String,
}

/// One figure over the rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) least: f64,
    pub(super) median: f64,
    pub(super) most: f64,
    /// How many there are.
    pub(super) count: usize,
}

impl Spread {
    /// Of figures, if there are any. The median of an even number is half-way between the two in the middle.
    pub(super) fn of(mut figures: Vec<f64>) -> Option<Self> {
        figures.sort_by(f64::total_cmp);
        let (least, most) = (*figures.first()?, *figures.last()?);
        let count = figures.len();
        let median = (figures[(count - 1) / 2] + figures[count / 2]) / 2.0;
        Some(Self { least, median, most, count })
    }
}

impl Results {
    /// Writes the file.
    pub(super) fn write(&self, file: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Reads the file.
    pub(super) fn read(file: &Path) -> Result<Self> {
        let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is of another version", file.display()))
    }

    /// Takes over what an earlier run measured, but for these cases on these contestants, which are measured again.
    /// Only what the same programs did on the same machine can stand beside each other.
    pub(super) fn continue_from(
        &mut self,
        earlier: Self,
        cases: &[Case],
        contestants: &[Contestant],
    ) -> Result<()> {
        let place =
            |machine: &Machine| (machine.processor.clone(), machine.processors, machine.system.clone());
        ensure!(
            earlier.versions == self.versions && place(&earlier.machine) == place(&self.machine),
            "what is in the file was measured of other programs or on another machine: measure all without --append"
        );
        ensure!(
            earlier.stream_management == self.stream_management && !earlier.quick,
            "what is in the file was measured in another way: measure all without --append"
        );
        let again = |case: &str, contestant: &str| {
            cases.iter().any(|one| one.name() == case)
                && contestants.iter().any(|one| one.name() == contestant)
        };
        let kept = earlier.measurements.into_iter().filter(|one| !again(&one.case, &one.contestant));
        self.measurements.extend(kept);
        let failed = earlier.failures.into_iter().filter(|one| !again(&one.case, &one.contestant));
        self.failures.extend(failed);
        self.rounds = self.rounds.max(earlier.rounds);
        Ok(())
    }

    /// A figure of a case on a contestant over the rounds.
    pub(super) fn figure(&self, case: Case, contestant: Contestant, key: &str) -> Option<Spread> {
        Spread::of(self.of(case, contestant).filter_map(|one| one.figures.get(key).copied()).collect())
    }

    /// The median of a figure.
    pub(super) fn median(&self, case: Case, contestant: Contestant, key: &str) -> Option<f64> {
        self.figure(case, contestant, key).map(|spread| spread.median)
    }

    /// The names of the figures of a case on a contestant.
    pub(super) fn keys(&self, case: Case, contestant: Contestant) -> impl Iterator<Item = &str> {
        self.of(case, contestant).take(1).flat_map(|one| one.figures.keys().map(String::as_str))
    }

    /// Why a case on a contestant is to be doubted.
    pub(super) fn doubt(&self, case: Case, contestant: Contestant) -> Option<&str> {
        self.of(case, contestant).find_map(|one| one.doubt.as_deref())
    }

    /// Why a case has no figures on a contestant: it does not have that, or it failed.
    pub(super) fn absence(&self, case: Case, contestant: Contestant) -> Option<&str> {
        let failed = self
            .failures
            .iter()
            .find(|failure| failure.case == case.name() && failure.contestant == contestant.name());
        let absent = self.of(case, contestant).find_map(|one| one.absent.as_deref());
        absent.or(failed.map(|failure| failure.error.as_str()))
    }

    fn of(&self, case: Case, contestant: Contestant) -> impl Iterator<Item = &Measurement> {
        let (case, contestant) = (case.name(), contestant.name());
        self.measurements.iter().filter(move |one| one.case == case && one.contestant == contestant)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A measurement of one figure.
    pub(in crate::bench) fn measured(
        case: Case,
        contestant: Contestant,
        figures: &[(&str, f64)],
    ) -> Measurement {
        Measurement {
            case: case.name(),
            contestant: contestant.name(),
            round: 1,
            doubt: None,
            absent: None,
            figures: figures.iter().map(|(key, figure)| ((*key).to_owned(), *figure)).collect(),
        }
    }

    #[test]
    fn the_median_is_of_the_rounds_of_one_case_and_one_server() {
        let mut results = Results::default();
        for (case, contestant, figure) in [
            (Case::Chat1, Contestant::Relay, 3.0),
            (Case::Chat1, Contestant::Relay, 1.0),
            (Case::Chat1, Contestant::Relay, 8.0),
            (Case::Chat1, Contestant::Messngr, 9.0),
            (Case::Chat10, Contestant::Relay, 9.0),
        ] {
            results.measurements.push(measured(case, contestant, &[("f", figure)]));
        }
        let spread = results.figure(Case::Chat1, Contestant::Relay, "f").unwrap();
        assert_eq!(spread, Spread { least: 1.0, median: 3.0, most: 8.0, count: 3 });
        assert_eq!(results.figure(Case::Chat10, Contestant::Messngr, "f"), None);
        assert_eq!(results.figure(Case::Chat1, Contestant::Relay, "g"), None);
    }

    #[test]
    fn the_median_of_two_is_between_them() {
        assert_eq!(Spread::of(vec![4.0, 1.0]).unwrap().median, 2.5);
        assert_eq!(Spread::of(Vec::new()), None);
    }

    #[test]
    fn a_run_in_parts_keeps_what_it_does_not_measure_again_and_refuses_other_programs() {
        let run = |case, figure, version: &str| Results {
            rounds: 1,
            versions: BTreeMap::from([("messngr".to_owned(), version.to_owned())]),
            measurements: vec![measured(case, Contestant::Relay, &[("f", figure)])],
            ..Results::default()
        };
        let mut results = run(Case::Chat1, 2.0, "1");
        results.continue_from(run(Case::Alert, 3.0, "1"), &[Case::Chat1], &[Contestant::Relay]).unwrap();
        assert_eq!(results.median(Case::Alert, Contestant::Relay, "f"), Some(3.0));
        results.continue_from(run(Case::Chat1, 9.0, "1"), &[Case::Chat1], &[Contestant::Relay]).unwrap();
        assert_eq!(results.median(Case::Chat1, Contestant::Relay, "f"), Some(2.0));
        assert!(results.continue_from(run(Case::Idle, 1.0, "2"), &[], &[]).is_err());
    }

    #[test]
    fn what_was_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bench.json");
        let mut results = Results { rounds: 2, ..Results::default() };
        results.measurements.push(measured(Case::Alert, Contestant::Relay, &[("f", 0.25)]));
        results.write(&file).unwrap();
        let read = Results::read(&file).unwrap();
        assert_eq!((read.rounds, read.median(Case::Alert, Contestant::Relay, "f")), (2, Some(0.25)));
    }
}
