//! What both sides read and write: attributes, names and nonces (RFC 5802 §5.1, §7).

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use thiserror::Error;

/// The longest SCRAM message that is read, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1024;
/// The longest name in a SCRAM message, in bytes of UTF-8 after unescaping: what a JID may have
/// (RFC 7622 §3.1), twice and an `@`.
pub const USERNAME_BYTES_MAX: usize = 2047;
/// The longest nonce, in bytes.
pub const NONCE_BYTES_MAX: usize = 512;

/// Why a SCRAM message cannot be read. No variant holds a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SyntaxError {
    /// The message is longer than [`MESSAGE_BYTES_MAX`].
    #[error("expected a SCRAM message of at most {MESSAGE_BYTES_MAX} bytes, got {bytes}")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// The message is not UTF-8.
    #[error("expected a SCRAM message in UTF-8")]
    NotUtf8,
    /// Something else is where this was expected.
    #[error("expected {expected} in a SCRAM message")]
    Malformed {
        /// What was expected, by the name that RFC 5802 §7 has for it.
        expected: &'static str,
    },
    /// The message has an extension that must be understood (`m=`), and none is.
    #[error("expected no mandatory extension in a SCRAM message, got one")]
    ExtensionNotSupported,
}

/// One side's part of the nonce: printable ASCII without a comma (RFC 5802 §5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// A nonce of fresh random bytes.
    pub fn from_random(random: [u8; 24]) -> Self {
        Self(BASE64.encode(random))
    }

    /// A nonce as it is written.
    ///
    /// # Errors
    /// It is empty, longer than [`NONCE_BYTES_MAX`], or not printable ASCII without a comma.
    pub fn new(text: impl Into<String>) -> Result<Self, SyntaxError> {
        let text = text.into();
        check_nonce(&text)?;
        Ok(Self(text))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text of a message, within its limits.
pub(super) fn text(message: &[u8]) -> Result<&str, SyntaxError> {
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(SyntaxError::TooLong { bytes: message.len() });
    }
    let text = std::str::from_utf8(message).map_err(|_| SyntaxError::NotUtf8)?;
    if text.contains('\0') { Err(malformed("characters other than NUL")) } else { Ok(text) }
}

/// The attributes of a message, one after the other.
pub(super) struct Attributes<'a>(Option<&'a str>);

impl<'a> Attributes<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(Some(text))
    }

    /// The value of the attribute that must come now, under that name.
    pub(super) fn value(&mut self, name: char, expected: &'static str) -> Result<&'a str, SyntaxError> {
        let (found, value) = self.next().ok_or(malformed(expected))??;
        match found {
            'm' => Err(SyntaxError::ExtensionNotSupported),
            found if found == name => Ok(value),
            _ => Err(malformed(expected)),
        }
    }

    /// Reads to the end, past the extensions that may be ignored (RFC 5802 §5.1).
    pub(super) fn skip_extensions(self) -> Result<(), SyntaxError> {
        for attribute in self {
            let ('m', _) = attribute? else { continue };
            return Err(SyntaxError::ExtensionNotSupported);
        }
        Ok(())
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<(char, &'a str), SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0?;
        let (attribute, rest) = match text.split_once(',') {
            Some((attribute, rest)) => (attribute, Some(rest)),
            None => (text, None),
        };
        self.0 = rest;
        Some(attribute_and_value(attribute).ok_or(malformed("attr-val")))
    }
}

/// A name as it may stand in an attribute: `=` and `,` escaped (RFC 5802 §5.1).
pub(super) fn escape(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

/// A name from an attribute. A `=` that begins no escape is an error (RFC 5802 §5.1).
pub(super) fn unescape(saslname: &str) -> Result<String, SyntaxError> {
    let mut parts = saslname.split('=');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (character, rest) = match part.get(..2) {
            Some("2C") => (',', &part[2..]),
            Some("3D") => ('=', &part[2..]),
            _ => return Err(malformed("saslname")),
        };
        name.push(character);
        name.push_str(rest);
    }
    match name.len() {
        1..=USERNAME_BYTES_MAX => Ok(name),
        _ => Err(malformed("saslname")),
    }
}

pub(super) fn check_nonce(nonce: &str) -> Result<(), SyntaxError> {
    let printable = nonce.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    if printable && (1..=NONCE_BYTES_MAX).contains(&nonce.len()) { Ok(()) } else { Err(malformed("nonce")) }
}

/// The bytes of a base64 value, if it is the one way to write them.
pub(super) fn decode(text: &str, expected: &'static str) -> Result<Vec<u8>, SyntaxError> {
    BASE64.decode(text).map_err(|_| malformed(expected))
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64.encode(bytes)
}

pub(super) fn malformed(expected: &'static str) -> SyntaxError {
    SyntaxError::Malformed { expected }
}

fn attribute_and_value(attribute: &str) -> Option<(char, &str)> {
    let (name, value) = attribute.split_once('=')?;
    let mut characters = name.chars();
    let name = characters.next().filter(char::is_ascii_alphabetic)?;
    (characters.next().is_none() && !value.is_empty()).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_with_commas_and_equals_signs_are_read_back() {
        assert_eq!(escape("a=b,c"), "a=3Db=2Cc");
        assert_eq!(unescape("a=3Db=2Cc").as_deref(), Ok("a=b,c"));
        assert_eq!(unescape("=3D2C").as_deref(), Ok("=2C"));
    }

    #[test]
    fn a_name_with_any_other_escape_is_refused() {
        for name in ["a=", "a=2", "a=2c", "a=41", "a=ü", "=", ""] {
            assert_eq!(unescape(name), Err(malformed("saslname")), "{name}");
        }
    }

    #[test]
    fn a_nonce_is_printable_and_has_no_comma() {
        assert!(Nonce::new("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0").is_ok());
        for nonce in ["", "a,b", "a b", "ü", "a\n", &"x".repeat(513)] {
            assert_eq!(Nonce::new(nonce), Err(malformed("nonce")), "{nonce}");
        }
        assert!(Nonce::new(Nonce::from_random([255; 24]).as_str()).is_ok());
    }

    #[test]
    fn a_message_past_the_limit_or_with_a_nul_is_refused() {
        assert_eq!(text(&[b'x'; MESSAGE_BYTES_MAX + 1]), Err(SyntaxError::TooLong { bytes: 16385 }));
        assert_eq!(text(b"n,,n=a\0b"), Err(malformed("characters other than NUL")));
        assert_eq!(text(b"\xff"), Err(SyntaxError::NotUtf8));
    }

    proptest! {
        #[test]
        fn any_name_survives_escaping(name in "[^\0]{1,40}") {
            prop_assert_eq!(unescape(&escape(&name)), Ok(name));
        }

        #[test]
        fn no_attributes_break_the_reader(text in ".{0,100}") {
            let _ = Attributes::new(&text).skip_extensions();
            let _ = unescape(&text);
        }
    }
}
