//! A service with an open XMPP door, and a client that says whatever a test wants.
#![allow(dead_code, reason = "each test program needs a part of it")]

use std::{net::SocketAddr, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::AllowedNetworks;
use doors::{
    network::{Gate, GateLimits, Listener},
    tls::{Authority, Names, Tls},
    xmpp::{Encryption, XmppDoor, XmppSettings},
};
use hub::{Environment, Hub, SigningKey};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    version::TLS13,
};
use sha2::{Digest, Sha256};
use store::sqlite::{Options, SqliteStore};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The password of `anna`.
pub(crate) const PASSWORD: &str = "a password that is long";

pub(crate) const DOMAIN: &str = "x.internal";
const PATIENCE: Duration = Duration::from_secs(20);

/// A service that `anna` has an account on, with direct TLS and with STARTTLS.
pub(crate) struct House {
    /// What is going on in it.
    pub(crate) hub: Arc<Hub>,
    address: SocketAddr,
    clear_address: SocketAddr,
    authority: Authority,
    _folder: TempDir,
}

/// A client's connection, after the service has said what it offers.
pub(crate) struct Client<S = TlsStream<TcpStream>> {
    stream: S,
    received: String,
    /// What the service offered first.
    pub(crate) features: String,
}

impl House {
    /// Opens it.
    pub(crate) async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// Opens it with other settings of the door than the usual ones.
    pub(crate) async fn open_with(change: impl FnOnce(&mut XmppSettings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment = Environment::system();
        let now = environment.now();
        let names = Names { domain: DOMAIN.to_owned(), host: "localhost".to_owned(), ..Names::default() };
        let authority = Authority::load_or_create(folder.path(), &names, now).unwrap();
        let certificate = authority.server_certificate(&names, now).unwrap();
        let tls = Arc::new(Tls::new(&certificate.chain_pem, &certificate.key_pem).unwrap());
        let store = SqliteStore::open(&folder.path().join("store.db"), Options::default()).unwrap();
        let key = SigningKey::from_bytes(&[7; 32]);
        let hub = Hub::start(hub_settings(), environment, store, key).await.unwrap();
        hub.add_account("test", "anna", PASSWORD, false).await.unwrap();
        let limits = GateLimits {
            connections_max: 100,
            connections_per_address_max: 100,
            connections_per_account_max: 1000,
            sign_in_failures_per_minute_max: 100,
        };
        let mut settings = XmppSettings { sign_in_deadline: PATIENCE, ..XmppSettings::default() };
        change(&mut settings);
        let gate = Gate::new(AllowedNetworks::default(), limits);
        let door = XmppDoor::new(hub.clone(), tls, gate, settings);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let [address, clear_address] = [Encryption::Direct, Encryption::StartTls].map(|encryption| {
            let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let address = listener.local_address();
            tasks.spawn(door.clone().serve(listener, encryption, tasks.clone(), stop.clone()));
            address
        });
        Self { hub, address, clear_address, authority, _folder: folder }
    }

    /// Connects without encryption, and says nothing yet.
    pub(crate) async fn connect_in_the_clear(&self) -> Client<TcpStream> {
        #[expect(clippy::disallowed_methods, reason = "a client that comes from outside")]
        let stream = TcpStream::connect(self.clear_address).await.unwrap();
        Client { stream, received: String::new(), features: String::new() }
    }

    /// Connects with TLS 1.3, and signs `anna` in with a session of this name.
    pub(crate) async fn sign_in(&self, name: &str, resource: &str) -> Client {
        let mut client = self.connect(&TLS13).await;
        client.sign_in(name, PASSWORD).await;
        client.bind(resource).await;
        client
    }

    /// Connects with this version of TLS, checking the certificate, and opens a stream.
    pub(crate) async fn connect(&self, version: &'static SupportedProtocolVersion) -> Client {
        #[expect(clippy::disallowed_methods, reason = "a client that comes from outside")]
        let tcp = TcpStream::connect(self.address).await.unwrap();
        let stream = self.handshake(tcp, version).await;
        let mut client = Client { stream, received: String::new(), features: String::new() };
        client.features = client.open().await;
        client
    }

    /// Begins TLS with the service, checking its certificate.
    pub(crate) async fn handshake(
        &self,
        tcp: TcpStream,
        version: &'static SupportedProtocolVersion,
    ) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(self.authority.certificate_pem().as_bytes());
        roots.add(certificate.unwrap()).unwrap();
        let configuration = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(DOMAIN).unwrap();
        TlsConnector::from(Arc::new(configuration)).connect(name, tcp).await.unwrap()
    }
}

impl Client {
    /// What only the two ends of this connection know (RFC 9266 §2).
    pub(crate) fn tls_exporter(&self) -> Vec<u8> {
        let connection = self.stream.get_ref().1;
        let exported = connection.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(&[]));
        exported.unwrap().to_vec()
    }

    /// The hash of the certificate as the client was shown it: its signature is ECDSA with SHA-256 (RFC 5929 §4.1).
    pub(crate) fn tls_server_end_point(&self) -> Vec<u8> {
        let certificates = self.stream.get_ref().1.peer_certificates().unwrap();
        Sha256::digest(&certificates[0]).to_vec()
    }
}

