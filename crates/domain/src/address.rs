use std::{
    borrow::Borrow,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// `name@domain`, normalised once when it enters the service (RFC 7622: nodeprep and nameprep).
///
/// A NetBIOS name, an MSN handle and a JID are spellings of it. Two addresses are equal exactly when they name the
/// same person; the text is at most 2,047 bytes. Cloning copies a pointer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    text: Arc<str>,
    at: usize,
}

impl Address {
    /// Reads and normalises `name@domain`. A resource (`/…`) is refused: it names a device, not a person.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if let Some(at) = normalised(text) {
            return Ok(Self { text: text.into(), at });
        }
        let jid = jid::BareJid::new(text)
            .map_err(|error| AddressError::Invalid { text: shortened(text), why: error.to_string() })?;
        let at = jid.as_str().find('@').ok_or_else(|| AddressError::NoName { text: shortened(text) })?;
        Ok(Self { text: jid.as_str().into(), at })
    }

    /// The address of `name` in `domain`.
    pub fn new(name: &str, domain: &str) -> Result<Self, AddressError> {
        if name.is_empty() {
            return Err(AddressError::NoName { text: String::new() });
        }
        Self::parse(&format!("{name}@{domain}"))
    }

    /// Takes `name` as an address in `domain`, or a whole address as it stands.
    pub fn within(text: &str, domain: &str) -> Result<Self, AddressError> {
        if text.contains('@') { Self::parse(text) } else { Self::new(text, domain) }
    }

    /// The part before the `@`.
    pub fn name(&self) -> &str {
        &self.text[..self.at]
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The whole address as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Where the `@` is in an address that is as it should be already: of small letters, digits, dots, hyphens and
/// underscores alone, which no normalisation touches. Most are.
fn normalised(text: &str) -> Option<usize> {
    const PART_BYTES_MAX: usize = 63;
    let at = text.bytes().position(|byte| byte == b'@')?;
    let (name, domain) = (&text.as_bytes()[..at], &text.as_bytes()[at + 1..]);
    let is_plain = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    let labels_are_plain = domain.split(|byte| *byte == b'.').all(|label| {
        matches!(
            (label.first(), label.last()),
            (Some(b'a'..=b'z' | b'0'..=b'9'), Some(b'a'..=b'z' | b'0'..=b'9'))
        )
    });
    let sizes = (1..=PART_BYTES_MAX).contains(&name.len()) && domain.len() <= PART_BYTES_MAX;
    let plain = name.iter().all(is_plain) && domain.iter().all(|byte| is_plain(byte) && *byte != b'_');
    (sizes && plain && labels_are_plain).then_some(at)
}

/// Why a text is not an [`Address`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddressError {
    /// There is nothing before the `@`.
    #[error("\"{text}\" has no name: an address reads name@domain")]
    NoName {
        /// What was given, shortened.
        text: String,
    },
    /// A part holds something that addresses cannot hold, or is too long.
    #[error("\"{text}\" is not an address: {why}")]
    Invalid {
        /// What was given, shortened.
        text: String,
        /// The rule it breaks.
        why: String,
    },
}

fn shortened(text: &str) -> String {
    crate::displayable(text).chars().take(80).collect()
}

/// As its text has it, so that a table of addresses can be asked by texts.
impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Borrow<str> for Address {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_person_are_one_address() {
        let written = ["anna@office.internal", "ANNA@Office.Internal", "Anna@OFFICE.internal"];
        let addresses: Vec<Address> = written.iter().map(|text| Address::parse(text).unwrap()).collect();
        assert!(addresses.iter().all(|address| *address == addresses[0]));
        assert_eq!(addresses[1].name(), "anna");
        assert_eq!(addresses[1].domain(), "office.internal");
    }

    #[test]
    fn what_needs_no_normalising_is_what_normalising_leaves_as_it_is() {
        for text in ["anna@office.internal", "a-b_c.d@x1.example", "0@0", "u7@10.0.0.7"] {
            assert!(normalised(text).is_some(), "{text}");
            assert_eq!(jid::BareJid::new(text).unwrap().as_str(), text);
        }
        for text in
            ["Anna@x.internal", "a@x..internal", "a@.x", "a@x.", "@x", "a@", "a b@x", "a@-x", "a@b@c", "ä@x"]
        {
            assert!(normalised(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_domain_alone_or_a_device_is_not_a_person() {
        assert!(matches!(Address::parse("office.internal"), Err(AddressError::NoName { .. })));
        assert!(matches!(Address::parse("anna@office.internal/desk"), Err(AddressError::Invalid { .. })));
        assert!(matches!(Address::new("", "office.internal"), Err(AddressError::NoName { .. })));
        assert!(Address::new("a b", "office.internal").is_err());
    }

    #[test]
    fn a_bare_name_is_completed_with_the_domain() {
        let address = Address::within("Anna", "office.internal").unwrap();
        assert_eq!(address.as_str(), "anna@office.internal");
        assert_eq!(Address::within("bert@plant.internal", "x.internal").unwrap().domain(), "plant.internal");
    }
}
