mod cron;
mod recurrence;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

pub use cron::Cron;
use jiff::{
    SignedDuration, Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};
pub use recurrence::Recurrence;
use recurrence::Until;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{AlertDraft, AlertId, EntryName, displayable};

/// An alert that is sent again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its id: another schedule of the same name is another one.
    pub id: AlertId,
    /// What it is called.
    pub name: EntryName,
    /// What is sent. Its `begins_at`, `expires_at`, `updates` and `key` are of no account.
    pub draft: AlertDraft,
    /// After how many seconds each alert ends by itself.
    pub expires_after_seconds: Option<u32>,
    /// When.
    pub rule: Rule,
    /// The first local time at which it may be sent, from which a recurrence counts.
    pub starts_at: DateTime,
    /// Where the rule's times are local.
    pub zone: Zone,
    /// What happens to times that passed while the service did not run.
    pub missed: Missed,
    /// When it is sent next; none where it is over.
    pub next_at: Option<Timestamp>,
    /// Whether nothing is sent until it is resumed.
    pub paused: bool,
    /// Why the service paused it, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// When a schedule is due. As text: the parts of a recurrence rule (`FREQ=DAILY;BYHOUR=8`), or the fields of cron.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Rule {
    /// RFC 5545.
    Recurrence(Recurrence),
    /// Cron.
    Cron(Cron),
}

/// A time zone, by its name in the IANA database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

/// What happens to times that passed while the service did not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missed {
    /// Nothing is sent for them.
    #[default]
    Skip,
    /// One alert is sent for all of them.
    Once,
    /// An alert is sent for each, the newest 24 at most.
    All,
}

/// What a schedule has to do at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The times for which an alert is sent, oldest first.
    pub run: Vec<Timestamp>,
    /// How many times are passed over.
    pub skipped: usize,
    /// When it is due next.
    pub next_at: Option<Timestamp>,
}

/// Why a schedule cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The rule cannot be understood.
    #[error("\"{part}\" is no rule for times: {why}")]
    Rule {
        /// The part that is wrong, shortened.
        part: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not a time zone.
    #[error("\"{name}\" is not a time zone: write a name such as Europe/Berlin or UTC")]
    Zone {
        /// What was given.
        name: String,
    },
    /// It would never be due.
    #[error("the rule has no time that is still to come")]
    Never,
}

/// A time that is handled within this is not taken to have been missed.
const LATE_MAX: SignedDuration = SignedDuration::from_secs(60);
/// How many missed times are made up for.
const MISSED_MAX: usize = 24;
/// How many missed times are counted.
const COUNTED_MAX: usize = 10_000;
/// How many local times in a row may be no later instants: an hour that comes twice has 60 minutes.
const REPEATED_MAX: usize = 10_000;

impl Schedule {
    /// The first time after `after` at which it is due. A local time that is skipped (when clocks go forward) is moved
    /// to the instant after the gap; one that comes twice (when they go back) is due the first time only.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let zone = &self.zone.0;
        // An hour that comes twice is entered from its beginning.
        let mut local = zone.to_datetime(after);
        for _ in 0..REPEATED_MAX {
            local = match &self.rule {
                Rule::Recurrence(rule) => rule.next_after(self.starts_at, local)?,
                Rule::Cron(cron) => {
                    let before = self.starts_at.checked_sub(SignedDuration::from_secs(1)).ok()?;
                    cron.next_after(local.max(before))?
                }
            };
            if self.is_past_the_end(local, None) {
                return None;
            }
            let at = instant(zone, local)?;
            if self.is_past_the_end(local, Some(at)) {
                return None;
            }
            if at > after {
                return Some(at);
            }
        }
        None
    }

    /// What is to be done at `now`, when the schedule is due.
    pub fn due(&self, now: Timestamp) -> Due {
        let mut times = Vec::new();
        let mut next_at = self.next_at;
        while let Some(at) = next_at.filter(|at| *at <= now) {
            times.push(at);
            next_at = if times.len() < COUNTED_MAX { self.next_after(at) } else { self.next_after(now) };
        }
        let late = |at: &Timestamp| now.duration_since(*at) > LATE_MAX;
        let missed = times.iter().filter(|at| late(at)).count();
        let keep = match self.missed {
            Missed::Skip => times.len() - missed,
            Missed::Once => (times.len() - missed).max(1),
            Missed::All => times.len().min(MISSED_MAX.max(times.len() - missed)),
        };
        let skipped = times.len().saturating_sub(keep);
        Due { run: times.split_off(skipped), skipped, next_at }
    }

    /// The word by which the alert for one time is known: sent twice, it is the same.
    pub fn key(&self, at: Timestamp) -> String {
        format!("schedule:{}/{at}", self.id)
    }

    fn is_past_the_end(&self, local: DateTime, at: Option<Timestamp>) -> bool {
        let Rule::Recurrence(rule) = &self.rule else { return false };
        match (rule.until(), at) {
            (Some(Until::Local(end)), _) => local > end,
            (Some(Until::Instant(end)), Some(at)) => at > end,
            _ => false,
        }
    }
}

/// The instant of a local time.
fn instant(zone: &TimeZone, local: DateTime) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(local).ok()
        }
        // Read with the offset that comes later, the time lies before the change.
        AmbiguousOffset::Gap { after, .. } => {
            let before = after.to_timestamp(local).ok()?;
            zone.following(before).next().map(|change| change.timestamp())
        }
    }
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The local time of an instant.
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.0.to_datetime(at)
    }
}

impl FromStr for Zone {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let found = TimeZoneDatabase::bundled().get(text);
        found
            .map(Self)
            .map_err(|_| ScheduleError::Zone { name: displayable(text).chars().take(60).collect() })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

impl TryFrom<String> for Zone {
    type Error = ScheduleError;

    fn try_from(text: String) -> Result<Self, ScheduleError> {
        text.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.to_string()
    }
}

impl FromStr for Rule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        if text.contains('=') { text.parse().map(Self::Recurrence) } else { text.parse().map(Self::Cron) }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Recurrence(rule) => rule.text(),
            Self::Cron(cron) => cron.text(),
        })
    }
}

impl TryFrom<String> for Rule {
    type Error = ScheduleError;

    fn try_from(text: String) -> Result<Self, ScheduleError> {
        text.parse()
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        rule.to_string()
    }
}

impl FromStr for Missed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "skip" => Ok(Self::Skip),
            "once" => Ok(Self::Once),
            "all" => Ok(Self::All),
            _ => Err("there are skip, once and all".to_owned()),
        }
    }
}

impl ScheduleError {
    fn rule(part: &str, why: &'static str) -> Self {
        Self::Rule { part: displayable(part).chars().take(60).collect(), why }
    }
}
