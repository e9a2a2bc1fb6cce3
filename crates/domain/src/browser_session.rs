use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::displayable;

/// The id of a [`BrowserSession`]. The secret by which the browser is known is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BrowserSessionId(Uuid);

/// A browser in which a person has signed in, and what for it is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserSession {
    /// Its id.
    pub id: BrowserSessionId,
    /// What the browser calls itself, shortened.
    pub agent: String,
    /// From which network address it was used last.
    pub source: String,
    /// Whether the person wants to stay signed in when the browser is closed.
    pub remembered: bool,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used, to ten minutes.
    pub last_used_at: Timestamp,
}

/// How long one lasts that is not used: 30 days where it is to be remembered, otherwise 12 hours.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);
const NOT_REMEMBERED: SignedDuration = SignedDuration::from_hours(12);

/// How often a use is remembered at most.
const USE_INTERVAL: SignedDuration = SignedDuration::from_mins(10);

/// How much is kept of what a browser calls itself.
const AGENT_CHARS_MAX: usize = 200;

impl BrowserSession {
    /// One that begins now.
    pub fn begin(
        id: BrowserSessionId,
        agent: &str,
        source: String,
        remembered: bool,
        now: Timestamp,
    ) -> Self {
        let agent = displayable(agent).chars().take(AGENT_CHARS_MAX).collect();
        Self { id, agent, source, remembered, created_at: now, last_used_at: now }
    }

    /// How long it lasts from its last use on.
    pub fn lasts(&self) -> SignedDuration {
        if self.remembered { REMEMBERED } else { NOT_REMEMBERED }
    }

    /// Whether it has ended by itself.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.last_used_at) >= self.lasts()
    }

    /// What is to be remembered of a use from this network address now, if anything.
    pub fn used(&self, source: Option<&str>, now: Timestamp) -> Option<Self> {
        let has_moved = source.is_some_and(|source| source != self.source);
        if !has_moved && now.duration_since(self.last_used_at) < USE_INTERVAL {
            return None;
        }
        let source = source.map_or_else(|| self.source.clone(), str::to_owned);
        Some(Self { source, last_used_at: now.max(self.last_used_at), ..self.clone() })
    }
}

impl BrowserSessionId {
    /// The id that these random bytes make.
    pub fn from_random(random: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(random).into_uuid())
    }
}

impl FromStr for BrowserSessionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

impl fmt::Display for BrowserSessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(remembered: bool) -> BrowserSession {
        let id = BrowserSessionId::from_random([7; 16]);
        BrowserSession::begin(
            id,
            "Mozilla/5.0\u{202e}",
            "10.0.0.9".to_owned(),
            remembered,
            Timestamp::UNIX_EPOCH,
        )
    }

    fn after(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn a_session_ends_when_nobody_uses_it_and_each_use_makes_it_last() {
        assert!(!session(false).is_over(after(11)) && session(false).is_over(after(12)));
        assert!(!session(true).is_over(after(719)) && session(true).is_over(after(720)));
        let used = session(true).used(Some("10.0.0.9"), after(719)).unwrap();
        assert!(!used.is_over(after(1_400)));
    }

    #[test]
    fn of_many_uses_one_is_remembered_and_each_move() {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(9);
        assert_eq!(session(true).used(Some("10.0.0.9"), now), None);
        assert_eq!(session(true).used(None, now), None);
        assert_eq!(session(true).used(Some("10.0.0.8"), now).unwrap().source, "10.0.0.8");
        assert!(session(true).used(None, after(1)).is_some());
    }

    #[test]
    fn what_a_browser_calls_itself_misleads_nobody() {
        assert_eq!(session(true).agent, "Mozilla/5.0");
        let id = BrowserSessionId::from_random([7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
