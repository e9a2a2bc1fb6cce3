use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::{Address, Audience, displayable};

/// The id of an [`Alert`]: a UUIDv7.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(Uuid);

impl AlertId {
    /// An id of this moment. Of `random`, 74 bits are used.
    pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
        let milliseconds = u64::try_from(at.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
    }

    /// The id that these 16 bytes are.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The 16 bytes of the id.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for AlertId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for AlertId {
    type Err = AlertError;

    fn from_str(text: &str) -> Result<Self, AlertError> {
        text.parse()
            .map(Self)
            .map_err(|_| AlertError::Id { text: displayable(text).chars().take(60).collect() })
    }
}

/// How much an alert matters, least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know.
    #[default]
    Information,
    /// Little harm.
    Minor,
    /// Some harm.
    Moderate,
    /// Much harm.
    Severe,
    /// Danger to life, or the loss of the plant.
    Extreme,
}

impl Severity {
    /// All of them, least first.
    pub const ALL: [Self; 5] = [Self::Information, Self::Minor, Self::Moderate, Self::Severe, Self::Extreme];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Minor => "minor",
            Self::Moderate => "moderate",
            Self::Severe => "severe",
            Self::Extreme => "extreme",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = AlertError;

    fn from_str(text: &str) -> Result<Self, AlertError> {
        let found = Self::ALL.into_iter().find(|severity| severity.as_str() == text);
        found.ok_or_else(|| AlertError::Severity { text: displayable(text).chars().take(60).collect() })
    }
}

/// What an administrator tells an audience, before the service has taken it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertDraft {
    /// Who tells it.
    pub issuer: Address,
    /// One line, 1 to 200 characters.
    pub headline: String,
    /// More words, at most 4,000 characters; may be empty.
    pub text: String,
    /// How much it matters.
    pub severity: Severity,
    /// Whom it is for.
    pub audience: Audience,
    /// What people can confirm with: 1 to 9 different choices of 1 to 40 characters. "OK" where nothing else is said.
    pub choices: Vec<String>,
    /// Whether it stays open for a person until they confirm it.
    pub must_confirm: bool,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// An alert that the service has taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// What it says, and to whom.
    #[serde(flatten)]
    pub draft: AlertDraft,
    /// When it took effect.
    pub effective_at: Timestamp,
    /// When and by whom it was called off.
    pub state: AlertState,
    /// The service's signature over what it says: JWS in compact form (RFC 7515), EdDSA.
    pub signature: String,
}

/// What has been done to an alert since it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AlertState {
    /// Nothing.
    Sent,
    /// It was called off.
    Cancelled {
        /// When.
        at: Timestamp,
        /// By whom.
        by: Address,
    },
    /// Its time was over and the people who had it were told.
    Expired {
        /// When.
        at: Timestamp,
    },
}

/// Where an alert stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertStatus {
    /// People are being told and can confirm.
    InForce,
    /// It was called off.
    Cancelled,
    /// Its time is over.
    Expired,
}

impl fmt::Display for AlertStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::InForce => "in force",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        })
    }
}

const HEADLINE_CHARS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 4_000;
const CHOICES_MAX: usize = 9;
const CHOICE_CHARS_MAX: usize = 40;

/// What is wrong with an alert or with a word about one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AlertError {
    /// The headline is empty or too long.
    #[error("the headline has {chars} characters: 1 to 200 are allowed; put more words into the text")]
    Headline {
        /// How many characters it has.
        chars: usize,
    },
    /// The text is too long.
    #[error("the text has {chars} characters: at most 4000 are allowed")]
    Text {
        /// How many characters it has.
        chars: usize,
    },
    /// The choices are none, too many, alike, empty or too long.
    #[error("the choices are wrong: {why}")]
    Choices {
        /// The rule they break.
        why: &'static str,
    },
    /// It would have ended before it began.
    #[error("the alert would expire before it takes effect")]
    Expiry,
    /// Not a severity.
    #[error("\"{text}\" is not a severity: there are information, minor, moderate, severe and extreme")]
    Severity {
        /// What was given.
        text: String,
    },
    /// Not an alert's id.
    #[error("\"{text}\" is not the id of an alert; `messngr alert list` shows them")]
    Id {
        /// What was given.
        text: String,
    },
}

impl AlertDraft {
    /// The draft with misleading characters removed, if it keeps the limits; `now` is when it would take effect.
    pub fn checked(mut self, now: Timestamp) -> Result<Self, AlertError> {
        self.headline = displayable(&self.headline).replace(['\n', '\t'], " ").trim().to_owned();
        self.text = displayable(&self.text).trim().to_owned();
        for choice in &mut self.choices {
            *choice = displayable(choice).replace(['\n', '\t'], " ").trim().to_owned();
        }
        let chars = self.headline.chars().count();
        if !(1..=HEADLINE_CHARS_MAX).contains(&chars) {
            return Err(AlertError::Headline { chars });
        }
        let chars = self.text.chars().count();
        if chars > TEXT_CHARS_MAX {
            return Err(AlertError::Text { chars });
        }
        if let Some(why) = wrong_choices(&self.choices) {
            return Err(AlertError::Choices { why });
        }
        if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(AlertError::Expiry);
        }
        Ok(self)
    }
}

