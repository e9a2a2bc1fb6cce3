//! What happens when.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// One moment for each subject.
#[derive(Debug)]
pub(super) struct Timers<Subject> {
    moments: BTreeMap<Subject, Instant>,
    order: BTreeSet<(Instant, Subject)>,
}

impl<Subject: Copy + Ord> Timers<Subject> {
    pub(super) fn new() -> Self {
        Self { moments: BTreeMap::new(), order: BTreeSet::new() }
    }

    pub(super) fn set(&mut self, subject: Subject, moment: Instant) {
        self.clear(subject);
        self.moments.insert(subject, moment);
        self.order.insert((moment, subject));
    }

    pub(super) fn clear(&mut self, subject: Subject) {
        if let Some(moment) = self.moments.remove(&subject) {
            self.order.remove(&(moment, subject));
        }
    }

    pub(super) fn first(&self) -> Option<Instant> {
        self.order.first().map(|(moment, _)| *moment)
    }

    /// The next subject whose moment has come.
    pub(super) fn due(&mut self, now: Instant) -> Option<Subject> {
        let subject = self.first_due(now)?;
        self.clear(subject);
        Some(subject)
    }

    /// The same, which stays where it is.
    pub(super) fn first_due(&self, now: Instant) -> Option<Subject> {
        self.order.first().filter(|(moment, _)| *moment <= now).map(|(_, subject)| *subject)
    }
}
