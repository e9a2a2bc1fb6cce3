use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Alert, AlertError, AlertState,
    draft::{NEEDS_CONFIRMATION, REPEAT_SECONDS},
};
use crate::Receipt;

/// What the service has done with an alert by time. It is committed with each thing that is done, so that after a
/// crash nothing is done twice and nothing is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertProgress {
    /// When people were told first, where that was later than the alert said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// How many times those who had not confirmed were told again, the times that were slept through included.
    #[serde(default)]
    pub repeats: u32,
    /// For each level of the escalation whose time has come, whether more people were told.
    #[serde(default)]
    pub levels: Vec<bool>,
    /// How many times somebody had it said again, beside what it does by time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub said_again: u32,
    /// When somebody had it said again last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said_again_at: Option<Timestamp>,
    /// Whether it ended before it took effect.
    #[serde(default, skip_serializing_if = "is_no")]
    pub never_began: bool,
}

impl AlertProgress {
    /// The number of the repetition that came last: 0 where there was none. No two repetitions of an alert have the same.
    pub fn repetition(&self) -> u32 {
        self.repeats.saturating_add(self.said_again)
    }
}

fn is_no(value: &bool) -> bool {
    !*value
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What is to be done with an alert by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertStep {
    /// It takes effect: people are told.
    Start,
    /// Its time is over.
    Expire,
    /// It is looked whether enough have confirmed, for this level.
    Escalate(usize),
    /// Those who have not confirmed are told again, for the time of this number.
    Repeat(u32),
}

impl Alert {
    /// When people were told, or will be.
    pub fn started_at(&self) -> Timestamp {
        self.progress.started_at.unwrap_or(self.effective_at)
    }

    /// Before when an answer is in time of those who were told by this level of the escalation, 0 being none: until it is
    /// looked the next time whether enough have confirmed, and at the latest until the alert ends. None where no answer
    /// can be late.
    pub fn answer_by(&self, level: u32) -> Option<Timestamp> {
        let next = usize::try_from(level).ok().and_then(|level| self.draft.escalation.get(level));
        let next = next.and_then(|next| {
            self.started_at().checked_add(SignedDuration::from_secs(next.after_seconds.into())).ok()
        });
        next.into_iter().chain(self.draft.expires_at).min()
    }

    /// Whether somebody has answered when the time for it was over.
    pub fn is_late(&self, receipt: &Receipt) -> bool {
        let answered = receipt.confirmation.as_ref().zip(self.answer_by(receipt.level));
        answered.is_some_and(|(confirmation, by)| confirmation.at >= by)
    }

    /// What is to be done next, and when; nothing where it has ended or waits for a person.
    pub fn next_step(&self) -> Option<(Timestamp, AlertStep)> {
        match self.state {
            AlertState::Planned => Some((self.effective_at, AlertStep::Start)),
            AlertState::Sent => self.steps().into_iter().flatten().min(),
            _ => None,
        }
    }

    fn steps(&self) -> [Option<(Timestamp, AlertStep)>; 3] {
        let after = |seconds: u64| {
            let seconds = i64::try_from(seconds).ok()?;
            self.started_at().checked_add(SignedDuration::from_secs(seconds)).ok()
        };
        let level = self.progress.levels.len();
        let repeat = self.progress.repeats.saturating_add(1);
        [
            self.draft.expires_at.map(|at| (at, AlertStep::Expire)),
            self.draft.escalation.get(level).and_then(|escalation| {
                Some((after(escalation.after_seconds.into())?, AlertStep::Escalate(level)))
            }),
            self.draft.repeat_seconds.and_then(|every| {
                Some((after(u64::from(every) * u64::from(repeat))?, AlertStep::Repeat(repeat)))
            }),
        ]
    }

    /// From when on somebody may have it said again to those who have not confirmed: between two repetitions passes as
    /// long as between those that come by themselves, at least.
    ///
    /// # Errors
    /// [`AlertError::Repeat`]: nobody has to confirm it.
    pub fn may_be_said_again_from(&self) -> Result<Timestamp, AlertError> {
        if !self.draft.must_confirm {
            return Err(AlertError::Repeat { why: NEEDS_CONFIRMATION });
        }
        let after = |at: Timestamp, seconds: u64| {
            let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
            at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
        };
        let by_itself = self.draft.repeat_seconds.filter(|_| self.progress.repeats > 0);
        let by_itself = by_itself
            .map(|every| after(self.started_at(), u64::from(every) * u64::from(self.progress.repeats)));
        let last = by_itself.into_iter().chain(self.progress.said_again_at).max();
        Ok(last.map_or(self.started_at(), |last| after(last, (*REPEAT_SECONDS.start()).into())))
    }

    /// How many repetitions have come due by `now`.
    pub fn repeats_due(&self, now: Timestamp) -> u32 {
        let Some(every) = self.draft.repeat_seconds.filter(|every| *every > 0) else { return 0 };
        let seconds = now.duration_since(self.started_at()).as_secs().max(0);
        u32::try_from(seconds / i64::from(every)).unwrap_or(u32::MAX)
    }

    /// The audiences that the alert has been for so far: its own, and those of the levels at which more were told.
    pub fn audiences(&self) -> impl Iterator<Item = &crate::Audience> {
        let levels = self.draft.escalation.iter().zip(&self.progress.levels);
        let told = levels.filter(|(_, told)| **told).map(|(level, _)| &level.audience);
        std::iter::once(&self.draft.audience).chain(told)
    }
}
