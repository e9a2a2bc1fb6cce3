use std::{
    fs::{self, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{
    backup::{self, Staged},
    backup_sent::{self, FILES_FOLDER, Folder},
    schema,
    values::existing,
};
use crate::{BackupFile, StoreError};

/// Puts a backup back: the store as `data_directory/database_name`, and beside it the files that the backup carries,
/// with their modes; what people sent each other, where the backup has it, in the folder [`FILES_FOLDER`]. Returns the
/// files beside the store. It blocks.
///
/// Refused are a file that is no backup of messngr, is damaged ([`StoreError::Corrupt`]) or comes from a newer
/// version ([`StoreError::Newer`]), and a directory that holds a store, or a file of the same name with something
/// else in it ([`StoreError::Exists`]). A restore that fails leaves the directory as it was. The store gets its name
/// last: one that is interrupted can be done again.
pub fn restore(
    backup: &Path,
    data_directory: &Path,
    database_name: &str,
) -> Result<Vec<BackupFile>, StoreError> {
    if !backup::is_plain_name(database_name) {
        return Err(StoreError::Unavailable { why: backup::wrong_name(database_name) });
    }
    let database = data_directory.join(database_name);
    for taken in
        [database_name.to_owned(), format!("{database_name}-wal"), format!("{database_name}-journal")]
    {
        let taken = data_directory.join(taken);
        if taken.try_exists()? {
            return Err(existing(format!("the file {}", taken.display())));
        }
    }
    let mut sent = Sent::default();
    let (staged_database, files) = stage_database(backup, &database, data_directory, &mut sent)?;
    let mut staged = Vec::new();
    for file in &files {
        let target = data_directory.join(&file.name);
        if file.name == database_name {
            return Err(existing(format!("the file {} in the backup beside the store", file.name)));
        }
        if !is_there_already(file, &target)? {
            staged.push((stage_file(file, &target)?, target));
        }
    }
    let mut moved = Moved::default();
    for (file, target) in staged.iter().chain(&sent.staged) {
        file.move_to_new(target)?;
        moved.files.push(target.clone());
    }
    if let Some(folder) = &sent.folder {
        backup_sent::sync(folder)?;
    }
    backup::sync_folder_of(&database)?;
    staged_database.move_to_new(&database)?;
    moved.files.clear();
    backup::sync_folder_of(&database)?;
    Ok(files)
}

/// The copy is what is examined, so that what was examined is what is used.
fn stage_database(
    backup: &Path,
    target: &Path,
    data_directory: &Path,
    sent: &mut Sent,
) -> Result<(Staged, Vec<BackupFile>), StoreError> {
    let staged = Staged::beside(target, "restoring")?;
    let mut from = fs::File::open(backup)?;
    let mut to = OpenOptions::new().write(true).open(&staged.path)?;
    std::io::copy(&mut from, &mut to)?;
    let connection = backup::open_existing(&staged.path)?;
    examine(&connection, backup)?;
    let files = backup::files(&connection)?;
    backup::make_single_file(&connection)?;
    // The files hold keys: nothing of them stays behind in the store's free pages.
    connection.execute_batch("PRAGMA secure_delete = ON; DROP TABLE backup_files;")?;
    let compacted = if backup_sent::is_there(&connection)? {
        let folder = sent.folder.insert(Folder::make(data_directory.join(FILES_FOLDER))?);
        sent.staged = backup_sent::stage(&connection, &folder.path)?;
        // It is a copy of a copy: what breaks off is thrown away, and needs no journal.
        connection.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
        connection.execute_batch("PRAGMA secure_delete = OFF; DROP TABLE backup_pieces;")?;
        Some(backup_sent::compacted(&connection, target)?)
    } else {
        None
    };
    connection.close().map_err(|(_, error)| error)?;
    to.sync_all()?;
    Ok((compacted.unwrap_or(staged), files))
}

fn examine(connection: &Connection, backup: &Path) -> Result<(), StoreError> {
    let wrong = |what: &str| StoreError::Corrupt { why: format!("{} {what}", backup.display()) };
    let schema = schema::version(connection, backup, schema::MIGRATIONS.len())?;
    if schema == 0 || !connection.table_exists(None, "backup_files")? {
        return Err(wrong("is not a backup of messngr"));
    }
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(wrong(&format!("is damaged: {verdict}"))) }
}

/// Whether an interrupted restore has put the file there before.
fn is_there_already(file: &BackupFile, target: &Path) -> Result<bool, StoreError> {
    let Ok(metadata) = fs::symlink_metadata(target) else { return Ok(false) };
    let same = metadata.is_file()
        && metadata.len() == file.bytes.len() as u64
        && metadata.mode() & 0o777 == file.mode & 0o777
        && fs::read(target)? == file.bytes;
    if same { Ok(true) } else { Err(existing(format!("the file {}", target.display()))) }
}

fn stage_file(file: &BackupFile, target: &Path) -> Result<Staged, StoreError> {
    let staged = Staged::beside(target, "restoring")?;
    let mut to = OpenOptions::new().write(true).open(&staged.path)?;
    to.write_all(&file.bytes)?;
    to.set_permissions(Permissions::from_mode(file.mode & 0o777))?;
    to.sync_all()?;
    Ok(staged)
}

/// What people sent each other, on its way to its folder. The folder goes last.
#[derive(Default)]
struct Sent {
    staged: Vec<(Staged, PathBuf)>,
    folder: Option<Folder>,
}

/// Files that have got their names, and lose them again unless the restore succeeds.
#[derive(Default)]
struct Moved {
    files: Vec<PathBuf>,
}

impl Drop for Moved {
    fn drop(&mut self) {
        for file in &self.files {
            if let Err(error) = fs::remove_file(file) {
                tracing::warn!(%error, file = %file.display(), "cannot take back a restored file");
            }
        }
    }
}
