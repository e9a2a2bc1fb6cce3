use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{FileError, FileSlot, disk::Disk, hex, slots::Running};

/// How files are called that have not come whole.
pub(super) const PARTIAL: &str = "incoming-";

/// How many bytes are gathered before the disk is asked to take them.
const PIECE_BYTES: usize = 64 << 10;

/// A file that is coming. Dropped before it is finished, nothing of it stays. While it waits for more it holds no
/// thread, so that a client that is slow keeps nobody from anything.
#[derive(Debug)]
pub struct Incoming {
    slot: FileSlot,
    came: u64,
    /// What has come and was not written yet.
    gathered: Vec<u8>,
    partial: Option<Partial>,
    disk: Arc<Disk>,
    /// Until this is dropped, its owner's other files have less room.
    running: Running,
}

/// What is on the disk of it. It is taken away when this is dropped, wherever that is.
#[derive(Debug)]
struct Partial {
    /// None before the first bytes are written.
    file: Option<File>,
    hasher: Sha256,
    path: PathBuf,
}

/// A file that has come whole and lies beside its place.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) slot: FileSlot,
    pub(super) hash: [u8; 32],
    partial: Partial,
    /// Dropped with it: until then it counts as one that is coming.
    _running: Running,
}

impl Incoming {
    pub(super) fn begin(slot: FileSlot, folder: &Path, disk: Arc<Disk>, running: Running) -> Self {
        let path = folder.join(format!("{PARTIAL}{}", slot.slot));
        let partial = Partial { file: None, hasher: Sha256::new(), path };
        Self { slot, came: 0, gathered: Vec::new(), partial: Some(partial), disk, running }
    }

    /// How many bytes were promised.
    pub fn expected(&self) -> u64 {
        self.slot.draft.size
    }

    /// Takes the next bytes; waits while the disk is behind.
    ///
    /// # Errors
    /// [`FileError::WrongSize`] for more than were promised; [`FileError::Disk`] where the disk takes no more.
    pub async fn take(&mut self, bytes: Bytes) -> Result<(), FileError> {
        self.came = self.came.saturating_add(bytes.len() as u64);
        if self.came > self.expected() {
            return Err(FileError::WrongSize { expected: self.expected(), came: self.came });
        }
        self.gathered.extend_from_slice(&bytes);
        if self.gathered.len() >= PIECE_BYTES { self.write().await } else { Ok(()) }
    }

    /// Waits until the file is on the disk, beside its place.
    pub(super) async fn finish(mut self) -> Result<Whole, FileError> {
        let (expected, came) = (self.expected(), self.came);
        if came != expected {
            return Err(FileError::WrongSize { expected, came });
        }
        self.write().await?;
        let partial = self.partial.take().ok_or_else(broken)?;
        let (partial, hash) = self.disk.work(move || partial.finish()).await?;
        let Self { slot, running, .. } = self;
        Ok(Whole { slot, hash, partial, _running: running })
    }

    async fn write(&mut self) -> Result<(), FileError> {
        let (piece, partial) = (std::mem::take(&mut self.gathered), self.partial.take().ok_or_else(broken)?);
        // Where nobody waits for it any more, the work ends all the same and takes away what it wrote.
        self.partial = Some(self.disk.work(move || partial.write(&piece)).await?);
        Ok(())
    }
}

impl Whole {
    /// Puts it there under its hash. It blocks.
    pub(super) fn place(&self, folder: &Path) -> std::io::Result<()> {
        fs::rename(&self.partial.path, folder.join(hex(&self.hash)))?;
        File::open(folder)?.sync_all()
    }
}

impl Partial {
    fn write(mut self, piece: &[u8]) -> std::io::Result<Self> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path)?;
                none.insert(new)
            }
        };
        file.write_all(piece)?;
        self.hasher.update(piece);
        Ok(self)
    }

    fn finish(self) -> std::io::Result<(Self, [u8; 32])> {
        if let Some(file) = &self.file {
            file.sync_all()?;
        }
        let hash = self.hasher.clone().finalize().into();
        Ok((self, hash))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // What is in its place is not called so any more.
        if self.file.take().is_some() {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// The disk did not take an earlier piece.
fn broken() -> FileError {
    FileError::Disk { why: "the disk takes no more".to_owned() }
}
