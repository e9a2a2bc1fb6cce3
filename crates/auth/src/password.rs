//! Passwords as people type them, made comparable: SASLprep (RFC 4013) and limits.

use thiserror::Error;
use zeroize::Zeroizing;

/// The longest password, in bytes of UTF-8, before and after SASLprep.
pub const PASSWORD_BYTES_MAX: usize = 1023;

/// Why a string cannot be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// There is nothing in it, or nothing that SASLprep keeps.
    #[error("expected a password, got an empty one")]
    Empty,
    /// It is longer than [`PASSWORD_BYTES_MAX`].
    #[error("expected a password of at most {PASSWORD_BYTES_MAX} bytes, got {bytes}")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It has a character that RFC 4013 §2.3 to §2.5 forbids: control characters, private use, mixed directions,
    /// and what Unicode 3.2 did not know (emoji). Clients would spell these differently.
    #[error("expected a password without control characters, private-use characters and emoji")]
    Prohibited,
}

/// The form of a password that all clients agree on (RFC 5802 §2.2, `Normalize`).
pub(crate) fn prepare(password: &str) -> Result<Zeroizing<String>, PasswordError> {
    within_limits(password)?;
    let prepared = stringprep::saslprep(password).map_err(|_| PasswordError::Prohibited)?;
    let prepared = Zeroizing::new(prepared.into_owned());
    within_limits(&prepared)?;
    Ok(prepared)
}

fn within_limits(password: &str) -> Result<(), PasswordError> {
    match password.len() {
        0 => Err(PasswordError::Empty),
        bytes if bytes > PASSWORD_BYTES_MAX => Err(PasswordError::TooLong { bytes }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_4013_come_out_as_printed_there() {
        assert_eq!(prepare("I\u{ad}X").unwrap().as_str(), "IX");
        assert_eq!(prepare("user").unwrap().as_str(), "user");
        assert_eq!(prepare("USER").unwrap().as_str(), "USER");
        assert_eq!(prepare("\u{aa}").unwrap().as_str(), "a");
        assert_eq!(prepare("\u{2168}").unwrap().as_str(), "IX");
        assert_eq!(prepare("\u{7}"), Err(PasswordError::Prohibited));
        assert_eq!(prepare("\u{627}1"), Err(PasswordError::Prohibited));
    }

    #[test]
    fn a_password_of_1023_bytes_is_taken_and_one_more_is_refused() {
        assert!(prepare(&"x".repeat(1023)).is_ok());
        assert_eq!(prepare(&"x".repeat(1024)), Err(PasswordError::TooLong { bytes: 1024 }));
    }

    #[test]
    fn a_password_that_grows_past_the_limit_in_preparation_is_refused() {
        let ligatures = "\u{fdfa}".repeat(341);
        assert!(matches!(prepare(&ligatures), Err(PasswordError::TooLong { .. })));
    }

    #[test]
    fn a_password_of_nothing_is_refused_also_when_it_looked_like_something() {
        assert_eq!(prepare(""), Err(PasswordError::Empty));
        assert_eq!(prepare("\u{ad}\u{200d}"), Err(PasswordError::Empty));
    }
}
