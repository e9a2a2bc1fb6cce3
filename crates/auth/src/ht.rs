//! Signing in by a token that the service gave the client before: the HT-SHA-256 mechanisms
//! (draft-schmaus-kitten-sasl-ht), one message each way.
//!
//! ```
//! use auth::ChannelBindings;
//! use auth::ht::{HtMechanism, InitiatorMessage, Token};
//!
//! let (mechanism, tls) = (HtMechanism::None, ChannelBindings::new(None, None));
//! let token = Token::derive(&[1; 32], &[b"anna", b"phone", b"nonce"]);
//! let message = InitiatorMessage::make("anna", &token, mechanism, &tls).ok_or("no such binding")?;
//! let read = InitiatorMessage::parse(&message)?;
//! assert_eq!(read.username(), "anna");
//! assert!(read.judge(&token, mechanism, &tls).is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::channel_binding::{ChannelBindingType, ChannelBindings};
use crate::hash::Hash;
use crate::plain::NAME_BYTES_MAX;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

/// A token mechanism, by what it binds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HtMechanism {
    /// Bound to the keys of the TLS connection (RFC 9266).
    Exporter,
    /// Bound to the server's certificate (RFC 5929 §4).
    EndPoint,
    /// Bound to nothing.
    None,
}

impl HtMechanism {
    /// Every mechanism, the strongest first.
    pub const ALL: [Self; 3] = [Self::Exporter, Self::EndPoint, Self::None];

    /// The registered form of the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exporter => "HT-SHA-256-EXPR",
            Self::EndPoint => "HT-SHA-256-ENDP",
            Self::None => "HT-SHA-256-NONE",
        }
    }

    /// The mechanisms that work on a TLS connection, the strongest first.
    pub fn offered(bindings: &ChannelBindings) -> impl Iterator<Item = Self> + '_ {
        Self::ALL.into_iter().filter(|mechanism| mechanism.binding(bindings).is_some())
    }

    fn binding(self, bindings: &ChannelBindings) -> Option<&[u8]> {
        match self {
            Self::Exporter => bindings.data(ChannelBindingType::TlsExporter),
            Self::EndPoint => bindings.data(ChannelBindingType::TlsServerEndPoint),
            Self::None => Some(&[]),
        }
    }
}

impl FromStr for HtMechanism {
    type Err = UnknownHtMechanism;

    fn from_str(name: &str) -> Result<Self, UnknownHtMechanism> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name() == name).ok_or(UnknownHtMechanism)
    }
}

/// The name is of no token mechanism that this crate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected HT-SHA-256-EXPR, HT-SHA-256-ENDP or HT-SHA-256-NONE as the token mechanism")]
pub struct UnknownHtMechanism;

/// A secret that a client signs in with; wiped when dropped. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// The token that belongs to these facts, of which one must be random and used for no other token. Who keeps the
    /// facts can make the token again and need not keep it; without the `secret` nobody can.
    pub fn derive(secret: &[u8; 32], facts: &[&[u8]]) -> Self {
        let mut message = Zeroizing::new(Vec::new());
        for fact in facts {
            message.extend_from_slice(&(fact.len() as u64).to_be_bytes());
            message.extend_from_slice(fact);
        }
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(&*Hash::Sha256.hmac(secret, &message))))
    }

    /// A token as a client keeps it.
    pub fn from_text(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// Whether the service's answer proves that it has the token too: what a client asks.
    pub fn is_known_by(&self, answer: &[u8], mechanism: HtMechanism, bindings: &ChannelBindings) -> bool {
        let expected = mechanism.binding(bindings).map(|binding| self.hashed(b"Responder", binding));
        expected.is_some_and(|expected| expected.ct_eq(answer).into())
    }

    /// The token as the client is given it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn hashed(&self, whose: &[u8], binding: &[u8]) -> Vec<u8> {
        Hash::Sha256.hmac(self.0.as_bytes(), &[whose, binding].concat()).to_vec()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token")
    }
}

/// What the client sends: who it is, and the proof that it has a token.
#[derive(Clone)]
pub struct InitiatorMessage {
    username: String,
    hashed: Vec<u8>,
}

impl InitiatorMessage {
    /// Reads `authcid NUL initiator-hashed-token`.
    ///
    /// # Errors
    /// There is no name of 1 to [`NAME_BYTES_MAX`] bytes of UTF-8 before the first NUL, or not a hash behind it.
    pub fn parse(message: &[u8]) -> Result<Self, HtError> {
        let end = message.iter().position(|byte| *byte == 0).ok_or(HtError)?;
        let (name, hashed) = (&message[..end], &message[end + 1..]);
        if !(1..=NAME_BYTES_MAX).contains(&name.len()) || hashed.len() != Hash::Sha256.output_bytes() {
            return Err(HtError);
        }
        let username = std::str::from_utf8(name).map_err(|_| HtError)?.to_owned();
        Ok(Self { username, hashed: hashed.to_vec() })
    }

    /// The message of a client that has the token; none where the connection lacks what the mechanism binds to.
    pub fn make(
        username: &str,
        token: &Token,
        mechanism: HtMechanism,
        bindings: &ChannelBindings,
    ) -> Option<Vec<u8>> {
        let hashed = token.hashed(b"Initiator", mechanism.binding(bindings)?);
        Some([username.as_bytes(), b"\0", &hashed].concat())
    }

