//! The client's half of SCRAM (RFC 5802) without channel binding. The server's signature is not looked at: the load
//! has nothing to hide from a wrong server.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A hash that SCRAM is used with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Hash {
    /// SCRAM-SHA-1.
    Sha1,
    /// SCRAM-SHA-256 (RFC 7677).
    Sha256,
}

/// The hash, the salt, and the number of iterations.
type Salting = (Hash, Vec<u8>, u32);

/// One password, and what hashing it came to with each salt.
#[derive(Debug)]
pub(crate) struct Password {
    text: String,
    salted: Mutex<HashMap<Salting, Vec<u8>>>,
    nonces: AtomicU64,
}

impl Password {
    /// Nothing is hashed yet.
    pub(crate) fn new(text: String) -> Self {
        Self { text, salted: Mutex::default(), nonces: AtomicU64::new(0) }
    }

    /// The password itself.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The client's first message without its header, `client-first-message-bare`.
    pub(crate) fn first(&self, name: &str) -> String {
        let number = self.nonces.fetch_add(1, Ordering::Relaxed);
        format!("n={name},r=bench{}x{number}", std::process::id())
    }

    /// The client's last message, in answer to the server's first.
    pub(crate) fn last(&self, hash: Hash, first: &str, challenge: &str) -> anyhow::Result<String> {
        let field = |letter: &str| challenge.split(',').find_map(|field| field.strip_prefix(letter));
        let nonce = field("r=").context("the challenge has no nonce")?;
        let salt = STANDARD.decode(field("s=").context("the challenge has no salt")?)?;
        let rounds: u32 = field("i=").context("the challenge has no iteration count")?.parse()?;
        let without_proof = format!("c=biws,r={nonce}");
        let said = format!("{first},{challenge},{without_proof}");
        let salted = self.salted(hash, salt, rounds);
        let mut proof = hash.mac(&salted, b"Client Key");
        let signature = hash.mac(&hash.digest(&proof), said.as_bytes());
        proof.iter_mut().zip(signature).for_each(|(byte, other)| *byte ^= other);
        Ok(format!("{without_proof},p={}", STANDARD.encode(proof)))
    }

    fn salted(&self, hash: Hash, salt: Vec<u8>, rounds: u32) -> Vec<u8> {
        let key = (hash, salt, rounds);
        let known = || self.salted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(salted) = known().get(&key) {
            return salted.clone();
        }
        let salted = match hash {
            Hash::Sha1 => {
                pbkdf2::pbkdf2_hmac_array::<Sha1, 20>(self.text.as_bytes(), &key.1, rounds).to_vec()
            }
            Hash::Sha256 => {
                pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(self.text.as_bytes(), &key.1, rounds).to_vec()
            }
        };
        known().insert(key, salted.clone());
        salted
    }
}

impl Hash {
    fn mac(self, key: &[u8], text: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => mac::<Hmac<Sha1>>(key, text),
            Self::Sha256 => mac::<Hmac<Sha256>>(key, text),
        }
    }

    fn digest(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(text).to_vec(),
            Self::Sha256 => Sha256::digest(text).to_vec(),
        }
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length (RFC 2104 §3), so there is always one.
    <M as KeyInit>::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proofs_are_those_of_the_examples_of_rfc_5802_and_rfc_7677() {
        let password = Password::new("pencil".to_owned());
        let first = "n=user,r=fyko+d2lbbFgONRv9qkxdawL";
        let challenge = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
        let last = password.last(Hash::Sha1, first, challenge).unwrap();
        assert!(last.ends_with(",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="), "{last}");
        let first = "n=user,r=rOprNGfwEbeRWgbNEkqO";
        let challenge =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let last = password.last(Hash::Sha256, first, challenge).unwrap();
        assert!(last.ends_with(",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="), "{last}");
    }

    #[test]
    fn a_challenge_that_is_none_is_an_error() {
        let password = Password::new("pencil".to_owned());
        assert!(password.last(Hash::Sha1, "n=u,r=a", "e=other-error").is_err());
    }
}
