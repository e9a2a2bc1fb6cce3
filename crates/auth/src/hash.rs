//! The two hash functions of SCRAM, and what RFC 5802 §2.2 builds from them.

use hmac::{Hmac, KeyInit, Mac};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// Key material; wiped when dropped.
pub(crate) type Secret = Zeroizing<Vec<u8>>;

/// The hash function that a SCRAM mechanism is named after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
}

impl Hash {
    /// The length of a digest, and so of every key, signature and proof, in bytes.
    pub(crate) fn output_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// `H(data)`.
    pub(crate) fn digest(self, data: &[u8]) -> Secret {
        Zeroizing::new(match self {
            Self::Sha1 => Sha1::digest(data).to_vec(),
            Self::Sha256 => Sha256::digest(data).to_vec(),
        })
    }

    /// `HMAC(key, data)`.
    pub(crate) fn hmac(self, key: &[u8], data: &[u8]) -> Secret {
        Zeroizing::new(match self {
            Self::Sha1 => hmac::<Hmac<Sha1>>(key, data),
            Self::Sha256 => hmac::<Hmac<Sha256>>(key, data),
        })
    }

    /// `Hi(password, salt, iterations)`: PBKDF2 with one block of output.
    pub(crate) fn salted_password(self, password: &str, salt: &[u8], iterations: NonZeroU32) -> Secret {
        let mut salted = Zeroizing::new(vec![0; self.output_bytes()]);
        match self {
            Self::Sha1 => pbkdf2_hmac::<Sha1>(password.as_bytes(), salt, iterations.get(), &mut salted),
            Self::Sha256 => pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, iterations.get(), &mut salted),
        }
        salted
    }

    /// `ClientKey`, from the salted password.
    pub(crate) fn client_key(self, salted_password: &[u8]) -> Secret {
        self.hmac(salted_password, b"Client Key")
    }

    /// `ServerKey`, from the salted password.
    pub(crate) fn server_key(self, salted_password: &[u8]) -> Secret {
        self.hmac(salted_password, b"Server Key")
    }
}

/// `left XOR right`, as long as the shorter of the two.
pub(crate) fn xor(left: &[u8], right: &[u8]) -> Secret {
    Zeroizing::new(left.iter().zip(right).map(|(left, right)| left ^ right).collect())
}

fn hmac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length (RFC 2104 §3)");
    mac.chain_update(data).finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pbkdf2_with_sha1_gives_the_key_of_rfc_6070() {
        let iterations = NonZeroU32::new(4096).unwrap();
        let key = Hash::Sha1.salted_password("password", b"salt", iterations);
        let expected = [
            0x4b, 0x00, 0x79, 0x01, 0xb7, 0x65, 0x48, 0x9a, 0xbe, 0xad, 0x49, 0xd9, 0x26, 0xf7, 0x21, 0xd0,
            0x65, 0xa4, 0x29, 0xc1,
        ];
        assert_eq!(key.as_slice(), expected);
    }

    #[test]
    fn digests_have_the_length_that_is_said() {
        for hash in [Hash::Sha1, Hash::Sha256] {
            assert_eq!(hash.digest(b"").len(), hash.output_bytes());
            assert_eq!(hash.hmac(b"", b"").len(), hash.output_bytes());
        }
    }
}
