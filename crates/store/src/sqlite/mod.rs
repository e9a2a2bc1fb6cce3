//! The engine inside the program: one SQLite file, one thread that writes it, two that read.

mod absences;
mod accounts;
mod alert_entries;
mod alerts;
mod alerts_told;
mod apply;
mod archive;
mod audit;
mod backup;
mod backup_sent;
mod blocks;
mod chores;
mod chunk;
mod contacts;
mod conversations;
mod data;
mod files;
mod filing;
mod groups;
mod journal;
mod messages;
mod migrations_alerts;
mod names;
mod publications;
mod reader;
mod receipts;
mod recent;
mod repeats;
mod restore;
mod rooms;
mod schema;
mod schema_rooms;
mod search;
mod settings;
mod state;
mod streams;
mod tokens;
mod values;
mod writer;

use std::{
    fmt,
    fs::OpenOptions,
    io::ErrorKind,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use async_trait::async_trait;
pub use backup_sent::FILES_FOLDER;
use domain::{
    Account, Address, Alert, AlertId, AlertPhase, AuditHead, AuditRecord, Computer, Contact, EntryName,
    Group, GroupName, Message, MessageId, Publication, Receipt, Recipient, Schedule, Template, Token,
    TopicName,
};
use parking_lot::Mutex;
pub use restore::restore;
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use tokio::sync::{Semaphore, oneshot};

use self::{chores::Progress, reader::Readers, recent::Recent, state::State as _, writer::Writer};
use crate::{
    AbsenceRecord, ArchivePage, ArchivePlace, ArchiveQuery, Arrival, BackupFile, Change, Conversation,
    Deliverable, Done, FileId, FileRecord, Permit, PublicationQuery, ReceiptCounts, ReceiptQuery, RoomPage,
    RoomQuery, SearchPage, SearchQuery, Sequence, Store, StoreError, StreamId, StreamRecord,
};

const READERS: usize = 2;
const STATEMENTS_MAX: usize = 128;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A write-ahead log that grew during a backup is cut back to this when it is used anew.
const LOG_BYTES_MAX: i64 = 64 << 20;
/// How many pages the write-ahead log has when they are moved into the file: the more, the more often a page was
/// changed again by then.
const LOG_PAGES: i64 = 4_096;

/// How a [`SqliteStore`] works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many lists may wait for the writer; past it, [`Store::reserve`] waits. At least 1.
    pub queue_max: usize,
    /// How many lists may share one commit. At least 1.
    pub batch_max: usize,
    /// How long the first list of a commit may wait while others that are queued join it. A list that is alone does
    /// not wait.
    pub batch_wait: Duration,
    /// How many bytes the file may have, without its write-ahead log; what does not fit is refused with
    /// [`StoreError::Unavailable`]. None: as many as the disk has.
    pub file_size_max: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { queue_max: 4_096, batch_max: 256, batch_wait: Duration::from_millis(2), file_size_max: None }
    }
}

/// A store in one SQLite file. Dropped without [`SqliteStore::close`], it still writes what was submitted, but
/// nobody waits for that.
pub struct SqliteStore {
    file: PathBuf,
    places: Arc<Semaphore>,
    /// How many places there are.
    places_max: usize,
    recent: Arc<Mutex<Recent>>,
    writer: Writer,
    readers: Readers,
    backing_up: Arc<Mutex<()>>,
}