fn wrong_choices(choices: &[String]) -> Option<&'static str> {
    if choices.is_empty() || choices.len() > CHOICES_MAX {
        return Some("there are 1 to 9");
    }
    if choices.iter().any(|choice| !(1..=CHOICE_CHARS_MAX).contains(&choice.chars().count())) {
        return Some("each has 1 to 40 characters");
    }
    let mut folded: Vec<String> = choices.iter().map(|choice| choice.to_lowercase()).collect();
    folded.sort_unstable();
    folded.dedup();
    (folded.len() != choices.len()).then_some("two of them are the same word")
}

impl Alert {
    /// Where it stands at `now`.
    pub fn status(&self, now: Timestamp) -> AlertStatus {
        match self.state {
            AlertState::Cancelled { .. } => AlertStatus::Cancelled,
            AlertState::Expired { .. } => AlertStatus::Expired,
            AlertState::Sent if self.draft.expires_at.is_some_and(|expires_at| expires_at <= now) => {
                AlertStatus::Expired
            }
            AlertState::Sent => AlertStatus::InForce,
        }
    }

    /// The choice that an answer means: its word in any case, with nothing around it.
    pub fn choice_meant(&self, answer: &str) -> Option<&str> {
        let answer = answer.trim().to_lowercase();
        self.draft.choices.iter().map(String::as_str).find(|choice| choice.to_lowercase() == answer)
    }

    /// What the signature covers: the fields that people read and decide by, in a fixed order, as JSON.
    pub fn signed_content(&self) -> String {
        let quoted = |text: &str| {
            let mut out = String::from("\"");
            for character in text.chars() {
                match character {
                    '"' => out.push_str("\\\""),
                    '\\' => out.push_str("\\\\"),
                    control if u32::from(control) < 0x20 => {
                        out.push_str(&format!("\\u{:04x}", u32::from(control)));
                    }
                    other => out.push(other),
                }
            }
            out + "\""
        };
        let choices: Vec<String> = self.draft.choices.iter().map(|choice| quoted(choice)).collect();
        let expires = self.draft.expires_at.map_or("null".to_owned(), |at| quoted(&at.to_string()));
        format!(
            "{{\"id\":{},\"issuer\":{},\"headline\":{},\"text\":{},\"severity\":{},\"audience\":{},\"choices\":[{}],\"must_confirm\":{},\"effective_at\":{},\"expires_at\":{expires}}}",
            quoted(&self.id.to_string()),
            quoted(self.draft.issuer.as_str()),
            quoted(&self.draft.headline),
            quoted(&self.draft.text),
            quoted(self.draft.severity.as_str()),
            quoted(&self.draft.audience.to_string()),
            choices.join(","),
            self.draft.must_confirm,
            quoted(&self.effective_at.to_string()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> AlertDraft {
        AlertDraft {
            issuer: Address::parse("admin@x.internal").unwrap(),
            headline: "Fire drill".to_owned(),
            text: String::new(),
            severity: Severity::Severe,
            audience: "everyone".parse().unwrap(),
            choices: vec!["I am safe".to_owned(), "Need help".to_owned()],
            must_confirm: true,
            expires_at: None,
        }
    }

    fn alert(draft: AlertDraft) -> Alert {
        let at = Timestamp::UNIX_EPOCH;
        Alert {
            id: AlertId::new(at, [7; 10]),
            draft,
            effective_at: at,
            state: AlertState::Sent,
            signature: String::new(),
        }
    }

    #[test]
    fn limits_are_said_in_words() {
        let now = Timestamp::UNIX_EPOCH;
        assert!(draft().checked(now).is_ok());
        assert_eq!(
            AlertDraft { headline: " ".into(), ..draft() }.checked(now),
            Err(AlertError::Headline { chars: 0 })
        );
        assert!(AlertDraft { choices: vec![], ..draft() }.checked(now).is_err());
        assert!(AlertDraft { choices: vec!["OK".into(), "ok".into()], ..draft() }.checked(now).is_err());
        assert_eq!(AlertDraft { expires_at: Some(now), ..draft() }.checked(now), Err(AlertError::Expiry));
        let cleaned = AlertDraft { headline: "Fi\u{202e}re\u{1b}".into(), ..draft() }.checked(now).unwrap();
        assert_eq!(cleaned.headline, "Fire");
    }

    #[test]
    fn an_answer_means_a_choice_whatever_its_case_and_nothing_else_does() {
        let alert = alert(draft());
        assert_eq!(alert.choice_meant("  i AM safe\n"), Some("I am safe"));
        assert_eq!(alert.choice_meant("I am safe, thanks"), None);
    }

    #[test]
    fn its_time_ends_it() {
        let end = Timestamp::from_second(100).unwrap();
        let alert = alert(AlertDraft { expires_at: Some(end), ..draft() });
        assert_eq!(alert.status(Timestamp::from_second(99).unwrap()), AlertStatus::InForce);
        assert_eq!(alert.status(end), AlertStatus::Expired);
    }

    #[test]
    fn what_is_signed_changes_with_every_word() {
        let one = alert(draft()).signed_content();
        let other = alert(AlertDraft { text: "a\"b\\\n".into(), ..draft() }).signed_content();
        assert_ne!(one, other);
        assert!(other.contains(r#""a\"b\\\u000a""#));
    }
}
