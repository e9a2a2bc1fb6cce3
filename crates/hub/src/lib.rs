#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod accounts;
mod alerter;
mod alerts;
mod answers;
mod api_tokens;
mod archive;
mod away;
mod blocking;
mod browsers;
mod carbons;
mod catch_up;
mod close_reason;
mod computers;
mod contacts;
mod counters;
mod data;
mod directed;
mod directory;
mod done;
mod environment;
mod erased_records;
mod erasure;
mod error;
mod files;
mod forgetting;
mod history;
mod item;
mod kept;
mod last_activity;
mod message_names;
mod messages;
mod messages_to_many;
mod missed;
mod outbox;
mod password_reminders;
mod passwords;
mod people;
mod people_search;
mod presence;
mod privacy;
mod promise;
mod proofs;
mod publications;
mod quiet;
mod requests;
mod rights;
mod rooms;
mod session;
mod sessions;
mod sources;
mod streams;
mod suspicions;
mod tokens;
pub mod turn;
mod unstored;
mod who_is_here;
mod wishes;

use std::{
    net::IpAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64},
    },
};

pub use alerter::AlerterSettings;
pub use alerts::{
    AlertQuery, AlertReport, AnswerMessage, AudienceCount, Confirmed, Counts, DraftVersion, KeyFile,
    NewSchedule, Notice, PublicKey, ReportPage, ReportQuery, ReportRow, SigningKey, verify_signature,
};
pub use api_tokens::TokenDraft;
pub use blocking::BlockChange;
pub use close_reason::CloseReason;
pub use computers::{ComputerGateway, ComputerMessage, GroupMessage, GroupSent};
pub use counters::{Counter, Counters, StrangerRefusal, StrangersRefused};
pub use environment::Environment;
pub use error::HubError;
pub use files::{FileDraft, FileError, FileSettings, FileSlot, Incoming, Outgoing, SlotId};
pub use history::{ConversationView, HistorySearch};
pub use item::{CarbonDirection, Delivery, Item, PresenceNotice};
pub use kept::{Kept, KeptAbsence, KeptFile, KeptMessage, KeptRoom, KeptRoomMessage};
pub use last_activity::LastActivity;
pub use messages::{MessageDraft, Origin, Sent};
pub use outbox::{ConnectionId, Outbox};
pub use passwords::GivenPassword;
pub use proofs::ProofMark;
pub use publications::{Published, Recalled};
pub use rooms::{
    Departure, EntryNews, HistoryWish, Invitation, RoomAnswer, RoomDraft, RoomEntry, RoomItem, RoomPerson,
    RoomPresence, RoomReader, RoomView,
};
pub use session::{Session, SessionDraft, SessionId};
pub use sessions::SessionView;
pub use streams::ResumeError;
pub use tokens::{IssuedToken, KnownClient, TokenAccepted, TokenError, TokenUse};

use crate::{
    alerts::{Keys, OpenAlerts, Resolutions, Schedules},
    answers::Answers,
    api_tokens::ApiTokens,
    archive::Archives,
    away::Absences,
    browsers::Browsers,
    directory::Directory,
    message_names::MessageNames,
    passwords::Guesses,
    people::People,
    privacy::Circles,
    proofs::Proofs,
    publications::Publications,
    rights::Rights,
    rooms::Rooms,
    sources::Sources,
    tokens::Tokens,
    turn::Flusher,
    unstored::Unstored,
};
use store::Store;

/// The account name that alerts come from and answers to them go to. Nobody can be called that.
pub const ALERTS_NAME: &str = "alerts";

/// How many bytes of data of its own one account may have: its vCard, what its clients keep here, and their tokens.
pub const DATA_BYTES_MAX: usize = 1 << 20;

/// What the hub has to know from the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The service's own domain.
    pub domain: String,
    /// Whether messages are kept after they were acknowledged, and are on the disk before anyone gets them.
    pub archive: bool,
    /// How many bytes may wait for one session.
    pub outbox_bytes_max: usize,
    /// How many sessions one person may have at once, broken ones that can be resumed included.
    pub sessions_max: usize,
    /// How many contacts one list may have.
    pub contacts_max: usize,
    /// How many messages may wait for one person.
    pub pending_max: usize,
    /// How long a broken session may be resumed.
    pub resumption: std::time::Duration,
    /// The machine's own NetBIOS name.
    pub machine_name: String,
    /// Who gets what is sent to it.
    pub machine_name_to: domain::Audience,
    /// What holds for senders whom nobody has proven.
    pub strangers: domain::StrangerRules,
    /// By which clock on the wall days pass.
    pub time_zone: jiff::tz::TimeZone,
    /// What is asked of the passwords that people choose for themselves.
    pub passwords: domain::PasswordRules,
    /// Alerts of these severities take effect only when a second person has released them.
    pub release: Vec<domain::Severity>,
}

