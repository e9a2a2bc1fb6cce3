#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod absence;
mod alert_change;
mod archive;
mod change;
mod error;
mod files;
mod publications;
mod records;
mod rooms;
mod search;
pub mod sqlite;

use std::{path::Path, sync::Arc};

pub use absence::AbsenceRecord;
pub use alert_change::AlertChange;
pub use archive::{ArchivePage, ArchivePlace, ArchiveQuery};
use async_trait::async_trait;
pub use change::{Change, Keep, NewAccount, Outcome, ReceiptStep};
use domain::{
    Account, Address, Alert, AlertId, AlertPhase, AuditHead, AuditRecord, Computer, Contact, EntryName,
    Group, GroupName, Message, MessageId, Publication, Receipt, Recipient, Schedule, Template, Token,
    TopicName,
};
pub use error::StoreError;
pub use files::{FileId, FileRecord};
pub use publications::PublicationQuery;
pub use records::{
    Arrival, BackupFile, Deliverable, ReceiptCounts, ReceiptQuery, Sequence, StreamId, StreamRecord,
};
pub use rooms::{RoomChange, RoomPage, RoomQuery};
pub use search::{Conversation, Found, SearchPage, SearchQuery};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// Called once, when a list of changes is on the disk or was refused. It runs on the writer: it must not block.
pub type Done = Box<dyn FnOnce(Result<Vec<Outcome>, StoreError>) + Send>;

/// A place in the writer's queue, given back when it is dropped or when what was submitted with it is done.
#[derive(Debug)]
pub struct Permit {
    _place: OwnedSemaphorePermit,
}

impl Permit {
    pub(crate) fn new(place: OwnedSemaphorePermit) -> Self {
        Self { _place: place }
    }
}

