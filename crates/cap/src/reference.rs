use std::{fmt, str::FromStr};

use crate::{CapError, Time};

/// An earlier alert: what it is known by (CAP 1.2 §3.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Its sender.
    pub sender: String,
    /// Its identifier.
    pub identifier: String,
    /// When it was sent.
    pub sent: Time,
}

impl FromStr for Reference {
    type Err = CapError;

    fn from_str(text: &str) -> Result<Self, CapError> {
        let read = || {
            let mut parts = text.splitn(3, ',');
            let (sender, identifier) = (parts.next()?.to_owned(), parts.next()?.to_owned());
            Some(Self { sender, identifier, sent: parts.next()?.parse().ok()? })
        };
        read().filter(|reference| is_name(&reference.sender) && is_name(&reference.identifier)).ok_or_else(
            || {
                CapError::value(
                    "references",
                    "SENDER,IDENTIFIER,SENT, several with white space between them",
                    text,
                )
            },
        )
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{},{},{}", self.sender, self.identifier, self.sent)
    }
}

/// Whether a text is fit to be an identifier or a sender.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || matches!(c, ',' | '<' | '&'))
}
