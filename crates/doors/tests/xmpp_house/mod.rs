//! A service with an open XMPP door, and a client that says whatever a test wants.

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
};
use sha2::{Digest, Sha256};
use store::sqlite::{Options, SqliteStore};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The password of `anna`.
pub(crate) const PASSWORD: &str = "a password that is long";

const DOMAIN: &str = "x.internal";
const PATIENCE: Duration = Duration::from_secs(20);

/// A service that `anna` has an account on, with direct TLS.
pub(crate) struct House {
    address: SocketAddr,
    authority: Authority,
    _folder: TempDir,
}

/// A client's connection, after the service has said what it offers.
pub(crate) struct Client {
    stream: TlsStream<TcpStream>,
    received: String,
    /// What the service offered first.
    pub(crate) features: String,
}

impl House {
    /// Opens it.
    pub(crate) async fn open() -> Self {
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
            sign_in_failures_per_minute_max: 100,
        };
        let settings = XmppSettings {
            require_tls: true,
            allow_plain_without_tls: false,
            stanza_bytes_max: 256 * 1024,
            stanza_bytes_before_sign_in_max: 10 * 1024,
            sign_in_deadline: PATIENCE,
        };
        let door = XmppDoor::new(hub, tls, Gate::new(AllowedNetworks::default(), limits), settings);
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_address();
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        tasks.spawn(door.serve(listener, Encryption::Direct, tasks.clone(), stop));
        Self { address, authority, _folder: folder }
    }

    /// Connects with this version of TLS, checking the certificate, and opens a stream.
    pub(crate) async fn connect(&self, version: &'static SupportedProtocolVersion) -> Client {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(self.authority.certificate_pem().as_bytes());
        roots.add(certificate.unwrap()).unwrap();
        let mut configuration = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        configuration.alpn_protocols = vec![b"xmpp-client".to_vec()];
        #[expect(clippy::disallowed_methods, reason = "a client that comes from outside")]
        let tcp = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from(DOMAIN).unwrap();
        let stream = TlsConnector::from(Arc::new(configuration)).connect(name, tcp).await.unwrap();
        let mut client = Client { stream, received: String::new(), features: String::new() };
        client.features = client.open().await;
        client
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

    async fn open(&mut self) -> String {
        let header = format!(
            "<stream:stream to='{DOMAIN}' xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
        );
        self.send(&header).await;
        self.until(&["</stream:features>"]).await
    }

    async fn sasl_answer(&mut self) -> String {
        self.until(&["</challenge>", "</success>", "</failure>"]).await
    }

    async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Everything up to the first of these ends.
    async fn until(&mut self, ends: &[&str]) -> String {
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
    }
}
