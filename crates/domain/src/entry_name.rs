use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What an administrator calls a schedule or a template: 1 to 64 letters, digits, `-`, `_`, `.`; lower-case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntryName(String);

impl EntryName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not an [`EntryName`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not a name: 1 to 64 letters, digits, \"-\", \"_\" or \".\"")]
pub struct EntryNameError(String);

impl FromStr for EntryName {
    type Err = EntryNameError;

    fn from_str(text: &str) -> Result<Self, EntryNameError> {
        let name = text.to_lowercase();
        let fits = (1..=64).contains(&name.chars().count())
            && name.chars().all(|character| character.is_alphanumeric() || "-_.".contains(character));
        if fits {
            Ok(Self(name))
        } else {
            Err(EntryNameError(crate::displayable(text).chars().take(80).collect()))
        }
    }
}

impl TryFrom<String> for EntryName {
    type Error = EntryNameError;

    fn try_from(text: String) -> Result<Self, EntryNameError> {
        text.parse()
    }
}

impl From<EntryName> for String {
    fn from(name: EntryName) -> Self {
        name.0
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
