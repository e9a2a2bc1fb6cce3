use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::AlertError;
use crate::displayable;

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
