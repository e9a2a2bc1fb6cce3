//! The secret that a program shows instead of a password: 256 random bits, written as text. What is stored of it is
//! its hash, from which it cannot be had again.
//!
//! ```
//! use auth::TokenSecret;
//!
//! let secret = TokenSecret::from_random([7; 32]);
//! let shown = TokenSecret::parse(&secret.to_text()).ok_or("not a token")?;
//! assert_eq!(shown.hash(), secret.hash());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::hash::Hash;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use zeroize::Zeroizing;

/// What the text begins with, so that people and programs that look for secrets in files know it.
pub const PREFIX: &str = "messngr_";

/// The secret of a token. Wiped when dropped, and in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(Zeroizing<[u8; 32]>);

impl TokenSecret {
    /// The secret that these random bytes make.
    pub fn from_random(random: [u8; 32]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Reads what [`to_text`](Self::to_text) wrote; none where it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// The text that is shown once: `messngr_` and 43 letters, digits, `-` and `_`.
    pub fn to_text(&self) -> String {
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(*self.0))
    }

    /// SHA-256 of the secret: what is stored, and what it is looked up by. Guessing is hopeless at 256 bits, so that
    /// it needs no salt, and the time that a look-up takes tells nothing.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(&Hash::Sha256.digest(self.0.as_slice()));
        hash
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_secret_is_read_as_it_was_written_and_shows_itself_in_no_log() {
        let secret = TokenSecret::from_random([0xfb; 32]);
        let text = secret.to_text();
        assert_eq!(text.len(), PREFIX.len() + 43);
        assert_eq!(TokenSecret::parse(&text), Some(secret.clone()));
        assert!(!format!("{secret:?}").contains('+') && !format!("{secret:?}").contains("251"));
        for wrong in
            ["", "messngr_", &text[1..], &text[..text.len() - 1], &format!("{text}A"), &format!("{text}=")]
        {
            assert_eq!(TokenSecret::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_bytes() {
        // SHA-256 of 32 zero bytes.
        let expected = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
        let hash = TokenSecret::from_random([0; 32]).hash();
        assert_eq!(hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), expected);
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in ".{0,60}", tail in "[A-Za-z0-9_-]{0,50}") {
            let _ = TokenSecret::parse(&text);
            let _ = TokenSecret::parse(&format!("{PREFIX}{tail}"));
        }
    }
}