impl SqliteStore {
    /// Opens the store in `file`, or makes it with mode 0600. An older schema is migrated, after a copy was put into
    /// `<file>.before-<schema>`; a newer one is refused. It blocks.
    pub fn open(file: &Path, options: Options) -> Result<Arc<Self>, StoreError> {
        create_private(file)?;
        let mut connection = backup::open_existing(file)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // Before anything is written: a file that is not ours stays as it is.
        schema::version(&connection, file, schema::MIGRATIONS.len())?;
        configure(&connection, &options)?;
        schema::migrate(&mut connection, file, schema::MIGRATIONS)?;
        let readers = (0..READERS).map(|_| open_for_reading(file)).collect::<Result<Vec<_>, _>>()?;
        let mut recent = filing::load(&connection)?;
        (recent.chores, recent.unindexed) = (Progress::unknown(), true);
        let recent = Arc::new(Mutex::new(recent));
        let places_max = options.queue_max.clamp(1, Semaphore::MAX_PERMITS);
        Ok(Arc::new(Self {
            file: file.to_owned(),
            places: Arc::new(Semaphore::new(places_max)),
            places_max,
            readers: Readers::start(readers)?,
            writer: Writer::start(connection, options, Arc::clone(&recent))?,
            recent,
            backing_up: Arc::default(),
        }))
    }

    /// Writes everything that was submitted, tells everyone, and closes the file; what comes later hears
    /// [`StoreError::Closed`]. It blocks until then, and must not be called from a [`Done`].
    pub fn close(&self) {
        self.places.close();
        self.readers.close();
        drop(self.backing_up.lock());
        self.writer.close();
    }
}

/// What is stored belongs to nobody else on this machine. SQLite gives the files beside it the same mode.
fn create_private(file: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(_) => backup::sync_folder_of(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unavailable { why: format!("{}: {error}", file.display()) }),
    }
}

fn configure(connection: &Connection, options: &Options) -> Result<(), StoreError> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        let why = format!("the file system cannot hold a write-ahead log (journal mode {mode})");
        return Err(StoreError::Unavailable { why });
    }
    // FULL: a commit is on the disk when it is told.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_MAX, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", LOG_PAGES, |_| Ok(()))?;
    if let Some(bytes) = options.file_size_max {
        let page_size: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page_size.max(1);
        connection.pragma_update_and_check(None, "max_page_count", pages.max(1), |_| Ok(()))?;
    }
    keep_statements(connection)
}

