//! The Alerter: what is not normal on this host, when it is told, and when it is told again.
//!
//! A [`ConditionKind`] and a subject name a condition. One that stands is raised and cleared; one that is counted
//! begins when something has happened often enough within a while, and is over when it has not happened for a while.
//! However much happens, no more is told than [`Budget`]s allow: what waits is gathered into one sentence.

mod budget;
mod condition;
mod details;
mod disk;
mod kept;
mod kind;
mod machine;
mod name;
mod notice;
mod rules;
#[cfg(test)]
mod tests;

pub use budget::Budget;
pub use condition::Finder;
pub use details::Details;
pub use disk::{DiskLimits, DiskSpace};
pub use kept::{Kept, KeptTold};
pub use kind::{ConditionKind, ConditionKindError};
pub use machine::{Alerter, AlerterError, Remembered, Standing, as_subject};
pub use name::AlertName;
pub use notice::{News, Notice};
pub use rules::{AlerterRules, SUBJECT_CHARS_MAX, WORDS_CHARS_MAX};
