use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
};

use super::{FileError, FileSlot, hex};

/// How files are called that have not come whole.
pub(super) const PARTIAL: &str = "incoming-";

/// How many pieces may wait for the disk.
const PIECES_MAX: usize = 4;

/// A file that is coming. Dropped before it is finished, nothing of it stays.
#[derive(Debug)]
pub struct Incoming {
    slot: FileSlot,
    came: u64,
    pieces: Sender<Piece>,
    writing: JoinHandle<Result<[u8; 32], FileError>>,
}

enum Piece {
    Bytes(Bytes),
    End,
}

impl Incoming {
    pub(super) fn begin(slot: FileSlot, folder: PathBuf) -> Self {
        let (pieces, coming) = channel(PIECES_MAX);
        let partial = folder.join(format!("{PARTIAL}{}", slot.slot));
        let writing = tokio::task::spawn_blocking(move || write(&folder, &partial, coming));
        Self { slot, came: 0, pieces, writing }
    }

    /// How many bytes were promised.
    pub fn expected(&self) -> u64 {
        self.slot.draft.size
    }

    /// Takes the next bytes; waits while the disk is behind.
    ///
    /// # Errors
    /// [`FileError::WrongSize`] for more than were promised. Why the disk takes no more is said at the end.
    pub async fn take(&mut self, bytes: Bytes) -> Result<(), FileError> {
        self.came = self.came.saturating_add(bytes.len() as u64);
        if self.came > self.expected() {
            return Err(FileError::WrongSize { expected: self.expected(), came: self.came });
        }
        let gone = self.pieces.send(Piece::Bytes(bytes)).await.is_err();
        if gone { Err(FileError::Disk { why: "the disk takes no more".to_owned() }) } else { Ok(()) }
    }

    /// Waits until the file is on the disk under its hash.
    pub(super) async fn finish(self) -> Result<(FileSlot, [u8; 32]), FileError> {
        let (expected, came) = (self.expected(), self.came);
        if came != expected {
            return Err(FileError::WrongSize { expected, came });
        }
        // Where that fails, the writing has ended and says why.
        drop(self.pieces.send(Piece::End).await);
        drop(self.pieces);
        let written = self.writing.await.map_err(|error| FileError::Disk { why: error.to_string() })?;
        Ok((self.slot, written?))
    }
}

/// Writes what comes beside its place, and puts it there when it is whole. Without an end nothing stays.
fn write(folder: &Path, partial: &Path, coming: Receiver<Piece>) -> Result<[u8; 32], FileError> {
    let written = write_partial(partial, coming).and_then(|whole| match whole {
        Some(hash) => {
            fs::rename(partial, folder.join(hex(&hash)))?;
            File::open(folder)?.sync_all()?;
            Ok(Some(hash))
        }
        None => Ok(None),
    });
    match written {
        Ok(Some(hash)) => Ok(hash),
        other => {
            drop(fs::remove_file(partial));
            let why = other.err().map_or("it did not come whole".to_owned(), |error| error.to_string());
            Err(FileError::Disk { why })
        }
    }
}

fn write_partial(partial: &Path, mut coming: Receiver<Piece>) -> std::io::Result<Option<[u8; 32]>> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(partial)?;
    let mut hasher = Sha256::new();
    while let Some(piece) = coming.blocking_recv() {
        match piece {
            Piece::Bytes(bytes) => {
                file.write_all(&bytes)?;
                hasher.update(&bytes);
            }
            Piece::End => {
                file.sync_all()?;
                return Ok(Some(hasher.finalize().into()));
            }
        }
    }
    Ok(None)
}
