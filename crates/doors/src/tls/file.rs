//! Files that are there whole or not at all.

use super::authority::AuthorityError;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Who may read a file.
#[derive(Clone, Copy)]
pub(super) enum Readers {
    /// The service's own user.
    Owner,
    /// Everybody on the machine.
    Everyone,
}

/// The text of a file, or `None` if there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<String>, AuthorityError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path, &error)),
    }
}

/// Writes a file beside its place, then puts it there: after a crash the old one or the new one is found.
pub(super) fn write(path: &Path, text: &str, readers: Readers) -> Result<(), AuthorityError> {
    let directory = path.parent().unwrap_or(Path::new("."));
    replace(directory, path, text, readers).map_err(|error| failed("write", path, &error))
}

fn replace(directory: &Path, path: &Path, text: &str, readers: Readers) -> io::Result<()> {
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Everyone => 0o644,
    };
    let mut file =
        tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(directory)?.sync_all()
}

fn failed(action: &'static str, path: &Path, error: &io::Error) -> AuthorityError {
    AuthorityError::File { action, path: path.to_owned(), kind: error.kind() }
}
