use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::ConditionKind;

/// The most characters of a subject.
pub const SUBJECT_CHARS_MAX: usize = 100;
/// The most characters of the words that whoever raises a condition gives.
pub const WORDS_CHARS_MAX: usize = 500;

/// Within which time what is counted has to happen often enough.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// When what is counted has not happened for so long, it is over.
pub(super) const CALM: SignedDuration = SignedDuration::from_mins(15);
/// How long is waited with what has just begun to be counted, so that the first sentence has most of it.
pub(super) const GATHERING: SignedDuration = SignedDuration::from_secs(5);
/// How long what the service looks at by itself stands before it is told once more.
pub(super) const REMINDER: SignedDuration = SignedDuration::from_hours(24);
/// How many conditions are known at once that others than the service itself have raised.
pub(super) const RAISED_MAX: usize = 500;
/// How many of a kind are counted at once. What comes beyond is counted together.
pub(super) const COUNTED_MAX: usize = 1_000;

/// What an administrator decides about the Alerter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlerterRules {
    /// The kinds that nobody is told of.
    pub off: BTreeSet<ConditionKind>,
    /// How many failed sign-ins of one address within five minutes are told.
    pub failed_sign_ins: u32,
    /// How long a condition is not told again after it was.
    pub repeat: SignedDuration,
    /// How many notices there are within an hour at most.
    pub notices_per_hour_max: u32,
    /// How long power has to come from a battery before it is told.
    pub battery: SignedDuration,
}

impl Default for AlerterRules {
    fn default() -> Self {
        Self {
            off: BTreeSet::new(),
            failed_sign_ins: 5,
            repeat: SignedDuration::from_mins(60),
            notices_per_hour_max: 20,
            battery: SignedDuration::from_secs(10),
        }
    }
}

impl AlerterRules {
    /// How often something has to happen within the window.
    pub(super) fn threshold(&self, kind: ConditionKind) -> u64 {
        match kind {
            ConditionKind::FailedSignIns => self.failed_sign_ins.into(),
            ConditionKind::GuessedPassword => 10,
            ConditionKind::RefusedSource => 5,
            _ => 1,
        }
    }

    /// How long a condition stands before it is told.
    pub(super) fn hold(&self, kind: ConditionKind) -> SignedDuration {
        match kind {
            ConditionKind::OnBattery => self.battery,
            _ if kind.is_counted() => GATHERING,
            _ => SignedDuration::ZERO,
        }
    }

    /// How many notices of one kind there are within an hour at most.
    pub(super) fn notices_of_kind_max(&self) -> u32 {
        (self.notices_per_hour_max / 3).max(1)
    }
}