impl Client<TcpStream> {
    /// Gives up the connection, for a TLS handshake on it.
    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// A client on a connection that says nothing yet.
    pub(crate) fn on(stream: S) -> Self {
        Self { stream, received: String::new(), features: String::new() }
    }

    /// Signs in by name and password, and opens the next stream.
    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) {
        let answer = self.authenticate("PLAIN", format!("\0{name}\0{password}").as_bytes()).await;
        assert!(answer.contains("<success"), "{answer}");
        self.features = self.open().await;
    }

    /// Binds a session of this name.
    pub(crate) async fn bind(&mut self, resource: &str) {
        let bind = format!(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <resource>{resource}</resource></bind></iq>"
        );
        self.send(&bind).await;
        let bound = self.until(&["</iq>"]).await;
        assert!(bound.contains(&format!("@{DOMAIN}/{resource}</jid>")), "{bound}");
    }

    /// Sends a stanza and returns everything that the service says up to when it has dealt with it.
    pub(crate) async fn ask(&mut self, stanza: &str) -> String {
        self.send(stanza).await;
        self.send("<iq type='get' id='dealt-with'><ping xmlns='urn:xmpp:ping'/></iq>").await;
        let said = self.until(&["id='dealt-with'"]).await;
        self.until(&["/>"]).await;
        said
    }

    /// Everything that the service still says until it closes the connection.
    pub(crate) async fn rest(&mut self) -> String {
        let mut buffer = [0; 4096];
        loop {
            let reading = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await;
            match reading.unwrap_or_else(|_| panic!("the stream stays open after {}", self.received)) {
                Ok(0) | Err(_) => return std::mem::take(&mut self.received),
                Ok(read) => self.received.push_str(std::str::from_utf8(&buffer[..read]).unwrap()),
            }
        }
    }

    /// Names a mechanism and gives its first message; returns the answer.
    pub(crate) async fn authenticate(&mut self, mechanism: &str, first: &[u8]) -> String {
        let data = STANDARD.encode(first);
        let auth =
            format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{data}</auth>");
        self.send(&auth).await;
        self.sasl_answer().await
    }

    /// Gives the next message; returns the answer.
    pub(crate) async fn respond(&mut self, message: &[u8]) -> String {
        let data = STANDARD.encode(message);
        self.send(&format!("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{data}</response>")).await;
        self.sasl_answer().await
    }

    /// After signing in: a new stream, on which a resource can be bound.
    pub(crate) async fn session_begins(&mut self) {
        let features = self.open().await;
        assert!(features.contains("urn:ietf:params:xml:ns:xmpp-bind"), "{features}");
        self.send("<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>").await;
        let bound = self.until(&["</iq>"]).await;
        assert!(bound.contains("<jid>anna@x.internal/"), "{bound}");
    }

    /// Opens a stream; returns what the service offers.
    pub(crate) async fn open(&mut self) -> String {
        let header = format!(
            "<stream:stream to='{DOMAIN}' xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
        );
        self.send(&header).await;
        self.until(&["</stream:features>"]).await
    }

    async fn sasl_answer(&mut self) -> String {
        self.until(&["</challenge>", "</success>", "</failure>", "xmpp-sasl'/>"]).await
    }

    /// Sends text as it is.
    pub(crate) async fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes()).await;
    }

    /// Sends bytes as they are.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Everything up to the first of these ends.
    pub(crate) async fn until(&mut self, ends: &[&str]) -> String {
        loop {
            let found = ends.iter().filter_map(|end| Some(self.received.find(end)? + end.len())).min();
            if let Some(end) = found {
                return self.received.drain(..end).collect();
            }
            let mut buffer = [0; 4096];
            let reading = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await;
            let read = reading.unwrap_or_else(|_| panic!("{ends:?} did not come, but {}", self.received));
            let read = read.unwrap_or(0);
            assert!(read > 0, "the service closed the stream before {ends:?}: {}", self.received);
            self.received.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
    }
}

/// What a SASL element of this name holds, if the answer is one.
pub(crate) fn data(answer: &str, name: &str) -> Option<Vec<u8>> {
    let element = answer.split_once(&format!("<{name}"))?.1;
    let text = element.split_once('>')?.1.split_once('<')?.0;
    STANDARD.decode(text).ok()
}

fn hub_settings() -> hub::Settings {
    hub::Settings {
        domain: DOMAIN.to_owned(),
        archive: true,
        outbox_bytes_max: 1 << 20,
        sessions_max: 50,
        contacts_max: 100,
        pending_max: 100,
        resumption: Duration::from_secs(600),
        machine_name: "OFFICE".to_owned(),
        machine_name_to: "group:admin".parse().unwrap(),
        strangers: domain::StrangerRules::default(),
        time_zone: jiff::tz::TimeZone::UTC,
        passwords: domain::PasswordRules::default(),
        release: Vec::new(),
    }
}
