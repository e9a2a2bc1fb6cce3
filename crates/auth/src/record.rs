//! What the service keeps of a password: two sets of SCRAM keys, from which the password cannot be read.

mod keys;

use crate::hash::Hash;
use crate::password::{PasswordError, prepare};
use keys::Keys;
use std::fmt;
use std::num::NonZeroU32;
use thiserror::Error;

/// The number of PBKDF2 rounds for new records. RFC 7677 §4 asks for 4,096 at least.
pub const ITERATIONS_DEFAULT: NonZeroU32 = NonZeroU32::new(10_000).expect("it is not zero");

/// The most PBKDF2 rounds that a record may ask for.
pub const ITERATIONS_MAX: NonZeroU32 = NonZeroU32::new(1_000_000).expect("it is not zero");

/// The keys of one account: one set for SCRAM-SHA-1, one for SCRAM-SHA-256, of the same password.
///
/// A password that arrives in the clear (inside TLS) is checked against the same record. `Debug` shows no keys.
#[derive(Clone)]
pub struct PasswordRecord {
    sha1: Keys,
    sha256: Keys,
}

impl PasswordRecord {
    /// The record of a password (RFC 5802 §3). `random` must be fresh: it becomes the two salts, 16 bytes each.
    /// Above [`ITERATIONS_MAX`] rounds, that many are made.
    ///
    /// This runs PBKDF2 twice, milliseconds of processor time: keep it off the reactor.
    ///
    /// # Errors
    /// The password is empty, longer than 1,023 bytes, or has characters that SASLprep forbids.
    pub fn derive(password: &str, random: [u8; 32], iterations: NonZeroU32) -> Result<Self, PasswordError> {
        let password = prepare(password)?;
        let iterations = iterations.min(ITERATIONS_MAX);
        let (salt_sha1, salt_sha256) = random.split_at(16);
        Ok(Self {
            sha1: Keys::derive(Hash::Sha1, &password, salt_sha1, iterations),
            sha256: Keys::derive(Hash::Sha256, &password, salt_sha256, iterations),
        })
    }

    /// A record that no password matches, for a name that has none, so that an unknown name is answered as a known
    /// one: with the same salt every time, and after the same work.
    ///
    /// `secret` is the service's own, drawn once and kept. `name` must be normalised as account names are.
    /// `iterations` must be what real records have, or the difference tells who exists.
    pub fn decoy(secret: &[u8; 32], name: &str, iterations: NonZeroU32) -> Self {
        let iterations = iterations.min(ITERATIONS_MAX);
        Self {
            sha1: Keys::decoy(Hash::Sha1, secret, name, iterations),
            sha256: Keys::decoy(Hash::Sha256, secret, name, iterations),
        }
    }

    /// Whether this is the password of the record. Judged by the SHA-256 keys, in time that does not depend on them.
    ///
    /// This runs PBKDF2: keep it off the reactor.
    pub fn matches(&self, password: &str) -> bool {
        prepare(password).is_ok_and(|password| self.sha256.matches(&password))
    }

    /// The record for storage: two `authPassword` values of RFC 5803 §2, separated by a space:
    /// `SCRAM-SHA-1$10000:salt$StoredKey:ServerKey SCRAM-SHA-256$…`. This is a secret: who has the server key
    /// can pose as the service, and who has the stored key can guess passwords.
    pub fn to_text(&self) -> String {
        format!("{} {}", self.sha1.to_text(), self.sha256.to_text())
    }

    /// Reads what [`to_text`](Self::to_text) wrote.
    ///
    /// # Errors
    /// The text is not of that form, or asks for more than [`ITERATIONS_MAX`] rounds. No error repeats the text.
    pub fn from_text(text: &str) -> Result<Self, RecordError> {
        let (sha1, sha256) = text.split_once(' ').ok_or(RecordError { expected: "two sets of keys" })?;
        Ok(Self { sha1: Keys::from_text(Hash::Sha1, sha1)?, sha256: Keys::from_text(Hash::Sha256, sha256)? })
    }

    pub(crate) fn keys(&self, hash: Hash) -> &Keys {
        match hash {
            Hash::Sha1 => &self.sha1,
            Hash::Sha256 => &self.sha256,
        }
    }
}

