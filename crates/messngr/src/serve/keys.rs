use std::{
    fmt,
    fs::{self, File, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hub::{Environment, KeyFile, SigningKey};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The secret key by which the service vouches for its alerts: 32 bytes (Ed25519, RFC 8032 §5.1.5).
pub(crate) const ALERT_SIGNING_KEY: &str = "alert-signing.key";

/// The secret keys that came after it, newest last: a JSON list of `{"secret": …, "made_at": …}`.
pub(crate) const ALERT_KEYS: &str = "alert-keys.json";

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub(crate) enum KeyError {
    /// The file cannot be read or written.
    #[error("cannot {action} {file}: {why}")]
    File {
        /// `read` or `write`.
        action: &'static str,
        /// Which file.
        file: String,
        /// What the system says.
        why: String,
    },
    /// The file holds something else.
    #[error(
        "expected 32 bytes in {file}, got {found}: restore the file from a backup, or remove it for a new key; alerts signed with the old one will no longer verify"
    )]
    Length {
        /// Which file.
        file: String,
        /// How many bytes it has.
        found: usize,
    },
    /// The file of newer keys holds something else.
    #[error("{file} does not hold keys: {why}; restore the file from a backup")]
    Keys {
        /// Which file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads the key that alerts are signed with, or makes it.
///
/// # Errors
/// The file cannot be read or written, or holds something else. A key that is there is never replaced.
pub(crate) fn alert_signing_key(directory: &Path, environment: &Environment) -> Result<SigningKey, KeyError> {
    let path = directory.join(ALERT_SIGNING_KEY);
    let file = path.display().to_string();
    let failed =
        |action, error: &io::Error| KeyError::File { action, file: file.clone(), why: error.to_string() };
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let secret = environment.random::<32>();
            write_private(directory, &path, &secret).map_err(|error| failed("write", &error))?;
            secret.to_vec()
        }
        Err(error) => return Err(failed("read", &error)),
    };
    let secret: [u8; 32] =
        bytes.as_slice().try_into().map_err(|_| KeyError::Length { file, found: bytes.len() })?;
    Ok(SigningKey::from_bytes(&secret))
}

/// The file of the keys that came after the first.
#[derive(Debug)]
pub(crate) struct AlertKeys {
    directory: PathBuf,
    known: Mutex<Vec<KeptKey>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct KeptKey {
    secret: String,
    made_at: Timestamp,
}

impl fmt::Debug for KeptKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeptKey({})", self.made_at)
    }
}

impl KeptKey {
    fn bytes(&self) -> Option<[u8; 32]> {
        URL_SAFE_NO_PAD.decode(&self.secret).ok()?.try_into().ok()
    }
}

impl AlertKeys {
    /// Reads the file, or makes an empty one.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds something else.
    pub(crate) fn open(directory: &Path) -> Result<Self, KeyError> {
        let path = directory.join(ALERT_KEYS);
        let file = path.display().to_string();
        let failed =
            |action, error: &io::Error| KeyError::File { action, file: file.clone(), why: error.to_string() };
        let known: Vec<KeptKey> = match fs::read(&path) {
            Ok(bytes) => {
                let wrong = |why: String| KeyError::Keys { file: file.clone(), why };
                let known: Vec<KeptKey> =
                    serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
                if known.iter().any(|key| key.bytes().is_none()) {
                    return Err(wrong("a secret does not have 32 bytes".to_owned()));
                }
                known
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                write_private(directory, &path, b"[]").map_err(|error| failed("write", &error))?;
                Vec::new()
            }
            Err(error) => return Err(failed("read", &error)),
        };
        Ok(Self { directory: directory.to_owned(), known: Mutex::new(known) })
    }

    /// The keys, newest last.
    pub(crate) fn keys(&self) -> Vec<SigningKey> {
        let known = self.known.lock();
        known.iter().filter_map(KeptKey::bytes).map(|bytes| SigningKey::from_bytes(&bytes)).collect()
    }
}

impl KeyFile for AlertKeys {
    fn add(&self, secret: &[u8; 32], made_at: Timestamp) -> io::Result<()> {
        let mut known = self.known.lock();
        let mut keys = known.clone();
        keys.push(KeptKey { secret: URL_SAFE_NO_PAD.encode(secret), made_at });
        write_private(&self.directory, &self.directory.join(ALERT_KEYS), &serde_json::to_vec_pretty(&keys)?)?;
        *known = keys;
        Ok(())
    }
}

/// Puts a file of mode 0600 in its place, whole: after a crash it is there or it is not.
pub(super) fn write_private(directory: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file =
        tempfile::Builder::new().permissions(Permissions::from_mode(0o600)).tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_for_its_owner_alone_and_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let environment = Environment::system();
        let first = alert_signing_key(directory.path(), &environment).unwrap();
        let again = alert_signing_key(directory.path(), &environment).unwrap();
        assert_eq!(first.public(), again.public());
        let metadata = fs::metadata(directory.path().join(ALERT_SIGNING_KEY)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        assert_eq!(metadata.len(), 32);
    }

    #[test]
    fn a_damaged_key_is_never_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(ALERT_SIGNING_KEY);
        fs::write(&path, "short").unwrap();
        let error = alert_signing_key(directory.path(), &Environment::system()).unwrap_err();
        assert_eq!(error, KeyError::Length { file: path.display().to_string(), found: 5 });
        assert_eq!(fs::read_to_string(path).unwrap(), "short");
    }

    #[test]
    fn newer_keys_are_kept_in_their_order_for_their_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let keys = AlertKeys::open(directory.path()).unwrap();
        assert!(keys.keys().is_empty());
        for secret in [[1; 32], [2; 32]] {
            keys.add(&secret, Timestamp::UNIX_EPOCH).unwrap();
        }
        let again = AlertKeys::open(directory.path()).unwrap();
        let publics: Vec<_> = again.keys().iter().map(SigningKey::public).collect();
        assert_eq!(publics, [[1; 32], [2; 32]].map(|secret| SigningKey::from_bytes(&secret).public()));
        let path = directory.path().join(ALERT_KEYS);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "[{\"secret\":\"AAAA\",\"made_at\":\"1970-01-01T00:00:00Z\"}]").unwrap();
        assert!(matches!(AlertKeys::open(directory.path()), Err(KeyError::Keys { .. })));
    }
}
