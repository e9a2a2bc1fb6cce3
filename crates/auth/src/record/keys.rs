//! One set of SCRAM keys: what RFC 5802 §3 says a server stores, for one hash function.

use super::{ITERATIONS_MAX, RecordError};
use crate::hash::{Hash, Secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::num::NonZeroU32;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The length of the salts of our own records; records from elsewhere may have others.
const SALT_BYTES: usize = 16;
const SALT_BYTES_MAX: usize = 128;

#[derive(Clone)]
pub(crate) struct Keys {
    hash: Hash,
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: NonZeroU32,
    pub(crate) stored_key: Secret,
    pub(crate) server_key: Secret,
}

impl Keys {
    /// The keys of a password that SASLprep has been applied to.
    pub(super) fn derive(hash: Hash, password: &str, salt: &[u8], iterations: NonZeroU32) -> Self {
        let salted = hash.salted_password(password, salt, iterations);
        Self {
            hash,
            salt: salt.to_vec(),
            iterations,
            stored_key: hash.digest(&hash.client_key(&salted)),
            server_key: hash.server_key(&salted),
        }
    }

    /// Keys that belong to no password, always the same for the same secret and name.
    pub(super) fn decoy(hash: Hash, secret: &[u8; 32], name: &str, iterations: NonZeroU32) -> Self {
        let part = |label: &str, bytes: usize| {
            let text = Zeroizing::new(format!("{} {label} {name}", mechanism_name(hash)));
            let mut part = Hash::Sha256.hmac(secret, text.as_bytes());
            part.truncate(bytes);
            part
        };
        Self {
            hash,
            salt: part("salt", SALT_BYTES).to_vec(),
            iterations,
            stored_key: part("stored", hash.output_bytes()),
            server_key: part("server", hash.output_bytes()),
        }
    }

    /// Whether these are the keys of a password that SASLprep has been applied to.
    pub(super) fn matches(&self, password: &str) -> bool {
        let salted = self.hash.salted_password(password, &self.salt, self.iterations);
        let stored_key = self.hash.digest(&self.hash.client_key(&salted));
        stored_key.ct_eq(&self.stored_key).into()
    }

    /// `authPassword` of RFC 5803 §2, without the optional spaces.
    pub(super) fn to_text(&self) -> String {
        format!(
            "{}${}:{}${}:{}",
            mechanism_name(self.hash),
            self.iterations,
            BASE64.encode(&self.salt),
            BASE64.encode(&*self.stored_key),
            BASE64.encode(&*self.server_key),
        )
    }

    pub(super) fn from_text(hash: Hash, text: &str) -> Result<Self, RecordError> {
        let mut fields = text.splitn(3, '$');
        let mut field = || fields.next().ok_or(expected("three fields parted by '$'"));
        let (name, parameters, keys) = (field()?, field()?, field()?);
        if name != mechanism_name(hash) {
            return Err(expected("the keys of SCRAM-SHA-1, then those of SCRAM-SHA-256"));
        }
        let (iterations, salt) = parameters.split_once(':').ok_or(expected("a count, ':' and a salt"))?;
        let (stored_key, server_key) = keys.split_once(':').ok_or(expected("two keys parted by ':'"))?;
        Ok(Self {
            hash,
            salt: read_salt(salt)?,
            iterations: read_iterations(iterations)?,
            stored_key: read_key(hash, stored_key)?,
            server_key: read_key(hash, server_key)?,
        })
    }
}

fn mechanism_name(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "SCRAM-SHA-1",
        Hash::Sha256 => "SCRAM-SHA-256",
    }
}

fn read_salt(text: &str) -> Result<Vec<u8>, RecordError> {
    let salt = BASE64.decode(text).map_err(|_| expected("a salt in base64"))?;
    match salt.len() {
        1..=SALT_BYTES_MAX => Ok(salt),
        _ => Err(expected("a salt of 1 to 128 bytes")),
    }
}

fn read_iterations(text: &str) -> Result<NonZeroU32, RecordError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let iterations = text.parse().ok().filter(|count| digits && *count <= ITERATIONS_MAX);
    iterations.ok_or(expected("a count of iterations from 1 to 1000000"))
}

fn read_key(hash: Hash, text: &str) -> Result<Secret, RecordError> {
    let key = BASE64.decode(text).map(Zeroizing::new).ok();
    key.filter(|key| key.len() == hash.output_bytes()).ok_or(expected("keys of the hash's length in base64"))
}

fn expected(expected: &'static str) -> RecordError {
    RecordError { expected }
}
