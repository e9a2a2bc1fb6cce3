use std::{
    fs::{self, File, OpenOptions},
    io::ErrorKind,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};
use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};

use super::{
    backup_sent,
    values::{all, execute, existing},
};
use crate::{BackupFile, StoreError};

/// Writes the store behind `source`, as it is at this moment, and `files` with it, into the new file `target`; with the
/// folder of `sent`, also the bytes of the files that people sent.
pub(super) fn write(
    source: &Connection,
    target: &Path,
    files: &[BackupFile],
    sent: Option<&Path>,
) -> Result<(), StoreError> {
    if target.try_exists()? {
        return Err(existing(format!("the file {}", target.display())));
    }
    let partial = partial_copy(source, target, files, sent)?;
    partial.move_to_new(target)?;
    sync_folder_of(target)
}

/// Copies the store behind `source` to `target`, in the place of an earlier copy.
pub(super) fn copy(source: &Connection, target: &Path) -> Result<(), StoreError> {
    let partial = partial_copy(source, target, &[], None)?;
    fs::rename(&partial.path, target)?;
    sync_folder_of(target)
}

fn partial_copy(
    source: &Connection,
    target: &Path,
    files: &[BackupFile],
    sent: Option<&Path>,
) -> Result<Staged, StoreError> {
    if let Some(file) = files.iter().find(|file| !is_plain_name(&file.name)) {
        return Err(StoreError::Unavailable { why: wrong_name(&file.name) });
    }
    let partial = Staged::beside(target, "partial")?;
    let mut connection = open_existing(&partial.path)?;
    match Backup::new(source, &mut connection)?.step(-1)? {
        StepResult::Done => {}
        other => return Err(StoreError::Unavailable { why: format!("the copy did not end: {other:?}") }),
    }
    make_single_file(&connection)?;
    connection.execute_batch(
        "BEGIN;
         CREATE TABLE backup_files (name TEXT NOT NULL PRIMARY KEY, mode INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;",
    )?;
    for BackupFile { name, mode, bytes } in files {
        let sql = "INSERT INTO backup_files (name, mode, bytes) VALUES (?1, ?2, ?3)";
        execute(&connection, sql, (name, mode, bytes))?;
    }
    if let Some(folder) = sent {
        backup_sent::add(&connection, folder)?;
    }
    connection.execute_batch("COMMIT")?;
    connection.close().map_err(|(_, error)| error)?;
    File::open(&partial.path)?.sync_all()?;
    Ok(partial)
}

/// The files that a backup carries, in the order of their names.
pub(super) fn files(backup: &Connection) -> Result<Vec<BackupFile>, StoreError> {
    let sql = "SELECT name, mode, bytes FROM backup_files ORDER BY name";
    let files = all(backup, sql, [], |row| {
        Ok(BackupFile { name: row.get(0)?, mode: row.get(1)?, bytes: row.get(2)? })
    })?;
    match files.iter().find(|file| !is_plain_name(&file.name)) {
        Some(file) => Err(StoreError::Corrupt { why: wrong_name(&file.name) }),
        None => Ok(files),
    }
}

/// Whether a name stays in the folder it is put into.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0'])
}

/// Why a name is not plain.
pub(super) fn wrong_name(name: &str) -> String {
    format!("{name:?} is not the name of a file in one folder")
}

/// Opens a database that nobody else uses.
pub(super) fn open_existing(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(file, flags)?)
}

/// No files beside this one: no write-ahead log, no journal.
pub(super) fn make_single_file(connection: &Connection) -> Result<(), StoreError> {
    for mode in ["DELETE", "MEMORY"] {
        connection.pragma_update_and_check(None, "journal_mode", mode, |_| Ok(()))?;
    }
    Ok(())
}

/// A file of mode 0600 that is being made under a name of its own, and goes away unless it is moved.
pub(super) struct Staged {
    pub(super) path: PathBuf,
}

impl Staged {
    /// Makes it beside `target`, in the place of one that an interrupted attempt left.
    pub(super) fn beside(target: &Path, suffix: &str) -> Result<Self, StoreError> {
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".{suffix}"));
        let path = PathBuf::from(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { path })
    }

    /// Gives it its name, where nothing has it.
    pub(super) fn move_to_new(&self, target: &Path) -> Result<(), StoreError> {
        let taken = || existing(format!("the file {}", target.display()));
        match renameat_with(CWD, &self.path, CWD, target, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(()),
            Err(Errno::EXIST) => Err(taken()),
            // Some file systems cannot do both at once.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) if target.try_exists()? => Err(taken()),
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(fs::rename(&self.path, target)?),
            Err(error) => Err(std::io::Error::from(error).into()),
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, file = %self.path.display(), "cannot remove an unfinished file");
        }
    }
}

/// Makes names in the folder of `file` durable.
pub(super) fn sync_folder_of(file: &Path) -> Result<(), StoreError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(File::open(folder)?.sync_all()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_file_takes_no_name_that_was_taken_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("backup");
        let staged = Staged::beside(&target, "partial").unwrap();
        fs::write(&target, "precious").unwrap();
        assert!(matches!(staged.move_to_new(&target), Err(StoreError::Exists { .. })));
        assert_eq!(fs::read(&target).unwrap(), b"precious");
        drop(staged);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "what got no name goes away");
    }
}
