use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::AlertError;
use crate::displayable;

/// The tag of a language (RFC 5646), in small letters: `en`, `es`, `pt-br`. At most 35 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageTag(String);

impl LanguageTag {
    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without the country or script: `pt` of `pt-br`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

/// What an alert says in another language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// One line, 1 to 200 characters.
    pub headline: String,
    /// More words; may be empty.
    #[serde(default)]
    pub text: String,
    /// The words for the choices, in their order: none, or as many as there are choices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// What an alert says to one reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words<'a> {
    /// In which language, where the alert says.
    pub language: Option<&'a LanguageTag>,
    /// One line.
    pub headline: &'a str,
    /// More words; may be empty.
    pub text: &'a str,
    /// The words for the choices, as many as the alert has.
    pub choices: &'a [String],
}

impl FromStr for LanguageTag {
    type Err = AlertError;

    fn from_str(text: &str) -> Result<Self, AlertError> {
        let mut parts = text.split('-');
        let primary = parts.next().unwrap_or_default();
        let fits = (2..=8).contains(&primary.len())
            && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
            && text.len() <= 35
            && parts.all(|part| {
                (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        if fits {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(AlertError::Language { text: displayable(text).chars().take(60).collect() })
        }
    }
}

impl TryFrom<String> for LanguageTag {
    type Error = AlertError;

    fn try_from(text: String) -> Result<Self, AlertError> {
        text.parse()
    }
}

impl From<LanguageTag> for String {
    fn from(tag: LanguageTag) -> Self {
        tag.0
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_whatever_their_case_and_nonsense_is_refused() {
        assert_eq!("pt-BR".parse::<LanguageTag>().unwrap().as_str(), "pt-br");
        assert_eq!("pt-BR".parse::<LanguageTag>().unwrap().primary(), "pt");
        for wrong in ["", "e", "español", "en_US", "en-", "-en", "en-toolongpart"] {
            assert!(wrong.parse::<LanguageTag>().is_err(), "{wrong}");
        }
    }
}