fn open_for_reading(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // What one search indexes for itself is nobody else's.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// Statements are planned once. Without the stability guarantee, one with a bound `LIMIT` is planned on every use.
fn keep_statements(connection: &Connection) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqliteStore").field("file", &self.file).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn reserve(&self) -> Result<Permit, StoreError> {
        Arc::clone(&self.places).acquire_owned().await.map(Permit::new).map_err(|_| StoreError::Closed)
    }

    fn try_reserve(&self) -> Option<Permit> {
        Arc::clone(&self.places).try_acquire_owned().ok().map(Permit::new)
    }

    fn submit(&self, permit: Permit, changes: Vec<Change>, done: Done) {
        self.writer.submit(permit, changes, done);
    }

    fn is_settled(&self) -> bool {
        let nothing_waits = !self.places.is_closed() && self.places.available_permits() == self.places_max;
        // Whoever holds the lock may be writing for a while.
        nothing_waits && self.recent.try_lock().is_some_and(|recent| !recent.has_notes())
    }

    async fn arrival(&self, address: &Address) -> Result<Arrival, StoreError> {
        let (recent, address) = (Arc::clone(&self.recent), address.clone());
        let read = move |connection: &Connection| {
            let contacts = contacts::list(connection, &address)?;
            let has_pending = !messages::pending(connection, &recent, &address, 0, 1)?.is_empty();
            Ok(Arrival { contacts, has_pending })
        };
        self.readers.read(read).await
    }

    async fn account(&self, address: &Address) -> Result<Option<Account>, StoreError> {
        let address = address.clone();
        self.readers.read(move |connection| accounts::by_address(connection, &address)).await
    }

    async fn account_by_netbios(&self, spelling: &str) -> Result<Option<Account>, StoreError> {
        let spelling = spelling.to_owned();
        self.readers.read(move |connection| accounts::by_netbios(connection, &spelling)).await
    }

    async fn password(&self, address: &Address) -> Result<Option<(Account, String)>, StoreError> {
        let address = address.clone();
        self.readers.read(move |connection| accounts::with_password(connection, &address)).await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.readers.read(accounts::list).await
    }

    async fn groups(&self) -> Result<Vec<Group>, StoreError> {
        self.readers.read(groups::list).await
    }

    async fn group(&self, name: &GroupName) -> Result<Option<Group>, StoreError> {
        let name = name.clone();
        self.readers.read(move |connection| groups::by_name(connection, &name)).await
    }

    async fn groups_of(&self, address: &Address) -> Result<Vec<GroupName>, StoreError> {
        let address = address.clone();
        self.readers.read(move |connection| groups::of(connection, &address)).await
    }

    async fn contacts(&self, owner: &Address) -> Result<Vec<Contact>, StoreError> {
        let owner = owner.clone();
        self.readers.read(move |connection| contacts::list(connection, &owner)).await
    }

    async fn contact(&self, owner: &Address, address: &Address) -> Result<Option<Contact>, StoreError> {
        let (owner, address) = (owner.clone(), address.clone());
        self.readers.read(move |connection| contacts::one(connection, &owner, &address)).await
    }

    async fn pending(
        &self,
        recipient: &Address,
        after: Sequence,
        limit: usize,
    ) -> Result<Vec<(Sequence, Arc<Message>)>, StoreError> {
        let recent = Arc::clone(&self.recent);
        let recipient = recipient.clone();
        self.readers
            .read(move |connection| messages::pending(connection, &recent, &recipient, after, limit))
            .await
    }

    async fn answers_under_way(&self, limit: usize) -> Result<Vec<Arc<Message>>, StoreError> {
        let recent = Arc::clone(&self.recent);
        self.readers.read(move |connection| messages::answers_under_way(connection, &recent, limit)).await
    }

    async fn archive(&self, query: ArchiveQuery) -> Result<ArchivePage, StoreError> {
        let recent = Arc::clone(&self.recent);
        self.readers.read(move |connection| archive::page(connection, &recent, &query)).await
    }

    async fn archive_bounds(
        &self,
        owner: &Address,
    ) -> Result<Option<(ArchivePlace, ArchivePlace)>, StoreError> {
        let recent = Arc::clone(&self.recent);
        let owner = owner.clone();
        self.readers.read(move |connection| archive::bounds(connection, &recent, &owner)).await
    }

    async fn archived(&self, owner: &Address, ids: &[MessageId]) -> Result<Vec<MessageId>, StoreError> {
        let (owner, ids) = (owner.clone(), ids.to_vec());
        self.readers.read(move |connection| archive::archived(connection, &owner, ids)).await
    }

    async fn absences(&self) -> Result<Vec<AbsenceRecord>, StoreError> {
        self.readers.read(absences::list).await
    }

    async fn rooms(&self) -> Result<Vec<domain::room::Room>, StoreError> {
        self.readers.read(rooms::list).await
    }

    async fn room_messages(&self, query: RoomQuery) -> Result<RoomPage, StoreError> {
        self.readers.read(move |connection| rooms::messages(connection, &query)).await
    }

    async fn search(&self, query: SearchQuery) -> Result<SearchPage, StoreError> {
        let recent = Arc::clone(&self.recent);
        self.readers.read(move |connection| search::search(connection, &recent, &query)).await
    }

    async fn conversations(&self, owner: &Address, limit: usize) -> Result<Vec<Conversation>, StoreError> {
        let (recent, owner) = (Arc::clone(&self.recent), owner.clone());
        self.readers.read(move |connection| conversations::list(connection, &recent, &owner, limit)).await
    }

    async fn read_marks(&self, owner: &Address) -> Result<Vec<(Address, MessageId)>, StoreError> {
        let owner = owner.clone();
        self.readers.read(move |connection| conversations::marks(connection, &owner)).await
    }

    async fn file(&self, id: FileId) -> Result<Option<FileRecord>, StoreError> {
        self.readers.read(move |connection| files::by_id(connection, id)).await
    }

    async fn file_bytes(&self, owner: &Address) -> Result<u64, StoreError> {
        let owner = owner.clone();
        self.readers.read(move |connection| files::bytes_of(connection, &owner)).await
    }

    async fn files_of(&self, owner: &Address) -> Result<Vec<FileRecord>, StoreError> {
        let owner = owner.clone();
        self.readers.read(move |connection| files::of_owner(connection, &owner)).await
    }

    async fn file_hashes(&self) -> Result<Vec<[u8; 32]>, StoreError> {
        self.readers.read(files::hashes).await
    }

    async fn blocks(&self) -> Result<Vec<(Address, String)>, StoreError> {
        self.readers.read(blocks::list).await
    }

    async fn datum(&self, owner: &Address, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let (owner, key) = (owner.clone(), key.to_owned());
        self.readers.read(move |connection| data::one(connection, &owner, &key)).await
    }

    async fn data(&self, owner: &Address, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let (owner, prefix) = (owner.clone(), prefix.to_owned());
        self.readers.read(move |connection| data::with_prefix(connection, &owner, &prefix)).await
    }

    async fn data_of_all(&self, key: &str) -> Result<Vec<(Address, Vec<u8>)>, StoreError> {
        let key = key.to_owned();
        self.readers.read(move |connection| data::of_all(connection, &key)).await
    }

    async fn stream(&self, id: StreamId) -> Result<Option<StreamRecord>, StoreError> {
        let recent = Arc::clone(&self.recent);
        self.readers.read(move |connection| streams::by_id(connection, &recent, id)).await
    }

    async fn streams(&self) -> Result<Vec<StreamRecord>, StoreError> {
        let recent = Arc::clone(&self.recent);
        self.readers.read(move |connection| streams::all_streams(connection, &recent)).await
    }

    async fn stream_deliveries(&self, id: StreamId) -> Result<Vec<(u32, Deliverable)>, StoreError> {
        let recent = Arc::clone(&self.recent);
        self.readers.read(move |connection| streams::deliveries(connection, &recent, id)).await
    }

    async fn messages(&self, ids: &[MessageId]) -> Result<Vec<Arc<Message>>, StoreError> {
        let recent = Arc::clone(&self.recent);
        let ids = ids.to_vec();
        self.readers.read(move |connection| messages::by_ids(connection, &recent, &ids)).await
    }

    async fn alert(&self, id: AlertId) -> Result<Option<Alert>, StoreError> {
        self.readers.read(move |connection| alerts::by_id(connection, id)).await
    }

    async fn alerts(&self, open: bool, limit: usize) -> Result<Vec<Alert>, StoreError> {
        self.readers.read(move |connection| alerts::list(connection, open, limit)).await
    }

    async fn alerts_before(
        &self,
        open: bool,
        before: AlertId,
        limit: usize,
    ) -> Result<Vec<Alert>, StoreError> {
        self.readers.read(move |connection| alerts::list_before(connection, open, before, limit)).await
    }

    async fn receipts(&self, alert: AlertId) -> Result<Vec<Receipt>, StoreError> {
        self.readers.read(move |connection| receipts::list(connection, alert)).await
    }

    async fn open_receipts(&self, recipient: &Recipient) -> Result<Vec<(Alert, Receipt)>, StoreError> {
        let recipient = recipient.clone();
        self.readers.read(move |connection| alerts::open_receipts(connection, &recipient)).await
    }

    async fn alerts_for(
        &self,
        recipient: &Recipient,
        before: Option<&Alert>,
        limit: usize,
    ) -> Result<Vec<(Alert, Receipt)>, StoreError> {
        let (recipient, before) = (recipient.clone(), before.cloned());
        let read = move |connection: &_| alerts_told::for_one(connection, &recipient, before.as_ref(), limit);
        self.readers.read(read).await
    }

    async fn publications(&self, query: PublicationQuery) -> Result<Vec<Publication>, StoreError> {
        self.readers.read(move |connection| publications::list(connection, &query)).await
    }

    async fn publication_by_key(
        &self,
        topic: &TopicName,
        key: &str,
    ) -> Result<Option<Publication>, StoreError> {
        let (topic, key) = (topic.clone(), key.to_owned());
        self.readers.read(move |connection| publications::by_key(connection, &topic, &key)).await
    }

    async fn publication_of(&self, alert: AlertId) -> Result<Option<Publication>, StoreError> {
        self.readers.read(move |connection| publications::of_alert(connection, alert)).await
    }

    async fn alert_by_key(&self, issuer: &Address, key: &str) -> Result<Option<Alert>, StoreError> {
        let (issuer, key) = (issuer.clone(), key.to_owned());
        self.readers.read(move |connection| alerts::by_key(connection, &issuer, &key)).await
    }

    async fn alerts_in(
        &self,
        phase: AlertPhase,
        before: Option<AlertId>,
        limit: usize,
    ) -> Result<Vec<Alert>, StoreError> {
        self.readers.read(move |connection| alerts::in_phase(connection, phase, before, limit)).await
    }

    async fn announcements(&self, before: Option<&Alert>, limit: usize) -> Result<Vec<Alert>, StoreError> {
        let before = before.cloned();
        self.readers.read(move |connection| alerts_told::announced(connection, before.as_ref(), limit)).await
    }

    async fn receipt(&self, alert: AlertId, recipient: &Recipient) -> Result<Option<Receipt>, StoreError> {
        let recipient = recipient.clone();
        self.readers.read(move |connection| receipts::one(connection, alert, &recipient)).await
    }

    async fn receipts_page(&self, query: ReceiptQuery) -> Result<Vec<Receipt>, StoreError> {
        self.readers.read(move |connection| receipts::page(connection, &query)).await
    }

    async fn receipt_counts(&self, alert: AlertId) -> Result<ReceiptCounts, StoreError> {
        self.readers.read(move |connection| receipts::counts(connection, alert)).await
    }

    async fn computers(&self) -> Result<Vec<Computer>, StoreError> {
        self.readers.read(alerts::computers).await
    }

    async fn schedules(&self) -> Result<Vec<Schedule>, StoreError> {
        self.readers.read(alert_entries::schedules).await
    }

    async fn templates(&self) -> Result<Vec<Template>, StoreError> {
        self.readers.read(alert_entries::templates).await
    }

    async fn template(&self, name: &EntryName) -> Result<Option<Template>, StoreError> {
        let name = name.clone();
        self.readers.read(move |connection| alert_entries::template(connection, &name)).await
    }

    async fn audit_heads(&self) -> Result<Vec<AuditHead>, StoreError> {
        self.readers.read(alert_entries::audit_heads).await
    }

    async fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        self.readers.read(move |connection| audit::list(connection, after, limit)).await
    }

    async fn audit_end(&self) -> Result<Option<AuditRecord>, StoreError> {
        self.readers.read(audit::last).await
    }

    async fn tokens(&self) -> Result<Vec<(Token, [u8; 32])>, StoreError> {
        self.readers.read(tokens::list).await
    }

    async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let key = key.to_owned();
        self.readers.read(move |connection| settings::by_key(connection, &key)).await
    }

    /// One backup at a time; it does not hold up reading or writing.
    async fn backup(
        &self,
        file: &Path,
        files: Vec<BackupFile>,
        sent: Option<&Path>,
    ) -> Result<(), StoreError> {
        let (store, target, one_at_a_time) =
            (self.file.clone(), file.to_owned(), Arc::clone(&self.backing_up));
        if self.places.is_closed() {
            return Err(StoreError::Closed);
        }
        let sent = sent.map(Path::to_owned);
        let (sender, receiver) = oneshot::channel();
        let run = move || {
            let _turn = one_at_a_time.lock();
            let written = open_for_reading(&store)
                .and_then(|source| backup::write(&source, &target, &files, sent.as_deref()));
            drop(sender.send(written));
        };
        thread::Builder::new().name("store-backup".to_owned()).spawn(run)?;
        receiver.await.unwrap_or(Err(StoreError::Closed))
    }
}