/// What is going on now. One for the whole service; doors share it.
pub struct Hub {
    settings: Settings,
    environment: Environment,
    store: Arc<dyn Store>,
    people: People,
    archives: Archives,
    absences: Absences,
    circles: Circles,
    directory: Directory,
    open_alerts: OpenAlerts,
    rooms: Rooms,
    schedules: Schedules,
    rights: Rights,
    sources: Sources,
    signing_key: Arc<SigningKey>,
    keys: Keys,
    alerter: OnceLock<alerter::Alerter>,
    computers: OnceLock<Arc<dyn ComputerGateway>>,
    answers: Answers,
    message_names: MessageNames,
    /// Told whenever somebody comes, goes, or says something else about themselves.
    who_is_here: tokio::sync::watch::Sender<()>,
    /// Where codes to confirm alerts with are entered.
    code_address: OnceLock<String>,
    files: OnceLock<files::Files>,
    unstored: Unstored,
    flusher: Arc<Flusher>,
    tokens: Tokens,
    publications: Publications,
    api_tokens: ApiTokens,
    browsers: Browsers,
    counters: Counters,
    guesses: Guesses,
    proofs: Proofs,
    resolutions: Resolutions,
    next_session: AtomicU64,
    /// Whether sessions of the process before may still be seated.
    old_sessions: AtomicBool,
    /// No message of this process has a smaller id.
    first_message: domain::MessageId,
    this: std::sync::Weak<Hub>,
    /// The store's own thread calls the hub too, and is none of the runtime's.
    runtime: tokio::runtime::Handle,
}

impl Hub {
    /// Starts from what the store remembers. What the hub does beside its callers, it does on the runtime that this
    /// runs on.
    pub async fn start(
        settings: Settings,
        environment: Environment,
        store: Arc<dyn Store>,
        signing_key: SigningKey,
    ) -> Result<Arc<Self>, HubError> {
        let people = People::load(&*store).await?;
        let archives = Archives::load(&*store).await?;
        let absences = Absences::load(&*store).await?;
        let answers = Answers::load(&*store).await?;
        let circles = Circles::load(&*store).await?;
        let open_alerts = OpenAlerts::load(&*store).await?;
        let schedules = Schedules::load(&*store).await?;
        let rights = Rights::load(&*store).await?;
        let sources = Sources::load(&*store).await?;
        let message_names = MessageNames::load(&*store).await?;
        let signing_key = Arc::new(signing_key);
        let api_tokens = ApiTokens::load(&*store).await?;
        let browsers = Browsers::load(&*store).await?;
        let rooms = Rooms::load(&*store, signing_key.derived_secret("occupants of rooms")).await?;
        let hub = Arc::new_cyclic(|this| Self {
            unstored: Unstored::start(this.clone()),
            flusher: Arc::new(Flusher::start()),
            settings,
            first_message: domain::MessageId::new(environment.now(), [0; 10]),
            environment,
            store,
            people,
            archives,
            absences,
            circles,
            directory: Directory::new(),
            open_alerts,
            rooms,
            schedules,
            rights,
            sources,
            keys: Keys::new(signing_key.clone()),
            signing_key,
            alerter: OnceLock::new(),
            computers: OnceLock::new(),
            answers,
            message_names,
            who_is_here: tokio::sync::watch::Sender::new(()),
            code_address: OnceLock::new(),
            files: OnceLock::new(),
            tokens: Tokens::default(),
            publications: Publications::default(),
            api_tokens,
            browsers,
            counters: Counters::default(),
            guesses: Guesses::default(),
            proofs: Proofs::default(),
            resolutions: Resolutions::default(),
            next_session: AtomicU64::new(1),
            old_sessions: AtomicBool::new(false),
            this: this.clone(),
            runtime: tokio::runtime::Handle::current(),
        });
        hub.seat_old_sessions().await?;
        hub.end_deserted_rooms();
        Ok(hub)
    }

    /// The service's own domain.
    pub fn domain(&self) -> &str {
        &self.settings.domain
    }

    /// What the hub was told at the start.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How often things have happened since the start.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The clock and the randomness.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The memory, for reading.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The first key that alerts were signed with; what is derived from it stays when keys are rotated.
    pub fn signing_key(&self) -> &SigningKey {
        &self.signing_key
    }

    /// The address that a text is, where it is a person's and written as addresses are kept: no other is allocated for
    /// it. It says nothing about whether the asker may know.
    pub fn known_address(&self, text: &str) -> Option<domain::Address> {
        self.people.address(text)
    }

    /// Whether text is the address that alerts come from.
    pub fn is_alerts_address(&self, address: &domain::Address) -> bool {
        address.name() == ALERTS_NAME && address.domain() == self.domain()
    }

    /// Appends to the audit log; returns the change, to be committed with what it tells of.
    fn audit(
        &self,
        actor: impl Into<String>,
        action: &str,
        subject: impl Into<String>,
        detail: impl Into<String>,
    ) -> store::Change {
        store::Change::Audit(domain::AuditEntry {
            at: self.environment.now(),
            actor: actor.into(),
            action: action.to_owned(),
            subject: subject.into(),
            detail: detail.into(),
            salt: self.environment.random(),
        })
    }

    /// Runs something beside the caller that lives no longer than the hub.
    fn spawn<F>(&self, work: impl FnOnce(Arc<Self>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let Some(hub) = self.this.upgrade() {
            self.runtime.spawn(work(hub));
        }
    }

    /// Commits and only logs a failure: for what is asked again if it was not remembered.
    fn commit_later(&self, changes: Vec<store::Change>) {
        if let Some(permit) = self.store.try_reserve() {
            return self.store.submit(permit, changes, Box::new(warn_of_failure));
        }
        self.spawn(|hub| async move {
            warn_of_failure(hub.store.commit(changes).await);
        });
    }
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hub").field("domain", &self.settings.domain).finish_non_exhaustive()
    }
}

fn warn_of_failure<T>(result: Result<T, store::StoreError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "a change was not remembered");
    }
}

/// The text form of a peer's address, without its port.
pub fn source_text(address: IpAddr) -> String {
    address.to_canonical().to_string()
}
