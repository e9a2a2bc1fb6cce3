use jiff::SignedDuration;

use super::{ConditionKind, Details, Finder};
use crate::Severity;

/// Something to be told: of one condition, or of several of one kind together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Of what kind.
    pub kind: ConditionKind,
    /// What of it.
    pub news: News,
    /// How much it matters; of several, the most.
    pub severity: Severity,
    /// The subjects: all of them, and never none.
    pub subjects: Vec<String>,
    /// Who has found it out; of several, the service itself where it was all of them.
    pub finder: Finder,
    /// How often it has happened: since it was last told, or, where it is over, in all.
    pub count: u64,
    /// Within which time.
    pub within: SignedDuration,
    /// What else there is to say of it, where it is one.
    pub details: Details,
}

/// What is told of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum News {
    /// It has begun, or has become worse.
    Begun,
    /// It goes on.
    GoesOn,
    /// It is normal again.
    Normal,
}

impl Notice {
    /// The only subject, where there is one.
    pub fn subject(&self) -> Option<&str> {
        match self.subjects.as_slice() {
            [subject] => Some(subject),
            _ => None,
        }
    }

    /// Whether nothing is in `older` that this one does not tell of as it is now.
    pub fn tells_of_all_of(&self, older: &Self) -> bool {
        self.kind == older.kind && older.subjects.iter().all(|subject| self.subjects.contains(subject))
    }
}
