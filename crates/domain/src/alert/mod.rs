mod code;
mod draft;
mod error;
mod escalation;
mod progress;
mod severity;
mod signed;
#[cfg(test)]
mod tests;
mod words;

use std::{fmt, str::FromStr};

pub use code::ConfirmationCode;
pub use draft::{AlertDraft, AlertKind, Lifetime};
pub use error::AlertError;
pub use escalation::{Escalation, Threshold};
use jiff::Timestamp;
pub use progress::{AlertProgress, AlertStep};
use serde::{Deserialize, Serialize};
pub use severity::Severity;
pub use signed::SignedForm;
use uuid::Uuid;
pub use words::{LanguageTag, Translation, Words};

use crate::{Address, Receipt, ReceiptStage, displayable};

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

/// An alert that the service keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// What it says, and to whom.
    #[serde(flatten)]
    pub draft: AlertDraft,
    /// When it took effect, or is to.
    pub effective_at: Timestamp,
    /// How far it has come, and how it ended.
    pub state: AlertState,
    /// What has been done with it by time.
    #[serde(default)]
    pub progress: AlertProgress,
    /// The service's signature over what it says: JWS in compact form (RFC 7515), EdDSA. Empty until it is taken.
    pub signature: String,
}

/// What has been done to an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AlertState {
    /// It is written down; nobody is told.
    Draft,
    /// It is to be released by somebody else than its issuer.
    Waiting,
    /// It takes effect at its time; its recipients may be being written down.
    Planned,
    /// People are told.
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
    /// Another one took its place.
    Superseded {
        /// When.
        at: Timestamp,
        /// Which.
        by: AlertId,
    },
}

/// How far an alert has come: what is kept apart in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AlertPhase {
    /// It is written down.
    Draft,
    /// It waits for its release.
    Waiting,
    /// It waits for its time.
    Planned,
    /// It is in force.
    Open,
    /// It has ended.
    Ended,
}

/// Where an alert stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertStatus {
    /// It is written down; nobody is told.
    Draft,
    /// It waits for somebody's release.
    Waiting,
    /// It will take effect.
    Planned,
    /// People are being told and can confirm.
    InForce,
    /// It was called off.
    Cancelled,
    /// Its time is over.
    Expired,
    /// Another one took its place.
    Superseded,
}

impl fmt::Display for AlertStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Draft => "draft",
            Self::Waiting => "waiting for release",
            Self::Planned => "planned",
            Self::InForce => "in force",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
        })
    }
}

impl AlertState {
    /// How far an alert in this state has come.
    pub fn phase(&self) -> AlertPhase {
        match self {
            Self::Draft => AlertPhase::Draft,
            Self::Waiting => AlertPhase::Waiting,
            Self::Planned => AlertPhase::Planned,
            Self::Sent => AlertPhase::Open,
            Self::Cancelled { .. } | Self::Expired { .. } | Self::Superseded { .. } => AlertPhase::Ended,
        }
    }
}

impl AlertPhase {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Waiting => "waiting",
            Self::Planned => "planned",
            Self::Open => "open",
            Self::Ended => "ended",
        }
    }
}

impl Alert {
    /// Where it stands at `now`.
    pub fn status(&self, now: Timestamp) -> AlertStatus {
        match self.state {
            AlertState::Draft => AlertStatus::Draft,
            AlertState::Waiting => AlertStatus::Waiting,
            AlertState::Planned => AlertStatus::Planned,
            AlertState::Cancelled { .. } => AlertStatus::Cancelled,
            AlertState::Expired { .. } => AlertStatus::Expired,
            AlertState::Superseded { .. } => AlertStatus::Superseded,
            AlertState::Sent if self.draft.expires_at.is_some_and(|expires_at| expires_at <= now) => {
                AlertStatus::Expired
            }
            AlertState::Sent => AlertStatus::InForce,
        }
    }

    /// Whether people were told of it, or are being told. What was called off before has not come so far.
    pub fn has_taken_effect(&self) -> bool {
        // An alert that waits for its release is not signed.
        match self.state {
            AlertState::Draft | AlertState::Waiting | AlertState::Planned => false,
            AlertState::Sent => true,
            _ if self.progress.never_began || self.signature.is_empty() => false,
            // What ended before that was written down with it.
            AlertState::Cancelled { at, .. } | AlertState::Superseded { at, .. } => at >= self.started_at(),
            AlertState::Expired { .. } => true,
        }
    }

    /// The choice that an answer means: its word in any language of the alert, in any case, with nothing around it.
    pub fn choice_meant(&self, answer: &str) -> Option<&str> {
        let answer = answer.trim().to_lowercase();
        let meant = |choices: &[String]| choices.iter().position(|choice| choice.to_lowercase() == answer);
        let index = meant(&self.draft.choices)
            .or_else(|| self.draft.other_words().find_map(|words| meant(words.choices)))?;
        self.draft.choices.get(index).map(String::as_str)
    }

    /// Whether a person who signs in is to be shown the alert (again), by what is known of them.
    pub fn is_due_at_sign_in(&self, receipt: &Receipt) -> bool {
        let new = receipt.stage == ReceiptStage::Pending;
        let open = receipt.confirmation.is_none();
        match self.draft.lifetime {
            Lifetime::UntilConfirmed if self.draft.must_confirm => open,
            Lifetime::UntilConfirmed | Lifetime::Once => new && open,
            Lifetime::EverySignIn => open,
            Lifetime::NowOnly => false,
        }
    }
}
