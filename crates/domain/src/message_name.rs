use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::NETBIOS_SPELLING_MAX;

/// How many message names a computer may have beside its own (MS-MSRP 3.1.1: 256 of each network adapter).
pub const MESSAGE_NAMES_MAX: usize = 255;

/// A message name: an alias under which messages for this computer arrive, as `net name` makes it. 1 to 15 characters
/// of ASCII that every code page has, in upper case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct MessageName(String);

/// Why a message name cannot be had, or cannot be given up. Each has the number that NET HELPMSG explains (MS-MSRP
/// 2.2.2, 3.1.4).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MessageNameError {
    /// It is no name.
    #[error(
        "\"{0}\" is no message name: they have 1 to 15 letters, digits and marks, and do not begin with *"
    )]
    Invalid(String),
    /// It is among the computer's own already.
    #[error("the message name {0} is among this computer's already")]
    AlreadyExists(MessageName),
    /// There are as many as there may be.
    #[error("this computer has {MESSAGE_NAMES_MAX} message names, as many as it may")]
    TooMany,
    /// The computer's own name stays.
    #[error("the name of the computer itself cannot be deleted")]
    ComputerName,
    /// A person has it.
    #[error("the name {0} is a person's: what is sent to it reaches them")]
    InUse(MessageName),
    /// It is not among the computer's own.
    #[error("there is no message name {0} on this computer; `messngr net name` lists them")]
    NotLocal(String),
    /// Another computer of the network has it.
    #[error("another computer of the network has the name {0}")]
    Duplicate(MessageName),
}

impl MessageName {
    /// The name, in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl MessageNameError {
    /// The number by which administrators know it, as NET HELPMSG takes it.
    pub fn number(&self) -> u32 {
        match self {
            Self::Invalid(_) => 123,
            Self::AlreadyExists(_) => 2_276,
            Self::TooMany => 2_277,
            Self::ComputerName => 2_278,
            Self::InUse(_) => 2_283,
            Self::NotLocal(_) => 2_285,
            Self::Duplicate(_) => 2_297,
        }
    }
}

impl FromStr for MessageName {
    type Err = MessageNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim_end().to_ascii_uppercase();
        let fits = |character: char| character.is_ascii_graphic() && !"\"/\\[]:|<>+=;,?".contains(character);
        let is_name = (1..=NETBIOS_SPELLING_MAX).contains(&name.len())
            && !name.starts_with('*')
            && name.chars().all(|character| fits(character) || character == ' ')
            && !name.starts_with(' ');
        if is_name { Ok(Self(name)) } else { Err(MessageNameError::Invalid(text.escape_debug().to_string())) }
    }
}

impl TryFrom<String> for MessageName {
    type Error = MessageNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<MessageName> for String {
    fn from(name: MessageName) -> Self {
        name.0
    }
}

impl fmt::Display for MessageName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_upper_case_and_fits_into_a_netbios_name() {
        assert_eq!("helpdesk ".parse::<MessageName>().unwrap().as_str(), "HELPDESK");
        assert_eq!("NIGHT SHIFT 3".parse::<MessageName>().unwrap().as_str(), "NIGHT SHIFT 3");
        for wrong in ["", " ", "*", "*SMBSERVER", "SIXTEENCHARACTER", "jürgen", "A/B", "A\tB", " A"] {
            let error = wrong.parse::<MessageName>().unwrap_err();
            assert_eq!(error.number(), 123, "{wrong:?}");
        }
    }
}
