//! PLAIN: the name and the password themselves (RFC 4616). For use inside TLS only.

use crate::password::PASSWORD_BYTES_MAX;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// The longest name in a PLAIN message, in bytes of UTF-8: what a JID may have (RFC 7622 §3.1), twice and an `@`.
pub const NAME_BYTES_MAX: usize = 2047;

/// What a PLAIN message says. Nothing of it is proven yet, and the names are not normalised.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainCredentials {
    /// Whom the client wants to act as, if it says so (`authzid`).
    pub authorization: Option<String>,
    /// Who signs in (`authcid`).
    pub username: String,
    /// The password, not yet prepared; wiped when dropped.
    pub password: Zeroizing<String>,
}

impl PlainCredentials {
    /// Reads `[authzid] NUL authcid NUL passwd` (RFC 4616 §2).
    ///
    /// # Errors
    /// The message is not two NULs around an `authcid`, not UTF-8, or a part is empty or too long.
    pub fn parse(message: &[u8]) -> Result<Self, PlainError> {
        if message.len() > 2 * NAME_BYTES_MAX + PASSWORD_BYTES_MAX + 2 {
            return Err(PlainError::TooLong);
        }
        let text = std::str::from_utf8(message).map_err(|_| PlainError::NotUtf8)?;
        let mut parts = text.split('\0');
        let (Some(authorization), Some(username), Some(password), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(PlainError::Parts { nuls: message.iter().filter(|byte| **byte == 0).count() });
        };
        if username.is_empty() || password.is_empty() {
            return Err(PlainError::Empty);
        }
        if authorization.len().max(username.len()) > NAME_BYTES_MAX || password.len() > PASSWORD_BYTES_MAX {
            return Err(PlainError::TooLong);
        }
        Ok(Self {
            authorization: Some(authorization).filter(|name| !name.is_empty()).map(str::to_owned),
            username: username.to_owned(),
            password: Zeroizing::new(password.to_owned()),
        })
    }
}

impl fmt::Debug for PlainCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("PlainCredentials");
        debug.field("authorization", &self.authorization).field("username", &self.username);
        debug.finish_non_exhaustive()
    }
}

/// Why a PLAIN message cannot be read. No variant holds a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlainError {
    /// The whole or a part is too long.
    #[error(
        "expected names of at most {NAME_BYTES_MAX} bytes and a password of at most {PASSWORD_BYTES_MAX}"
    )]
    TooLong,
    /// It is not UTF-8.
    #[error("expected a PLAIN message in UTF-8")]
    NotUtf8,
    /// It does not have three parts.
    #[error("expected a PLAIN message of three parts parted by two NULs, got {nuls} NULs")]
    Parts {
        /// How many NULs came.
        nuls: usize,
    },
    /// There is no name, or no password.
    #[error("expected a name and a password, got an empty one")]
    Empty,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_rfc_4616_are_read() {
        let tim = PlainCredentials::parse(b"\0tim\0tanstaaftanstaaf").unwrap();
        assert_eq!(tim.authorization, None);
        assert_eq!(tim.username, "tim");
        assert_eq!(*tim.password, "tanstaaftanstaaf");
        let kurt = PlainCredentials::parse(b"Ursel\0Kurt\0xipj3plmq").unwrap();
        assert_eq!(kurt.authorization.as_deref(), Some("Ursel"));
        assert_eq!(kurt.username, "Kurt");
    }

    #[test]
    fn a_message_with_too_few_or_too_many_nuls_is_refused() {
        assert_eq!(PlainCredentials::parse(b""), Err(PlainError::Parts { nuls: 0 }));
        assert_eq!(PlainCredentials::parse(b"tim\0secret"), Err(PlainError::Parts { nuls: 1 }));
        assert_eq!(PlainCredentials::parse(b"\0tim\0sec\0ret"), Err(PlainError::Parts { nuls: 3 }));
    }

    #[test]
    fn an_empty_name_or_password_is_refused() {
        assert_eq!(PlainCredentials::parse(b"\0\0secret"), Err(PlainError::Empty));
        assert_eq!(PlainCredentials::parse(b"\0tim\0"), Err(PlainError::Empty));
    }

    #[test]
    fn parts_past_their_limits_are_refused() {
        let message =
            |name: usize, password: usize| format!("\0{}\0{}", "n".repeat(name), "p".repeat(password));
        assert!(PlainCredentials::parse(message(2047, 1023).as_bytes()).is_ok());
        assert_eq!(PlainCredentials::parse(message(2048, 1).as_bytes()), Err(PlainError::TooLong));
        assert_eq!(PlainCredentials::parse(message(1, 1024).as_bytes()), Err(PlainError::TooLong));
        assert_eq!(PlainCredentials::parse(message(9999, 1).as_bytes()), Err(PlainError::TooLong));
    }

    #[test]
    fn what_is_not_utf_8_is_refused() {
        assert_eq!(PlainCredentials::parse(b"\0tim\0\xff"), Err(PlainError::NotUtf8));
    }

    #[test]
    fn debug_output_holds_no_password() {
        let credentials = PlainCredentials::parse(b"\0tim\0hunter2").unwrap();
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes: Vec<u8>) {
            let _ = PlainCredentials::parse(&bytes);
        }

        #[test]
        fn what_was_said_is_what_is_read(
            authorization in "[^\0]{0,30}", username in "[^\0]{1,30}", password in "[^\0]{1,30}",
        ) {
            let message = format!("{authorization}\0{username}\0{password}");
            let read = PlainCredentials::parse(message.as_bytes()).unwrap();
            prop_assert_eq!(read.authorization.unwrap_or_default(), authorization);
            prop_assert_eq!(read.username, username);
            prop_assert_eq!(read.password.as_str(), password);
        }
    }
}