impl fmt::Debug for PasswordRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PasswordRecord").finish_non_exhaustive()
    }
}

/// A stored record cannot be read. It says what was expected, and never what came: that is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected {expected} in a password record")]
pub struct RecordError {
    expected: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FEW: NonZeroU32 = NonZeroU32::new(2).unwrap();

    #[test]
    fn a_record_matches_its_password_and_no_other() {
        let record = PasswordRecord::derive("correct horse", [7; 32], FEW).unwrap();
        assert!(record.matches("correct horse"));
        assert!(!record.matches("correct horsf"));
        assert!(!record.matches(""));
        assert!(!record.matches("\u{7}"));
    }

    #[test]
    fn a_password_matches_however_a_client_composes_its_accents() {
        let record = PasswordRecord::derive("Zo\u{eb}", [7; 32], FEW).unwrap();
        assert!(record.matches("Zoe\u{308}"));
    }

    #[test]
    fn the_same_password_under_another_salt_gives_other_keys() {
        let one = PasswordRecord::derive("secret", [1; 32], FEW).unwrap();
        let two = PasswordRecord::derive("secret", [2; 32], FEW).unwrap();
        assert_ne!(one.to_text(), two.to_text());
    }

    #[test]
    fn a_stored_record_is_the_text_that_rfc_5803_describes() {
        // Computed with Python's hashlib from "pencil" and the salts of RFC 5802 and RFC 7677.
        let text = "SCRAM-SHA-1$4096:QSXCR+Q6sek8bf92$6dlGYMOdZcOPutkcNY8U2g7vK9Y=:D+CSWLOshSulAsxiupA+qs2/fTE= \
                    SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:\
                    wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
        let record = PasswordRecord::from_text(text).unwrap();
        assert!(record.matches("pencil"));
        assert_eq!(record.to_text(), text);
    }

    #[test]
    fn a_record_survives_storage() {
        let record = PasswordRecord::derive("secret", [1; 32], FEW).unwrap();
        let read = PasswordRecord::from_text(&record.to_text()).unwrap();
        assert!(read.matches("secret"));
        assert_eq!(read.to_text(), record.to_text());
    }

    #[test]
    fn a_damaged_record_is_refused() {
        let text = PasswordRecord::derive("secret", [1; 32], FEW).unwrap().to_text();
        let (sha1, sha256) = text.split_once(' ').unwrap();
        let damaged = [
            String::new(),
            sha1.to_owned(),
            format!("{sha256} {sha1}"),
            format!("{text} "),
            text.replace("$2:", "$0:"),
            text.replace("$2:", "$02:"),
            text.replace("$2:", "$1000001:"),
            text.replace("$2:", "$99999999999:"),
            text.replacen('=', "", 1),
            text[..text.len() - 8].to_owned(),
        ];
        for text in damaged {
            assert!(PasswordRecord::from_text(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_output_holds_no_key() {
        let record = PasswordRecord::derive("secret", [1; 32], FEW).unwrap();
        assert_eq!(format!("{record:?}"), "PasswordRecord { .. }");
    }

    #[test]
    fn an_unknown_name_always_has_the_same_record_and_another_name_another() {
        let decoy = |name| PasswordRecord::decoy(&[9; 32], name, FEW).to_text();
        assert_eq!(decoy("bob"), decoy("bob"));
        assert_ne!(decoy("bob"), decoy("eve"));
        assert_ne!(decoy("bob"), PasswordRecord::decoy(&[8; 32], "bob", FEW).to_text());
    }

    #[test]
    fn an_unknown_name_looks_like_a_known_one() {
        let shape = |text: String| text.split(['$', ':', ' ']).map(str::len).collect::<Vec<_>>();
        let real = PasswordRecord::derive("secret", [1; 32], FEW).unwrap();
        let decoy = PasswordRecord::decoy(&[9; 32], "bob", FEW);
        assert_eq!(shape(real.to_text()), shape(decoy.to_text()));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in ".{0,200}") {
            let _ = PasswordRecord::from_text(&text);
        }

        #[test]
        fn no_password_matches_a_decoy(password in ".{0,20}", name in "[a-z]{1,8}") {
            prop_assert!(!PasswordRecord::decoy(&[9; 32], &name, FEW).matches(&password));
        }
    }
}
