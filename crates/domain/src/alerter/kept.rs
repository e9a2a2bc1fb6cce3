use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ConditionKind, Details,
    condition::{Condition, Finder, Told},
};
use crate::Severity;

/// A condition that was raised, as it is kept for the next start of the service. What is counted is counted anew then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Of what kind.
    pub kind: ConditionKind,
    /// What it is about.
    pub subject: String,
    /// Who has found it out.
    pub finder: Finder,
    /// How much it matters.
    pub severity: Severity,
    /// What else there is to say.
    pub details: Details,
    /// Whether it is not normal now. Where it is, that people were told of it has to be taken back.
    pub stands: bool,
    /// Since when.
    pub since: Timestamp,
    /// When it was last heard of.
    pub last: Timestamp,
    /// How often it was raised in all.
    pub total: u64,
    /// What people were last told of it; none where they were not yet.
    pub told: Option<KeptTold>,
}

/// What people were told of a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTold {
    /// When.
    pub at: Timestamp,
    /// How much it mattered then.
    pub severity: Severity,
    /// With what details.
    pub details: Option<Details>,
}

impl Kept {
    pub(super) fn of(subject: &str, condition: &Condition) -> Self {
        let told = condition.told.clone().map(|told| KeptTold {
            at: told.at,
            severity: told.severity,
            details: told.details,
        });
        Self {
            kind: condition.kind,
            subject: subject.to_owned(),
            finder: condition.finder(),
            severity: condition.severity,
            details: condition.details.clone(),
            stands: condition.stands,
            since: condition.since,
            last: condition.last,
            total: condition.total,
            told,
        }
    }

    /// The condition, as it is known at this time: none of its times is later.
    pub(super) fn condition(self, now: Timestamp) -> Condition {
        // What the service itself finds out, it finds out again, and then it is no news.
        let is_others = self.finder == Finder::Others;
        let told = self.told.map(|told| Told {
            at: told.at.min(now),
            severity: told.severity,
            details: told.details.filter(|_| is_others),
        });
        let since = self.since.min(now);
        Condition {
            severity: self.severity,
            details: if is_others { self.details } else { Details::None },
            stands: self.stands,
            last: self.last.min(now),
            counted_since: since,
            total: self.total,
            told,
            remembered: Some(self.finder),
            ..Condition::new(self.kind, since)
        }
    }
}
