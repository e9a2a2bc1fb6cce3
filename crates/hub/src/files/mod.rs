//! Files that people send each other: their bytes lie in a folder, named by their hash, and what is known of them in
//! the store.

mod disk;
mod incoming;
mod slots;
mod tidy;

use std::{
    fs::{self, File},
    path::PathBuf,
    sync::Arc,
};

use domain::Address;
use store::{Change, FileId, FileRecord, Outcome};

pub use disk::Outgoing;
pub use incoming::Incoming;
pub use slots::{FileDraft, FileSlot, SlotId};

use self::{disk::Disk, slots::Slots};
use crate::{Hub, HubError};

/// Where files lie and how many there may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// The folder of the bytes. It is made where it is not there.
    pub folder: PathBuf,
    /// Where files are put and fetched, such as `https://office.internal:8443`, without a slash behind.
    pub base_url: String,
    /// How many bytes one file may have.
    pub size_bytes_max: u64,
    /// How many bytes of files one account may have.
    pub quota_bytes: u64,
    /// How many days a file is kept; 0: for ever.
    pub keep_days: u32,
    /// How many bytes of the disk files leave free, so that messages and alerts still find room.
    pub free_bytes_min: u64,
    /// How many hundredths of the disk they leave free; the larger of the two counts.
    pub free_percent_min: u8,
}

/// The files, where there are any.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) settings: FileSettings,
    slots: Arc<Slots>,
    disk: Arc<Disk>,
    /// Held while bytes come to their place and are remembered: what others are refused is not taken from under them.
    placing: tokio::sync::Mutex<()>,
}

/// Why a file was not taken. The sentences are for the person who sends it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Files are not taken here.
    #[error("files cannot be sent here: the web door is switched off")]
    Closed,
    /// It is larger than files may be.
    #[error("a file may have {bytes_max} bytes here")]
    TooLarge {
        /// How many bytes.
        bytes_max: u64,
    },
    /// Its owner has as much here as they may.
    #[error("you have as many files here as you may: {quota_bytes} bytes in all")]
    QuotaReached {
        /// How many bytes.
        quota_bytes: u64,
    },
    /// Its owner has asked for many places and not used them.
    #[error("use the places that you have asked for first, and let the files come that are under way")]
    TooManySlots,
    /// The disk has as little room left as files leave it.
    #[error("the service has no room for files now: its disk is nearly full")]
    NoRoom,
    /// There is no such place, or it was used.
    #[error("there is no place for this file: ask for one first")]
    NoSlot,
    /// It has not as many bytes as was said.
    #[error("{came} bytes came, and {expected} were promised")]
    WrongSize {
        /// How many were promised.
        expected: u64,
        /// How many came.
        came: u64,
    },
    /// The disk does not take it.
    #[error("the file could not be written: {why}")]
    Disk {
        /// What the system said.
        why: String,
    },
}

impl Hub {
    /// Lets people send files. Only the first call counts; it blocks until the folder is there.
    pub fn set_files(&self, settings: FileSettings) -> std::io::Result<()> {
        fs::create_dir_all(&settings.folder)?;
        let (slots, disk, placing) = Default::default();
        drop(self.files.set(Files { settings, slots, disk, placing }));
        Ok(())
    }

    /// Where files lie and how many there may be; none where people cannot send any.
    pub fn file_settings(&self) -> Option<&FileSettings> {
        self.files.get().map(|files| &files.settings)
    }

    fn files(&self) -> Result<&Files, FileError> {
        self.files.get().ok_or(FileError::Closed)
    }

    /// Gives a person a place for a file of exactly this size, for a few minutes and one attempt.
    pub async fn open_file_slot(&self, owner: &Address, draft: FileDraft) -> Result<FileSlot, HubError> {
        let files = self.files()?;
        let FileSettings { size_bytes_max, quota_bytes, .. } = files.settings;
        if draft.size > size_bytes_max {
            return Err(FileError::TooLarge { bytes_max: size_bytes_max }.into());
        }
        let used = self.store.file_bytes(owner).await?;
        self.check_room(draft.size).await?;
        let (slot, id) = (SlotId(self.environment.random()), FileId(self.random_uuid()));
        let now = self.environment.now();
        Ok(files.slots.open(owner, &draft, (slot, id), used, quota_bytes, now)?)
    }

    /// Files leave the disk some room, and what is under way is counted as if it were there.
    async fn check_room(&self, size: u64) -> Result<(), FileError> {
        let files = self.files()?;
        let FileSettings { folder, free_bytes_min, free_percent_min, .. } = files.settings.clone();
        let room = files.disk.work(move || disk::room(&folder, free_bytes_min, free_percent_min)).await?;
        if files.slots.under_way().saturating_add(size) > room { Err(FileError::NoRoom) } else { Ok(()) }
    }

    fn random_uuid(&self) -> uuid::Uuid {
        uuid::Builder::from_random_bytes(self.environment.random()).into_uuid()
    }

    /// Begins to take the file of a place, which is used up by that. `size` is how many bytes are said to come.
    pub async fn begin_file(&self, slot: SlotId, size: Option<u64>) -> Result<Incoming, FileError> {
        let files = self.files()?;
        let expected = files.slots.size(slot, self.environment.now()).ok_or(FileError::NoSlot)?;
        if let Some(came) = size.filter(|size| *size != expected) {
            return Err(FileError::WrongSize { expected, came });
        }
        self.check_room(expected).await?;
        let (slot, running) =
            Slots::take(&files.slots, slot, self.environment.now()).ok_or(FileError::NoSlot)?;
        Ok(Incoming::begin(slot, &files.settings.folder, files.disk.clone(), running))
    }

    /// Takes a file that has come whole: from now on it can be fetched.
    pub async fn finish_file(&self, incoming: Incoming) -> Result<FileRecord, HubError> {
        let files = self.files()?;
        let FileSettings { quota_bytes, folder, .. } = files.settings.clone();
        let whole = incoming.finish().await?;
        let hash = whole.hash;
        let file = FileRecord {
            id: whole.slot.id,
            owner: whole.slot.owner.clone(),
            name: whole.slot.draft.name.clone(),
            media_type: whole.slot.draft.media_type.clone(),
            size: whole.slot.draft.size,
            hash,
            stored_at: self.environment.now(),
        };
        let _placing = files.placing.lock().await;
        let place = folder.clone();
        // It counts as under way until it is remembered.
        let whole = files.disk.work(move || whole.place(&place).map(|()| whole)).await?;
        let change = Change::AddFile { file: file.clone(), bytes_max: quota_bytes };
        let outcomes = self.store.commit(vec![change]).await;
        drop(whole);
        match outcomes {
            Ok(outcomes) if !outcomes.contains(&Outcome::Full) => Ok(file),
            refused => {
                // Others may have the same bytes.
                if !self.store.file_hashes().await?.contains(&hash) {
                    files.disk.work(move || fs::remove_file(folder.join(hex(&hash)))).await?;
                }
                refused?;
                Err(FileError::QuotaReached { quota_bytes }.into())
            }
        }
    }

    /// A file and its bytes; none where there is none of this id.
    pub async fn open_file(&self, id: FileId) -> Result<Option<(FileRecord, Outgoing)>, HubError> {
        let files = self.files()?;
        let Some(record) = self.store.file(id).await? else { return Ok(None) };
        let path = files.settings.folder.join(hex(&record.hash));
        let opened = move || match File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        };
        let file = files.disk.work(opened).await?;
        Ok(file.map(|file| {
            let bytes = Outgoing::new(file, record.size, files.disk.clone());
            (record, bytes)
        }))
    }
}

/// What a file's bytes are called.
pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
