//! The bytes of files that people sent each other, in a backup: in pieces, so that none has to fit into memory.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::{
    backup::{self, Staged},
    files,
    values::{execute, existing},
};
use crate::StoreError;

/// Where files lie below the data directory, each named by its hash.
pub const FILES_FOLDER: &str = "files";

/// A file's pieces stand together, in their order.
const TABLE: &str = "CREATE TABLE backup_pieces (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    bytes BLOB NOT NULL
) STRICT";

const PIECE_BYTES: u64 = 256 << 10;

/// Puts the bytes of all files that `copy` knows of into it.
pub(super) fn add(copy: &Connection, folder: &Path) -> Result<(), StoreError> {
    copy.execute_batch(TABLE)?;
    for hash in files::hashes(copy)? {
        let mut file = match File::open(folder.join(hex(&hash))) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                tracing::warn!(
                    hash = hex(&hash),
                    "a file is not there, so that the backup has none of its bytes"
                );
                continue;
            }
            other => other?,
        };
        loop {
            let mut piece = Vec::new();
            (&mut file).take(PIECE_BYTES).read_to_end(&mut piece)?;
            // A file without bytes has one piece too.
            let last = (piece.len() as u64) < PIECE_BYTES;
            execute(copy, "INSERT INTO backup_pieces (hash, bytes) VALUES (?1, ?2)", (hash, piece))?;
            if last {
                break;
            }
        }
    }
    Ok(())
}

/// Whether a backup has bytes of files.
pub(super) fn is_there(copy: &Connection) -> Result<bool, StoreError> {
    Ok(copy.table_exists(None, "backup_pieces")?)
}

/// Writes the files of a backup beside where they are to be, which is returned with each. Those that an interrupted
/// restore has put there are left as they are.
pub(super) fn stage(copy: &Connection, folder: &Path) -> Result<Vec<(Staged, PathBuf)>, StoreError> {
    let mut statement = copy.prepare("SELECT hash, bytes FROM backup_pieces ORDER BY number")?;
    let mut rows = statement.query([])?;
    let (mut staged, mut coming): (Vec<(Staged, PathBuf)>, Option<Coming>) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        let (hash, bytes): ([u8; 32], &[u8]) = (row.get(0)?, row.get_ref(1)?.as_blob().unwrap_or_default());
        if coming.as_ref().is_none_or(|coming| coming.hash != hash) {
            staged.extend(coming.take().map(Coming::end).transpose()?.flatten());
            coming = Some(Coming::begin(hash, folder)?);
        }
        if let Some(coming) = &mut coming {
            coming.hasher.update(bytes);
            if let Some((_, file)) = &mut coming.to {
                file.write_all(bytes)?;
            }
        }
    }
    staged.extend(coming.map(Coming::end).transpose()?.flatten());
    Ok(staged)
}

/// A copy of `copy` at `target` without what was dropped from it.
pub(super) fn compacted(copy: &Connection, target: &Path) -> Result<Staged, StoreError> {
    let staged = Staged::beside(target, "compacting")?;
    copy.execute("VACUUM INTO ?1", [staged.path.to_string_lossy()])?;
    File::open(&staged.path)?.sync_all()?;
    Ok(staged)
}

/// A folder that goes away again unless it is used.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    made: bool,
}

impl Folder {
    pub(super) fn make(path: PathBuf) -> Result<Self, StoreError> {
        let made = match fs::create_dir(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            other => other.map(|()| true)?,
        };
        Ok(Self { path, made })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.made {
            // One that is used is not empty.
            drop(fs::remove_dir(&self.path));
        }
    }
}

/// A file whose pieces are coming.
struct Coming {
    hash: [u8; 32],
    hasher: Sha256,
    target: PathBuf,
    /// None where the file is there already.
    to: Option<(Staged, File)>,
}

impl Coming {
    fn begin(hash: [u8; 32], folder: &Path) -> Result<Self, StoreError> {
        let target = folder.join(hex(&hash));
        let to = if target.try_exists()? {
            if hash_of(&target)? != hash {
                return Err(existing(format!("the file {}", target.display())));
            }
            None
        } else {
            let staged = Staged::beside(&target, "restoring")?;
            let file = OpenOptions::new().write(true).open(&staged.path)?;
            Some((staged, file))
        };
        Ok(Self { hash, hasher: Sha256::new(), target, to })
    }

    fn end(self) -> Result<Option<(Staged, PathBuf)>, StoreError> {
        let name = hex(&self.hash);
        if self.hasher.finalize()[..] != self.hash {
            return Err(StoreError::Corrupt { why: format!("the file {name} in the backup is damaged") });
        }
        let Some((staged, file)) = self.to else { return Ok(None) };
        file.sync_all()?;
        Ok(Some((staged, self.target)))
    }
}

fn hash_of(path: &Path) -> Result<[u8; 32], StoreError> {
    let (mut file, mut hasher) = (File::open(path)?, Sha256::new());
    let mut piece = vec![0; 64 << 10];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hasher.finalize().into()),
            count => hasher.update(&piece[..count]),
        }
    }
}

fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes the names of restored files durable.
pub(super) fn sync(folder: &Folder) -> Result<(), StoreError> {
    backup::sync_folder_of(&folder.path.join("any"))
}
