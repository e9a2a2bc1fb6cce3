use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Severity, displayable};

/// What kind of thing is not normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionKind {
    /// A disk has little room left; its subject is where it is mounted.
    DiskFilling,
    /// The store takes nothing that is written to it.
    StoreUnavailable,
    /// An uninterruptible power supply gives power from its battery; its subject is its name.
    OnBattery,
    /// A service of this host has failed; its subject is its name.
    ServiceFailed,
    /// Sign-ins from one address have failed.
    FailedSignIns,
    /// Sign-ins as one account have failed, from wherever.
    GuessedPassword,
    /// The password of one account was given wrongly so often that it cannot be changed for a while.
    LockedAccount,
    /// An address outside the allowed networks tries to connect.
    RefusedSource,
    /// An account has as many sessions, or connections, as it may.
    SessionLimit,
    /// An address, or all of them together, has as many connections as it may.
    ConnectionLimit,
    /// What a script has raised.
    Other,
}

/// A word that names no kind.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{text}\" is not a kind of condition; there are {}", words())]
pub struct ConditionKindError {
    text: String,
}

impl ConditionKind {
    /// All of them, the most important first.
    pub const ALL: [Self; 11] = [
        Self::OnBattery,
        Self::StoreUnavailable,
        Self::DiskFilling,
        Self::ServiceFailed,
        Self::Other,
        Self::ConnectionLimit,
        Self::GuessedPassword,
        Self::LockedAccount,
        Self::FailedSignIns,
        Self::SessionLimit,
        Self::RefusedSource,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DiskFilling => "disk-filling",
            Self::StoreUnavailable => "store-unavailable",
            Self::OnBattery => "on-battery",
            Self::ServiceFailed => "service-failed",
            Self::FailedSignIns => "failed-sign-ins",
            Self::GuessedPassword => "guessed-password",
            Self::LockedAccount => "locked-account",
            Self::RefusedSource => "refused-source",
            Self::SessionLimit => "session-limit",
            Self::ConnectionLimit => "connection-limit",
            Self::Other => "other",
        }
    }

    /// How much it matters where nobody says.
    pub fn severity(self) -> Severity {
        match self {
            Self::StoreUnavailable => Severity::Severe,
            Self::OnBattery | Self::DiskFilling | Self::ServiceFailed | Self::Other => Severity::Moderate,
            Self::GuessedPassword | Self::LockedAccount | Self::ConnectionLimit => Severity::Moderate,
            Self::FailedSignIns | Self::SessionLimit | Self::RefusedSource => Severity::Minor,
        }
    }

    /// Whether strangers can bring it about.
    pub(super) fn is_of_strangers(self) -> bool {
        self.is_counted()
    }

    /// Whether it begins by something that happens often, and not by being raised.
    pub fn is_counted(self) -> bool {
        matches!(
            self,
            Self::FailedSignIns
                | Self::GuessedPassword
                | Self::LockedAccount
                | Self::RefusedSource
                | Self::SessionLimit
                | Self::ConnectionLimit
        )
    }

    /// Whether it is always about something.
    pub(super) fn has_subject(self) -> bool {
        matches!(self, Self::DiskFilling | Self::OnBattery | Self::ServiceFailed)
    }

    /// Whether the service looks by itself, again and again, whether it still is so.
    pub(super) fn is_watched(self) -> bool {
        matches!(self, Self::DiskFilling | Self::StoreUnavailable | Self::OnBattery)
    }
}

impl fmt::Display for ConditionKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for ConditionKind {
    type Err = ConditionKindError;

    fn from_str(text: &str) -> Result<Self, ConditionKindError> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| ConditionKindError { text: displayable(text).chars().take(60).collect() })
    }
}

fn words() -> String {
    ConditionKind::ALL.map(ConditionKind::as_str).join(", ")
}
