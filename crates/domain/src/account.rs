use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Address;

/// A person or a service that can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Who.
    pub address: Address,
    /// The NetBIOS spelling: unique, assigned once, kept. At most 15 ASCII characters.
    pub netbios: String,
    /// Whether this account may administer the service and send alerts.
    pub administrator: bool,
    /// Disabled accounts cannot sign in and cannot be reached.
    pub disabled: bool,
    /// Whether senders whom nobody vouches for (NET SEND, WinPopup) may reach this person.
    pub accepts_unverified: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A set of people that the administrator names: a department, a ward, a shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: GroupName,
    /// Who is in it, in the order of their addresses.
    pub members: Vec<Address>,
}

/// The name of a [`Group`]: 1 to 64 letters, digits, `-`, `_`, `.`; lower-case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GroupName(String);

impl GroupName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a [`GroupName`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not a group name: 1 to 64 letters, digits, \"-\", \"_\" or \".\"")]
pub struct GroupNameError(String);

impl FromStr for GroupName {
    type Err = GroupNameError;

    fn from_str(text: &str) -> Result<Self, GroupNameError> {
        let name = text.to_lowercase();
        let fits = (1..=64).contains(&name.chars().count())
            && name.chars().all(|character| character.is_alphanumeric() || "-_.".contains(character));
        if fits {
            Ok(Self(name))
        } else {
            Err(GroupNameError(crate::displayable(text).chars().take(80).collect()))
        }
    }
}

impl TryFrom<String> for GroupName {
    type Error = GroupNameError;

    fn try_from(text: String) -> Result<Self, GroupNameError> {
        text.parse()
    }
}

impl From<GroupName> for String {
    fn from(name: GroupName) -> Self {
        name.0
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
