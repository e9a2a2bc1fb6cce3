use std::{
    fs::{self, File, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use hub::{Environment, SigningKey};
use thiserror::Error;

/// The secret key by which the service vouches for its alerts: 32 bytes (Ed25519, RFC 8032 §5.1.5).
pub(crate) const ALERT_SIGNING_KEY: &str = "alert-signing.key";

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
}
