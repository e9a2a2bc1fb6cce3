use std::{net::SocketAddr, sync::Arc, time::Duration};

use domain::{Address, AllowedNetworks, GroupName, Message, Presence, Protocol};
use hub::{ConnectionId, Environment, Hub, Item, Session, SessionDraft, SigningKey};
use store::{
    Store,
    sqlite::{Options, SqliteStore},
};
use tempfile::TempDir;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    network::{Gate, GateLimits, Listener},
    windows::{CodePage, CodePages, Framing, Limits, NodeType, WindowsDoor, WindowsSettings},
};

/// A service with an open Windows door. Its machine is called OFFICE, whose messages go to the group `admin`.
pub(super) struct House {
    pub(super) hub: Arc<Hub>,
    pub(super) store: Arc<SqliteStore>,
    pub(super) gate: Arc<Gate>,
    pub(super) address: SocketAddr,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
    _folder: TempDir,
}

/// A person who is signed in and available.
pub(super) struct Person {
    pub(super) session: Arc<Session>,
    connection: ConnectionId,
}

impl House {
    pub(super) async fn open() -> Self {
        Self::open_with(Limits::default(), 1_000).await
    }

    pub(super) async fn open_with(limits: Limits, messages_per_minute_max: u32) -> Self {
        let settings = WindowsSettings { limits, messages_per_minute_max, ..settings() };
        Self::open_for(settings, domain::StrangerRules::default()).await
    }

    pub(super) async fn open_for(settings: WindowsSettings, strangers: domain::StrangerRules) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("store.db"), Options::default()).unwrap();
        let hub_settings = hub::Settings { strangers, ..hub_settings() };
        let key = SigningKey::from_bytes(&[7; 32]);
        let hub = Hub::start(hub_settings, Environment::system(), store.clone(), key).await.unwrap();
        hub.add_group("test", admin()).await.unwrap();
        let gate = gate();
        let door = WindowsDoor::new(hub.clone(), gate.clone(), settings);
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let (address, tasks, stop) = (listener.local_address(), TaskTracker::new(), CancellationToken::new());
        tasks.spawn(door.serve(listener, Framing::NetbiosSession, tasks.clone(), stop.clone()));
        Self { hub, store, gate, address, tasks, stop, _folder: folder }
    }

    pub(super) async fn add(&self, name: &str) -> Address {
        self.hub.add_account("test", name, "a password that is long", false).await.unwrap().address
    }

    pub(super) async fn add_administrator(&self, name: &str) {
        self.add(name).await;
        self.hub.set_member("test", admin(), name, true).await.unwrap();
    }

    /// Signs a person in who exists already.
    pub(super) async fn sign_in(&self, name: &str) -> Person {
        let person = self.sign_in_without_presence(name).await;
        self.hub.set_presence(&person.session, Presence::default()).await.unwrap();
        person
    }

    pub(super) async fn sign_in_without_presence(&self, name: &str) -> Person {
        let draft = SessionDraft {
            address: Address::new(name, "x.internal").unwrap(),
            resource: None,
            protocol: Protocol::Xmpp,
            source: "10.0.0.9".to_owned(),
        };
        let session = self.hub.open_session(draft).await.unwrap();
        let connection = session.attach();
        Person { session, connection }
    }

    pub(super) async fn add_and_sign_in(&self, name: &str) -> Person {
        self.add(name).await;
        self.sign_in(name).await
    }

    /// What the store keeps for a person whose client acknowledges nothing.
    pub(super) async fn kept_for(&self, name: &str) -> Vec<Arc<Message>> {
        let address = Address::new(name, "x.internal").unwrap();
        let kept = self.store.pending(&address, 0, 100).await.unwrap();
        kept.into_iter().map(|(_, message)| message).collect()
    }

    pub(super) async fn close_store(&self) {
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || store.close()).await.unwrap();
    }
}

impl Person {
    /// The next message that the person's client is given.
    pub(super) async fn next_message(&self) -> Arc<Message> {
        tokio::time::timeout(Duration::from_secs(10), async {
            loop {
                let mut items = Vec::new();
                self.session.outbox.take(self.connection, 1, &mut items);
                match items.pop() {
                    Some((_, Item::Message(delivery))) => return delivery.message,
                    Some(_) => {}
                    None => self.session.outbox.changed().await,
                }
            }
        })
        .await
        .expect("a message arrives")
    }
}

pub(super) fn gate() -> Arc<Gate> {
    let limits = GateLimits {
        connections_max: 100,
        connections_per_address_max: 100,
        connections_per_account_max: 10,
        sign_in_failures_per_minute_max: 100,
    };
    Gate::new(AllowedNetworks::default(), limits)
}

pub(super) fn settings() -> WindowsSettings {
    WindowsSettings {
        workgroup: "WORKGROUP".to_owned(),
        node_type: NodeType::Broadcast,
        code_pages: CodePages::new(Vec::new(), CodePage::DEFAULT),
        limits: Limits::default(),
        messages_per_minute_max: 1_000,
        messages_of_all_per_minute_max: 1_000_000,
    }
}

fn admin() -> GroupName {
    "admin".parse().unwrap()
}

fn hub_settings() -> hub::Settings {
    hub::Settings {
        domain: "x.internal".to_owned(),
        archive: true,
        outbox_bytes_max: 1 << 20,
        sessions_max: 50,
        contacts_max: 100,
        pending_max: 100,
        resumption: Duration::from_secs(600),
        machine_name: "Office".to_owned(),
        machine_name_to: "group:admin".parse().unwrap(),
        strangers: domain::StrangerRules::default(),
        time_zone: jiff::tz::TimeZone::UTC,
        passwords: domain::PasswordRules::default(),
        release: Vec::new(),
    }
}