/// What every storage engine does.
///
/// Changes submitted first are applied first. An outcome is told after the commit that holds it is durable. When
/// writing fails as a whole (a full disk), every list of that commit is refused with [`StoreError::Unavailable`] and
/// nothing of it remains; later lists are tried anew.
///
/// A list of nothing but acknowledgements ([`Change::Acknowledge`], [`Change::StreamAcknowledged`]) may be told before:
/// it is durable with the next commit, or 100 ms later. A crash may lose it, and then what it acknowledged is pending
/// still. [`Store::settled`] waits for it.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Waits for a place in the writer's queue: whoever cannot get one does not read from its socket meanwhile.
    async fn reserve(&self) -> Result<Permit, StoreError>;

    /// A place in the writer's queue, where there is one now.
    fn try_reserve(&self) -> Option<Permit>;

    /// Queues changes that succeed or fail together, and returns at once; `done` hears how it ended.
    fn submit(&self, permit: Permit, changes: Vec<Change>, done: Done);

    /// Applies changes that succeed or fail together, and returns when they are durable: one outcome a change.
    async fn commit(&self, changes: Vec<Change>) -> Result<Vec<Outcome>, StoreError> {
        let permit = self.reserve().await?;
        let (sender, receiver) = oneshot::channel();
        let tell = Box::new(move |result| drop(sender.send(result)));
        self.submit(permit, changes, tell);
        receiver.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Waits until everything that was submitted before this call is durable, or was refused.
    async fn settled(&self) -> Result<(), StoreError> {
        if self.is_settled() {
            return Ok(());
        }
        self.commit(Vec::new()).await.map(drop)
    }

    /// Whether [`Store::settled`] would not have to wait. It may say no where that is not known at once.
    fn is_settled(&self) -> bool;

    /// What a person who comes is shown, in one read.
    async fn arrival(&self, address: &Address) -> Result<Arrival, StoreError>;

    /// The account of this address.
    async fn account(&self, address: &Address) -> Result<Option<Account>, StoreError>;

    /// The account with this NetBIOS spelling, whatever its case.
    async fn account_by_netbios(&self, spelling: &str) -> Result<Option<Account>, StoreError>;

    /// The account and its password record, in the text form in which it was given.
    async fn password(&self, address: &Address) -> Result<Option<(Account, String)>, StoreError>;

    /// All accounts, by address.
    async fn accounts(&self) -> Result<Vec<Account>, StoreError>;

    /// All groups with their members, by name.
    async fn groups(&self) -> Result<Vec<Group>, StoreError>;

    /// The group of this name.
    async fn group(&self, name: &GroupName) -> Result<Option<Group>, StoreError>;

    /// The groups that a person is in, by name.
    async fn groups_of(&self, address: &Address) -> Result<Vec<GroupName>, StoreError>;

    /// Everything remembered about other people on this person's list, listed or not, by address.
    async fn contacts(&self, owner: &Address) -> Result<Vec<Contact>, StoreError>;

    /// One entry of a person's list.
    async fn contact(&self, owner: &Address, address: &Address) -> Result<Option<Contact>, StoreError>;

    /// Messages for this person that nobody has acknowledged, oldest first, from after `after`, at most `limit`.
    async fn pending(
        &self,
        recipient: &Address,
        after: Sequence,
        limit: usize,
    ) -> Result<Vec<(Sequence, Arc<Message>)>, StoreError>;

    /// What was taken by [`Change::AcceptAnswer`] and is still under way, oldest first, at most `limit`.
    async fn answers_under_way(&self, limit: usize) -> Result<Vec<Arc<Message>>, StoreError>;

    /// A page of a person's archive: what they sent and what they received, in the order in which the service took
    /// it. [`StoreError::Missing`] where `after`, `before` or `ids` name what is not in it.
    async fn archive(&self, query: ArchiveQuery) -> Result<ArchivePage, StoreError>;

    /// The first and the last message of a person's archive; none where it is empty.
    async fn archive_bounds(
        &self,
        owner: &Address,
    ) -> Result<Option<(ArchivePlace, ArchivePlace)>, StoreError>;

    /// Which of these messages are in a person's archive.
    async fn archived(&self, owner: &Address, ids: &[MessageId]) -> Result<Vec<MessageId>, StoreError>;
    /// Who is away, with whom that was told, by person.
    async fn absences(&self) -> Result<Vec<AbsenceRecord>, StoreError>;
    /// All rooms with their affiliations, by address.
    async fn rooms(&self) -> Result<Vec<domain::room::Room>, StoreError>;

    /// A page of what was said in a room, in the order in which the service took it. [`StoreError::Missing`] where
    /// `after`, `before` or `ids` name what was not said there, or is forgotten.
    async fn room_messages(&self, query: RoomQuery) -> Result<RoomPage, StoreError>;

    /// Looks for words in what was said, also in what came only now.
    async fn search(&self, query: SearchQuery) -> Result<SearchPage, StoreError>;

    /// A person's conversations with others, the one with the newest message first, at most `limit`.
    async fn conversations(&self, owner: &Address, limit: usize) -> Result<Vec<Conversation>, StoreError>;

    /// Up to where a person has marked their conversations as read, by conversation.
    async fn read_marks(&self, owner: &Address) -> Result<Vec<(Address, domain::MessageId)>, StoreError>;

    /// The file of this id.
    async fn file(&self, id: FileId) -> Result<Option<FileRecord>, StoreError>;

    /// The files that a person has put here, in the order in which they came.
    async fn files_of(&self, owner: &Address) -> Result<Vec<FileRecord>, StoreError>;

    /// How many bytes of files a person has here.
    async fn file_bytes(&self, owner: &Address) -> Result<u64, StoreError>;

    /// The hashes of all files.
    async fn file_hashes(&self) -> Result<Vec<[u8; 32]>, StoreError>;

    /// Who blocks whom: pairs of an account and a JID, by account and JID.
    async fn blocks(&self) -> Result<Vec<(Address, String)>, StoreError>;

    /// What is remembered of this account's under this key.
    async fn datum(&self, owner: &Address, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// What is remembered of this account's under the keys that begin so, by key.
    async fn data(&self, owner: &Address, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// What is remembered of each account's under this key, by account.
    async fn data_of_all(&self, key: &str) -> Result<Vec<(Address, Vec<u8>)>, StoreError>;

    /// The resumable stream of this id.
    async fn stream(&self, id: StreamId) -> Result<Option<StreamRecord>, StoreError>;

    /// All resumable streams, by address.
    async fn streams(&self) -> Result<Vec<StreamRecord>, StoreError>;

    /// What was given to a stream and not yet acknowledged, by position.
    async fn stream_deliveries(&self, id: StreamId) -> Result<Vec<(u32, Deliverable)>, StoreError>;

    /// The messages of these ids, in the order of the ids; those that are gone are left out.
    async fn messages(&self, ids: &[domain::MessageId]) -> Result<Vec<Arc<Message>>, StoreError>;

    /// The alert of this id.
    async fn alert(&self, id: AlertId) -> Result<Option<Alert>, StoreError>;

    /// Alerts, newest first, at most `limit`; only those neither cancelled nor expired where `open` is set.
    async fn alerts(&self, open: bool, limit: usize) -> Result<Vec<Alert>, StoreError>;

    /// The same for those that come behind `before` in that order. [`StoreError::Missing`] where there is no such alert.
    async fn alerts_before(
        &self,
        open: bool,
        before: AlertId,
        limit: usize,
    ) -> Result<Vec<Alert>, StoreError>;

    /// The receipts of an alert, by recipient.
    async fn receipts(&self, alert: AlertId) -> Result<Vec<Receipt>, StoreError>;

    /// The alerts that are neither cancelled nor expired and that have a receipt for this recipient, oldest first.
    async fn open_receipts(&self, recipient: &Recipient) -> Result<Vec<(Alert, Receipt)>, StoreError>;

    /// The alerts that people were told of and that have a receipt for this recipient, newest first, at most `limit`:
    /// among the newest 20,000 alerts, or the newest 20,000 from before `before`, and maybe among older ones.
    async fn alerts_for(
        &self,
        recipient: &Recipient,
        before: Option<&Alert>,
        limit: usize,
    ) -> Result<Vec<(Alert, Receipt)>, StoreError>;

    /// What was published.
    async fn publications(&self, query: PublicationQuery) -> Result<Vec<Publication>, StoreError>;

    /// The publication that a key of a topic stands for.
    async fn publication_by_key(
        &self,
        topic: &TopicName,
        key: &str,
    ) -> Result<Option<Publication>, StoreError>;

    /// The publication that an alert was made of.
    async fn publication_of(&self, alert: AlertId) -> Result<Option<Publication>, StoreError>;

    /// The alert that this issuer has given this key.
    async fn alert_by_key(&self, issuer: &Address, key: &str) -> Result<Option<Alert>, StoreError>;

    /// The alerts that have come so far and no further, the one with the latest time first, at most `limit`; only those
    /// behind `before` in that order, where it is given. [`StoreError::Missing`] where there is no such alert.
    async fn alerts_in(
        &self,
        phase: AlertPhase,
        before: Option<AlertId>,
        limit: usize,
    ) -> Result<Vec<Alert>, StoreError>;

    /// The announcements that people were told of, also those that have ended, newest first, from before `before`, at
    /// most `limit`.
    async fn announcements(&self, before: Option<&Alert>, limit: usize) -> Result<Vec<Alert>, StoreError>;

    /// The receipt of an alert for this recipient.
    async fn receipt(&self, alert: AlertId, recipient: &Recipient) -> Result<Option<Receipt>, StoreError>;

    /// Some receipts of an alert, in the order of the recipients' texts.
    async fn receipts_page(&self, query: ReceiptQuery) -> Result<Vec<Receipt>, StoreError>;

    /// How many receipts of an alert have come how far.
    async fn receipt_counts(&self, alert: AlertId) -> Result<ReceiptCounts, StoreError>;

    /// The machines that have taken a message, by their texts.
    async fn computers(&self) -> Result<Vec<Computer>, StoreError>;

    /// All schedules, by name.
    async fn schedules(&self) -> Result<Vec<Schedule>, StoreError>;

    /// All templates, by name.
    async fn templates(&self) -> Result<Vec<Template>, StoreError>;

    /// The template of this name.
    async fn template(&self, name: &EntryName) -> Result<Option<Template>, StoreError>;

    /// The signed ends of the audit log, by their numbers.
    async fn audit_heads(&self) -> Result<Vec<AuditHead>, StoreError>;

    /// Audit records from after `after`, oldest first, at most `limit`.
    async fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError>;

    /// The last audit record.
    async fn audit_end(&self) -> Result<Option<AuditRecord>, StoreError>;
    /// All tokens of programs with the hashes of their secrets, in the order in which they were made.
    async fn tokens(&self) -> Result<Vec<(Token, [u8; 32])>, StoreError>;

    /// A value that the service remembers about itself.
    async fn setting(&self, key: &str) -> Result<Option<String>, StoreError>;

    /// Writes everything, and `files` with it, into one new file of mode 0600, while the service runs. `sent` is the folder
    /// of the files that people sent each other; where it is given, their bytes are in it too.
    async fn backup(
        &self,
        file: &Path,
        files: Vec<BackupFile>,
        sent: Option<&Path>,
    ) -> Result<(), StoreError>;
}
