//! A service with some people, and clients of theirs that say whatever a test wants, without encryption.
#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::{net::SocketAddr, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::AllowedNetworks;
use doors::{
    network::{Gate, GateLimits, Listener},
    tls::{Authority, Names, Tls},
    xmpp::{Encryption, XmppDoor, XmppSettings},
};
use hub::{Environment, Hub, SigningKey};
use store::sqlite::{Options, SqliteStore};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use xmpp::{
    Element, namespace,
    stream::{Limits, StreamEvent, StreamReader},
};

pub(crate) const DOMAIN: &str = "x.internal";
const PASSWORD: &str = "a password that is long";
const PATIENCE: Duration = Duration::from_secs(60);

/// A service.
pub(crate) struct House {
    pub(crate) hub: Arc<Hub>,
    address: SocketAddr,
    tasks: TaskTracker,
    _folder: TempDir,
}

/// A signed-in client.
pub(crate) struct Client {
    stream: TcpStream,
    reader: StreamReader,
    unread: Vec<u8>,
    /// Its full address.
    pub(crate) jid: String,
    pings: u32,
    /// What the service offered after signing in.
    pub(crate) features: String,
}

impl House {
    /// A service that archives, with these people.
    pub(crate) async fn of(people: &[&str]) -> Self {
        Self::with(people, true).await
    }

    /// A service that archives or does not.
    pub(crate) async fn with(people: &[&str], archive: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment = Environment::system();
        let names = Names { domain: DOMAIN.to_owned(), host: "localhost".to_owned(), ..Names::default() };
        let now = environment.now();
        let authority = Authority::load_or_create(folder.path(), &names, now).unwrap();
        let certificate = authority.server_certificate(&names, now).unwrap();
        let tls = Arc::new(Tls::new(&certificate.chain_pem, &certificate.key_pem).unwrap());
        let store = SqliteStore::open(&folder.path().join("store.db"), Options::default()).unwrap();
        let key = SigningKey::from_bytes(&[7; 32]);
        let hub = Hub::start(hub_settings(archive), environment, store, key).await.unwrap();
        for name in people {
            hub.add_account("test", name, PASSWORD, false).await.unwrap();
        }
        let limits = GateLimits {
            connections_max: 100,
            connections_per_address_max: 100,
            connections_per_account_max: 1000,
            sign_in_failures_per_minute_max: 100,
        };
        let settings = XmppSettings {
            require_tls: false,
            allow_plain_without_tls: true,
            sign_in_deadline: PATIENCE,
            ..XmppSettings::default()
        };
        let door = XmppDoor::new(hub.clone(), tls, Gate::new(AllowedNetworks::default(), limits), settings);
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_address();
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        tasks.spawn(door.serve(listener, Encryption::StartTls, tasks.clone(), stop));
        Self { hub, address, tasks, _folder: folder }
    }

    /// Waits until no more connections than these are served: what others leave behind is dealt with.
    pub(crate) async fn until_connections_are(&self, count: usize) {
        let over = async {
            // One more task lets clients in.
            while self.tasks.len() > count + 1 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, over).await.expect("connections end");
    }

    /// Signs a person in who says nothing about being there.
    pub(crate) async fn connect(&self, name: &str, resource: &str) -> Client {
        self.connect_as(name, resource, "").await
    }

    /// The same, in a language.
    pub(crate) async fn connect_in(&self, name: &str, resource: &str, lang: &str) -> Client {
        self.connect_as(name, resource, &format!(" xml:lang='{lang}'")).await
    }

    async fn connect_as(&self, name: &str, resource: &str, lang: &str) -> Client {
        let mut client = self.authenticate(name, resource, lang).await;
        let bind = format!("<resource>{resource}</resource>");
        let bind = format!("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{bind}</bind>");
        let bound = client.ask("set", "", &bind).await;
        assert!(bound.contains(&client.jid), "{bound}");
        client
    }

    /// Signs a person in without a session, which is to be resumed.
    pub(crate) async fn connect_unbound(&self, name: &str, resource: &str) -> Client {
        self.authenticate(name, resource, "").await
    }

    async fn authenticate(&self, name: &str, resource: &str, lang: &str) -> Client {
        #[expect(clippy::disallowed_methods, reason = "a client that comes from outside")]
        let stream = TcpStream::connect(self.address).await.unwrap();
        // Two small writes in a row would wait for each other.
        stream.set_nodelay(true).unwrap();
        let jid = format!("{name}@{DOMAIN}/{resource}");
        let reader = StreamReader::new(Limits::default());
        let mut client =
            Client { stream, reader, unread: Vec::new(), jid, pings: 0, features: String::new() };
        client.open(lang).await;
        let credentials = STANDARD.encode(format!("\0{name}\0{PASSWORD}"));
        let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>";
        client.send(&format!("{auth}{credentials}</auth>")).await;
        assert!(client.next().await.contains("<success"));
        client.reader = StreamReader::new(Limits::default());
        client.features = client.open(lang).await;
        client
    }

