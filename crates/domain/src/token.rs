use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::{Address, Scopes, displayable};

/// The id of a [`Token`]: a UUIDv7, so that ids are in the order in which they were made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(Uuid);

/// What a program has instead of a password: the right to do some things as an account. The secret by which it is
/// known is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What people call it; no other token is called so.
    pub name: TokenName,
    /// As whom it speaks.
    pub account: Address,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the hour and not before it was made; none where it never was.
    pub last_used_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// What a [`Token`] is called: 1 to 64 letters, digits, `-`, `_`, `.`, as they were written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenName(String);

/// Why a text is not the name or the id of a token.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TokenNameError {
    /// It is no name.
    #[error("\"{0}\" is not the name of a token: 1 to 64 letters, digits, \"-\", \"_\" or \".\"")]
    Name(String),
    /// It is no id.
    #[error("\"{0}\" is not the id of a token; `messngr token list` shows them")]
    Id(String),
}

/// How often a use is remembered at most, in seconds.
const USE_INTERVAL_SECONDS: i64 = 3_600;

impl Token {
    /// Whether it has ended by itself.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// The time to remember of a use now: the hour, or when it was made in it, unless that is remembered already.
    pub fn use_to_remember(&self, now: Timestamp) -> Option<Timestamp> {
        let second = now.as_second();
        let hour = Timestamp::from_second(second - second.rem_euclid(USE_INTERVAL_SECONDS)).ok()?;
        self.last_used_at.is_none_or(|at| at < hour).then_some(hour.max(self.created_at))
    }
}

impl TokenId {
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

impl TokenName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenId {
    type Err = TokenNameError;

    fn from_str(text: &str) -> Result<Self, TokenNameError> {
        text.parse().map(Self).map_err(|_| TokenNameError::Id(shortened(text)))
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for TokenName {
    type Err = TokenNameError;

    fn from_str(text: &str) -> Result<Self, TokenNameError> {
        let fits = (1..=64).contains(&text.chars().count())
            && text.chars().all(|character| character.is_alphanumeric() || "-_.".contains(character));
        if fits { Ok(Self(text.to_owned())) } else { Err(TokenNameError::Name(shortened(text))) }
    }
}

impl TryFrom<String> for TokenName {
    type Error = TokenNameError;

    fn try_from(text: String) -> Result<Self, TokenNameError> {
        text.parse()
    }
}

impl From<TokenName> for String {
    fn from(name: TokenName) -> Self {
        name.0
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn shortened(text: &str) -> String {
    displayable(text).chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn token() -> Token {
        Token {
            id: TokenId::new(at(0), [7; 10]),
            name: "monitoring".parse().unwrap(),
            account: Address::parse("anna@x.internal").unwrap(),
            scopes: Scopes::new(vec![Scope::Read]).unwrap(),
            created_at: at(0),
            last_used_at: None,
            expires_at: Some(at(90)),
        }
    }

    #[test]
    fn a_token_ends_at_its_time() {
        assert!(!token().is_expired(at(89)));
        assert!(token().is_expired(at(90)));
        assert!(!Token { expires_at: None, ..token() }.is_expired(Timestamp::MAX));
    }

    #[test]
    fn of_many_uses_within_an_hour_one_is_remembered() {
        assert_eq!(token().use_to_remember(at(7_300)), Some(at(7_200)));
        let used = Token { last_used_at: Some(at(7_200)), ..token() };
        assert_eq!(used.use_to_remember(at(10_799)), None);
        assert_eq!(used.use_to_remember(at(10_800)), Some(at(10_800)));
        let new = Token { created_at: at(7_250), ..token() };
        assert_eq!(new.use_to_remember(at(7_300)), Some(at(7_250)), "nothing is used before it is made");
        assert_eq!(used.use_to_remember(at(10)), None, "a clock that went back remembers nothing");
    }

    #[test]
    fn a_name_keeps_its_letters_and_has_no_spaces() {
        assert_eq!("Alert-Manager.2".parse::<TokenName>().unwrap().as_str(), "Alert-Manager.2");
        for text in ["", "two words", "a/b", &"x".repeat(65)] {
            assert!(text.parse::<TokenName>().is_err(), "{text}");
        }
    }
}
