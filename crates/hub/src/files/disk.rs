use std::{fs::File, io, path::Path};

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::FileError;

/// How many threads may be busy with files at once. Others wait for the same threads, those who sign in among them.
const THREADS_MAX: usize = 16;

/// How many bytes are read of a file at a time.
const PIECE_BYTES: usize = 64 << 10;

/// The way to the disk that files have: by few threads, each for one piece and never while a client is waited for.
#[derive(Debug)]
pub(super) struct Disk {
    threads: Semaphore,
}

/// The bytes of a file, as they are fetched. While nobody takes them it holds no thread.
#[derive(Debug)]
pub struct Outgoing {
    file: Option<File>,
    /// Where the next piece begins, and how many bytes are left of what was asked for.
    place: u64,
    left: u64,
    disk: std::sync::Arc<Disk>,
}

impl Default for Disk {
    fn default() -> Self {
        Self { threads: Semaphore::new(THREADS_MAX) }
    }
}

impl Disk {
    /// Does what blocks on a thread that may.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T, FileError> {
        let turn = self.threads.acquire().await.map_err(|error| failed(&error))?;
        let done = tokio::task::spawn_blocking(work).await.map_err(|error| failed(&error))?;
        drop(turn);
        done.map_err(|error| failed(&error))
    }
}

impl Outgoing {
    pub(super) fn new(file: File, size: u64, disk: std::sync::Arc<Disk>) -> Self {
        Self { file: Some(file), place: 0, left: size, disk }
    }

    /// Gives only so many bytes, from here on.
    #[must_use]
    pub fn part(self, begin: u64, count: u64) -> Self {
        Self { place: begin, left: count, ..self }
    }

    /// The next piece; none at the end, also where the file has fewer bytes than it should.
    ///
    /// # Errors
    /// [`FileError::Disk`]; nothing more can be read then.
    pub async fn next(&mut self) -> Result<Option<Bytes>, FileError> {
        let length = usize::try_from(self.left).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        let Some(file) = self.file.take().filter(|_| length > 0) else { return Ok(None) };
        let place = self.place;
        let (file, piece) =
            self.disk.work(move || read(&file, place, length).map(|piece| (file, piece))).await?;
        if piece.is_empty() {
            return Ok(None);
        }
        self.file = Some(file);
        (self.place, self.left) = (self.place + piece.len() as u64, self.left - piece.len() as u64);
        Ok(Some(piece))
    }
}

fn read(file: &File, place: u64, length: usize) -> io::Result<Bytes> {
    let mut piece = vec![0; length];
    let count = std::os::unix::fs::FileExt::read_at(file, &mut piece, place)?;
    piece.truncate(count);
    Ok(piece.into())
}

/// How many bytes more the disk of this folder may take: what is to stay free is not among them. It blocks.
pub(super) fn room(folder: &Path, free_bytes_min: u64, free_percent_min: u8) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    let whole = u128::from(disk.f_blocks) * u128::from(disk.f_frsize);
    let free = u128::from(disk.f_bavail) * u128::from(disk.f_frsize);
    let reserve = u128::from(free_bytes_min).max(whole * u128::from(free_percent_min) / 100);
    Ok(u64::try_from(free.saturating_sub(reserve)).unwrap_or(u64::MAX))
}

fn failed(error: &dyn std::error::Error) -> FileError {
    FileError::Disk { why: error.to_string() }
}