    /// Signs a person in, says that they are there, and waits until they are given messages as they come. What they
    /// were told so far is passed over.
    pub(crate) async fn sign_in(&self, name: &str, resource: &str) -> Client {
        let mut client = self.sign_in_and_keep(name, resource).await;
        client.leftovers().await;
        client
    }

    /// The same, with what they were told.
    pub(crate) async fn sign_in_and_keep(&self, name: &str, resource: &str) -> Client {
        let mut client = self.connect(name, resource).await;
        client.send("<presence/>").await;
        let receives = async {
            let own = |view: &hub::SessionView| view.address.name() == name && view.resource == resource;
            while !self.hub.sessions().iter().any(|view| own(view) && view.receives) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, receives).await.expect("the session catches up");
        client
    }
}

impl Client {
    /// Says something.
    pub(crate) async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next stanza, or another child of the stream. What the service asks to learn whether it was heard is
    /// answered and passed over.
    pub(crate) async fn next(&mut self) -> String {
        loop {
            let element = self.next_element().await;
            let id = element.attribute("id").unwrap_or_default().to_owned();
            if element.child("ping", namespace::PING).is_some() {
                self.send(&format!("<iq type='result' id='{id}' to='{DOMAIN}'/>")).await;
                continue;
            }
            // The reader adds the language of the service's stream, which is on nothing that was sent.
            let text = String::from_utf8(element.to_bytes(namespace::CLIENT)).unwrap();
            return text.replacen(" xml:lang='en'", "", 1);
        }
    }

    /// The next stanza that holds this text; what comes before it is passed over.
    pub(crate) async fn next_with(&mut self, text: &str) -> String {
        self.until(text).await.pop().unwrap()
    }

    /// Everything up to a stanza that holds this text, which is the last.
    pub(crate) async fn until(&mut self, text: &str) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            let stanza = self.next().await;
            let found = stanza.contains(text);
            all.push(stanza);
            if found {
                return all;
            }
        }
    }

    /// Puts a query and returns the answer; what comes before it is passed over.
    pub(crate) async fn ask(&mut self, kind: &str, to: &str, payload: &str) -> String {
        self.asked(kind, to, payload).await.pop().unwrap()
    }

    /// Puts a query and returns what comes up to the answer, which is the last.
    pub(crate) async fn asked(&mut self, kind: &str, to: &str, payload: &str) -> Vec<String> {
        self.pings += 1;
        let id = format!("query-{}", self.pings);
        let to = if to.is_empty() { String::new() } else { format!(" to='{to}'") };
        self.send(&format!("<iq type='{kind}' id='{id}'{to}>{payload}</iq>")).await;
        self.until(&format!("id='{id}'")).await
    }

    /// What waits now: everything before the answer to a question.
    pub(crate) async fn leftovers(&mut self) -> Vec<String> {
        let mut all = self.asked("get", DOMAIN, "<ping xmlns='urn:xmpp:ping'/>").await;
        all.pop();
        all
    }

    async fn open(&mut self, lang: &str) -> String {
        let header = format!(
            "<stream:stream to='{DOMAIN}' xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams' version='1.0'{lang}>"
        );
        self.send(&header).await;
        loop {
            if let StreamEvent::Stanza(element) = self.next_event().await {
                return String::from_utf8(element.to_bytes(namespace::CLIENT)).unwrap();
            }
        }
    }

    /// The next child of the stream as it is.
    pub(crate) async fn next_element(&mut self) -> Element {
        match self.next_event().await {
            StreamEvent::Stanza(element) => element,
            other => panic!("expected a stanza, got {other:?}"),
        }
    }

    /// What comes next, the end of the stream too.
    pub(crate) async fn next_event(&mut self) -> StreamEvent {
        loop {
            let unread = std::mem::take(&mut self.unread);
            let mut input = unread.as_slice();
            let event = self.reader.read(&mut input).unwrap();
            self.unread = input.to_vec();
            if let Some(event) = event {
                return event;
            }
            let mut buffer = [0; 4096];
            let reading = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await;
            let read = reading.expect("something comes").unwrap();
            assert!(read > 0, "the service closed the stream");
            self.unread.extend_from_slice(&buffer[..read]);
        }
    }
}

fn hub_settings(archive: bool) -> hub::Settings {
    hub::Settings {
        domain: DOMAIN.to_owned(),
        archive,
        outbox_bytes_max: 1 << 20,
        sessions_max: 50,
        contacts_max: 100,
        pending_max: 1_000,
        resumption: Duration::from_secs(600),
        machine_name: "OFFICE".to_owned(),
        machine_name_to: "group:admin".parse().unwrap(),
        strangers: domain::StrangerRules::default(),
        time_zone: jiff::tz::TimeZone::UTC,
        passwords: domain::PasswordRules::default(),
        release: Vec::new(),
    }
}