    /// Who signs in, as the client spells it: not normalised, not proven.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Whether the client has this token, on this connection: the answer that proves to it that the service has it
    /// too. Compared in time that does not depend on the token.
    pub fn judge(
        &self,
        token: &Token,
        mechanism: HtMechanism,
        bindings: &ChannelBindings,
    ) -> Option<Vec<u8>> {
        let binding = mechanism.binding(bindings)?;
        let proven: bool = token.hashed(b"Initiator", binding).ct_eq(&self.hashed).into();
        proven.then(|| token.hashed(b"Responder", binding))
    }
}

impl fmt::Debug for InitiatorMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InitiatorMessage").field("username", &self.username).finish_non_exhaustive()
    }
}

/// A token message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected a name, a NUL and a hash of 32 bytes in a token message")]
pub struct HtError;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tls() -> ChannelBindings {
        ChannelBindings::new(Some(vec![1; 32]), Some(vec![2; 32]))
    }

    fn token(nonce: u8) -> Token {
        Token::derive(&[9; 32], &[b"anna", &[nonce]])
    }

    fn message(token: &Token, mechanism: HtMechanism, bindings: &ChannelBindings) -> InitiatorMessage {
        let message = InitiatorMessage::make("anna", token, mechanism, bindings).unwrap();
        InitiatorMessage::parse(&message).unwrap()
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for mechanism in HtMechanism::ALL {
            assert_eq!(mechanism.name().parse(), Ok(mechanism));
        }
        assert_eq!("HT-SHA-512-NONE".parse::<HtMechanism>(), Err(UnknownHtMechanism));
    }

    #[test]
    fn a_mechanism_is_offered_where_the_connection_has_what_it_binds_to() {
        assert!(HtMechanism::offered(&tls()).eq(HtMechanism::ALL));
        let old = ChannelBindings::new(None, Some(vec![2; 32]));
        assert!(HtMechanism::offered(&old).eq([HtMechanism::EndPoint, HtMechanism::None]));
    }

    #[test]
    fn hashes_are_those_of_the_draft() {
        // Computed with Python's hmac from the token "secret" and the bindings above.
        let token = Token(Zeroizing::new("secret".to_owned()));
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(
            hex(&token.hashed(b"Initiator", b"")),
            "080d9fa917c6da67702df4ff5090d8693b5f8c838c832d6f3662b6822cc7a6b9"
        );
        assert_eq!(
            hex(&token.hashed(b"Responder", &[1; 32])),
            "012a9c807d87fcbffc27278a0b4dffe7125707fe8011ff424dd86c95c262845b"
        );
    }

    #[test]
    fn only_the_same_token_on_the_same_connection_by_the_same_mechanism_is_taken() {
        for mechanism in HtMechanism::ALL {
            let message = message(&token(1), mechanism, &tls());
            assert!(message.judge(&token(1), mechanism, &tls()).is_some());
            assert_eq!(message.judge(&token(2), mechanism, &tls()), None);
            for other in HtMechanism::ALL.into_iter().filter(|other| *other != mechanism) {
                assert_eq!(message.judge(&token(1), other, &tls()), None);
            }
        }
        let elsewhere = ChannelBindings::new(Some(vec![3; 32]), Some(vec![2; 32]));
        let message = message(&token(1), HtMechanism::Exporter, &tls());
        assert_eq!(message.judge(&token(1), HtMechanism::Exporter, &elsewhere), None);
        let answer = message.judge(&token(1), HtMechanism::Exporter, &tls()).unwrap();
        assert!(token(1).is_known_by(&answer, HtMechanism::Exporter, &tls()));
        assert!(!token(2).is_known_by(&answer, HtMechanism::Exporter, &tls()));
        let without = ChannelBindings::new(None, None);
        assert_eq!(message.judge(&token(1), HtMechanism::Exporter, &without), None);
    }

    #[test]
    fn facts_are_not_run_together() {
        let secret = [9; 32];
        assert_ne!(Token::derive(&secret, &[b"ab", b"c"]), Token::derive(&secret, &[b"a", b"bc"]));
        assert_ne!(Token::derive(&secret, &[b"ab"]), Token::derive(&[8; 32], &[b"ab"]));
    }

    #[test]
    fn malformed_messages_are_refused() {
        let hash = [7; 32];
        for wrong in
            [&b""[..], b"anna", b"anna\0", &[b"\0", &hash[..]].concat(), &[b"\xff\0", &hash[..]].concat()]
        {
            assert_eq!(InitiatorMessage::parse(wrong).map(|_| ()), Err(HtError));
        }
        let long = [b"anna\0", &hash[..], b"x"].concat();
        assert_eq!(InitiatorMessage::parse(&long).map(|_| ()), Err(HtError));
    }

    #[test]
    fn debug_output_holds_no_token() {
        assert_eq!(format!("{:?}", token(1)), "Token");
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes: Vec<u8>) {
            let _ = InitiatorMessage::parse(&bytes);
        }
    }
}
