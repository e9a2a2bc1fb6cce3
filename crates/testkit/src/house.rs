use std::{sync::Arc, time::Duration};

use domain::{Address, Content, Message, MessageKind, Sender};
use hub::{Hub, HubError, Sent, Settings, SigningKey};
use store::{
    Change, NewAccount, Store,
    sqlite::{Options, SqliteStore},
};
use tempfile::TempDir;

use crate::clock::{SimulatedClock, simulated_environment};

/// The domain of every house.
pub const DOMAIN: &str = "office.internal";

/// A hub on a store in a folder of its own.
pub struct House {
    /// The hub. After [`House::restart`] it is another one.
    pub hub: Arc<Hub>,
    /// The clock that the hub reads.
    pub clock: SimulatedClock,
    store: Arc<SqliteStore>,
    options: HouseOptions,
    folder: TempDir,
}

/// What differs from house to house.
#[derive(Clone, Debug)]
pub struct HouseOptions {
    /// Whether messages are kept, and are on the disk before anyone gets them.
    pub archive: bool,
    /// How many messages may wait for one person.
    pub pending_max: usize,
    /// How long a broken session may be resumed.
    pub resumption: Duration,
    /// What holds for senders whom nobody has proven.
    pub strangers: domain::StrangerRules,
    /// What is asked of passwords.
    pub passwords: domain::PasswordRules,
    /// The seed of the randomness.
    pub seed: u64,
}

impl Default for HouseOptions {
    fn default() -> Self {
        Self {
            archive: true,
            pending_max: 10_000,
            resumption: Duration::from_secs(600),
            strangers: domain::StrangerRules::default(),
            passwords: domain::PasswordRules::default(),
            seed: 1,
        }
    }
}

impl House {
    /// A house with the usual options.
    pub async fn open() -> Self {
        Self::open_with(HouseOptions::default()).await
    }

    /// A house with these options.
    pub async fn open_with(options: HouseOptions) -> Self {
        let folder = TempDir::new().expect("a folder");
        let clock = SimulatedClock::new();
        let (store, hub) = start(&folder, &clock, options.clone()).await;
        Self { hub, clock, store, options, folder }
    }

    /// Ends the hub as a crash does, without a word to anybody, and starts another on what is on the disk.
    pub async fn restart(&mut self) {
        self.store.close();
        self.options.seed += 1;
        let (store, hub) = start(&self.folder, &self.clock, self.options.clone()).await;
        (self.store, self.hub) = (store, hub);
    }

    /// Closes the store under the hub: from now on nothing can be written.
    pub fn close_store(&self) {
        self.store.close();
    }

    /// The address of a person.
    pub fn address(&self, name: &str) -> Address {
        Address::new(name, DOMAIN).expect("a name")
    }

    /// Makes an account without a usable password.
    pub async fn add(&self, name: &str) {
        self.add_account(name, false).await;
    }

    /// Makes an administrator's account without a usable password.
    pub async fn add_administrator(&self, name: &str) {
        self.add_account(name, true).await;
    }

    /// Makes many accounts without a usable password, in one commit.
    pub async fn add_many(&self, names: &[String]) {
        let account = |name: &String| {
            let (address, created_at) = (self.address(name), self.clock.now());
            let password = String::new();
            Change::CreateAccount(NewAccount { address, password, administrator: false, created_at })
        };
        self.store.commit(names.iter().map(account).collect()).await.expect("the accounts are new");
        self.hub.learn_accounts().await.expect("the store reads");
    }

    /// A message from one person to another, as a door makes it.
    pub fn message(&self, from: &str, to: &str, text: &str) -> Message {
        Message {
            id: self.hub.environment().message_id(),
            sender: Sender::Account { address: self.address(from) },
            recipient: self.address(to),
            kind: MessageKind::Chat,
            content: Content::Text { body: text.to_owned(), subject: None },
            automatic: false,
            native: None,
            sender_id: None,
            accepted_at: self.clock.now(),
        }
    }

    /// Sends words from one person to another, and returns when they are taken.
    pub async fn send(&self, from: &str, to: &str, text: &str) -> Result<Sent, HubError> {
        self.hub.send_and_wait(self.message(from, to, text)).await
    }

    /// The texts that wait for a person in the store.
    pub async fn pending(&self, name: &str) -> Vec<String> {
        self.store.settled().await.expect("the store writes");
        let pending = self.store.pending(&self.address(name), 0, 1_000).await.expect("the store reads");
        pending.into_iter().map(|(_, message)| text_of(&message)).collect()
    }

    async fn add_account(&self, name: &str, administrator: bool) {
        let (address, created_at) = (self.address(name), self.clock.now());
        let account = NewAccount { address, password: String::new(), administrator, created_at };
        self.store.commit(vec![Change::CreateAccount(account)]).await.expect("the account is new");
        // The hub learns of accounts that it makes itself; this one it finds like those of another start.
        self.hub.learn_accounts().await.expect("the store reads");
    }
}

async fn start(
    folder: &TempDir,
    clock: &SimulatedClock,
    options: HouseOptions,
) -> (Arc<SqliteStore>, Arc<Hub>) {
    let store =
        SqliteStore::open(&folder.path().join("messngr.db"), Options::default()).expect("the store opens");
    let settings = Settings {
        domain: DOMAIN.to_owned(),
        archive: options.archive,
        outbox_bytes_max: 4 << 20,
        sessions_max: 50,
        contacts_max: 1_000,
        pending_max: options.pending_max,
        resumption: options.resumption,
        machine_name: "OFFICESRV".to_owned(),
        machine_name_to: "group:admin".parse().expect("a group is an audience"),
        strangers: options.strangers,
        time_zone: jiff::tz::TimeZone::UTC,
        passwords: options.passwords,
        release: vec![domain::Severity::Extreme],
    };
    let environment = simulated_environment(clock, options.seed);
    let hub = Hub::start(settings, environment, store.clone(), SigningKey::from_bytes(&[7; 32])).await;
    (store, hub.expect("the hub starts"))
}

/// What a message says in words.
pub(crate) fn text_of(message: &Message) -> String {
    match &message.content {
        Content::Text { body, .. } => body.clone(),
        other => format!("{other:?}"),
    }
}
