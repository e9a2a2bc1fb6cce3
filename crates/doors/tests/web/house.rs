//! A service with its web door, and clients that come from outside.

use std::{net::SocketAddr, sync::Arc};

use domain::{AllowedNetworks, Scopes, Severity, Topic};
use doors::{
    api::{About, ConfigurationInForce, Service},
    network::{Gate, GateLimits, Listener},
    tls::{Authority, Names, Tls},
    web::{BrowserClient, BrowserFile, Patience, Secrecy, WebDoor, WebSettings},
};
use hub::{Environment, TokenDraft};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use testkit::DOMAIN;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How many requests one asker may make within a minute.
pub(crate) const REQUESTS_PER_MINUTE_MAX: u32 = 200;

/// `hello`, packed by gzip 1.12 without a name.
const HELLO: &[u8] = &[
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0x86, 0xa6, 0x10, 0x36, 5, 0, 0,
    0,
];

/// A browser client of three files.
const BROWSER_CLIENT: BrowserClient = BrowserClient {
    files: &[
        file("favicon.ico", "image/x-icon", false, b"icon"),
        file("index.html", "text/html; charset=utf-8", false, b"<title>messngr</title>"),
        file("js/main.js", "text/javascript; charset=utf-8", true, HELLO),
    ],
    inline_scripts: &["'sha256-abc='"],
};

const fn file(
    path: &'static str,
    media_type: &'static str,
    is_packed: bool,
    bytes: &'static [u8],
) -> BrowserFile {
    BrowserFile { path, media_type, hash: "0123", is_packed, bytes, brotli: b"" }
}

pub(crate) struct House {
    pub(crate) house: testkit::House,
    pub(crate) service: Arc<Service>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    tls_address: SocketAddr,
    plain_address: SocketAddr,
    open_address: SocketAddr,
    authority: Arc<Authority>,
    _folder: tempfile::TempDir,
}

impl House {
    pub(crate) async fn open() -> Self {
        let limits = GateLimits {
            connections_max: 10,
            connections_per_address_max: 10,
            connections_per_account_max: 10,
            sign_in_failures_per_minute_max: 3,
        };
        Self::open_with(limits, Patience::default()).await
    }

    pub(crate) async fn open_with(limits: GateLimits, patience: Patience) -> Self {
        let house = testkit::House::open().await;
        house.hub.add_account("test", "admin", "secret", true).await.unwrap();
        house.hub.add_account("test", "anna", "geheim:ü", false).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let now = Environment::system().now();
        let names = Names { domain: DOMAIN.to_owned(), host: "localhost".to_owned(), ..Names::default() };
        let authority = Arc::new(Authority::load_or_create(folder.path(), &names, now).unwrap());
        let certificate = authority.server_certificate(&names, now).unwrap();
        let tls = Arc::new(Tls::new(&certificate.chain_pem, &certificate.key_pem).unwrap());
        let gate = Gate::new(AllowedNetworks::default(), limits);
        let about = About {
            version: "1.2.3".to_owned(),
            started_at: now,
            data_dir: folder.path().to_owned(),
            user: "messngr".to_owned(),
            pid: 42,
        };
        let configuration = ConfigurationInForce::default();
        let service = Service::new(
            house.hub.clone(),
            about,
            configuration,
            authority.clone(),
            Vec::new(),
            REQUESTS_PER_MINUTE_MAX,
        );
        let plant = Topic {
            name: "plant".parse().unwrap(),
            audience: "user:anna".parse().unwrap(),
            open: false,
            severity_max: Severity::Severe,
            must_confirm: false,
        };
        let settings = WebSettings {
            topics: vec![plant],
            domain: DOMAIN.to_owned(),
            hosts: vec!["alerts.office.internal".to_owned()],
            direct_tls: vec!["[::]:5223".parse().unwrap()],
            proxies: AllowedNetworks::new(vec!["127.0.0.1/32".parse().unwrap()]),
            metrics_allowed: AllowedNetworks::new(Vec::new()),
            patience,
            browser_client: BROWSER_CLIENT,
        };
        let door = WebDoor::new(tls, gate.clone(), settings, service.clone());
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let listen = |secrecy| {
            let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let address = listener.local_address();
            tasks.spawn(door.clone().serve(listener, secrecy, tasks.clone(), stop.clone()));
            address
        };
        let (tls_address, plain_address) = (listen(Secrecy::Tls), listen(Secrecy::ThisMachine));
        let open_address = listen(Secrecy::Nobody);
        Self {
            house,
            service,
            gate,
            stop,
            tasks,
            tls_address,
            plain_address,
            open_address,
            authority,
            _folder: folder,
        }
    }

    /// A connection to the encrypted listener.
    pub(crate) async fn connect(&self) -> Client<impl AsyncRead + AsyncWrite + Unpin + use<>> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.authority.certificate_pem().as_bytes()).unwrap())
            .unwrap();
        let configuration = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tcp = tcp(self.tls_address).await;
        let name = ServerName::try_from(DOMAIN).unwrap();
        let stream = TlsConnector::from(Arc::new(configuration)).connect(name, tcp).await.unwrap();
        Client { stream, read: Vec::new() }
    }

    /// A connection to the one that only this machine reaches.
    pub(crate) async fn connect_plain(&self) -> Client<TcpStream> {
        Client { stream: tcp(self.plain_address).await, read: Vec::new() }
    }

    /// A connection to the one for old machines.
    pub(crate) async fn connect_openly(&self) -> Client<TcpStream> {
        Client { stream: tcp(self.open_address).await, read: Vec::new() }
    }

    /// The answer to one request by an encrypted connection of its own.
    pub(crate) async fn ask(&self, request: &str) -> Answer {
        self.connect().await.ask(request).await
    }

    /// The secret of a new token.
    pub(crate) async fn token(&self, account: &str, scope: &str) -> String {
        let name = format!("t{}", self.house.hub.api_tokens().len()).parse().unwrap();
        let scopes = Scopes::new(vec![scope.parse().unwrap()]).unwrap();
        let draft = TokenDraft { name, account: account.to_owned(), scopes, expires_at: None };
        self.house.hub.add_api_token("test", draft).await.unwrap().1.to_text()
    }
}

#[expect(clippy::disallowed_methods, reason = "a client that comes from outside")]
async fn tcp(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// A client's connection.
pub(crate) struct Client<S> {
    stream: S,
    read: Vec<u8>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// The head as it came.
    raw: String,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn into_stream(self) -> S {
        self.stream
    }

    pub(crate) async fn say(&mut self, bytes: &str) {
        // The service may have closed already.
        drop(self.stream.write_all(bytes.as_bytes()).await);
        drop(self.stream.flush().await);
    }

    pub(crate) async fn ask(&mut self, request: &str) -> Answer {
        self.say(request).await;
        self.answer().await.expect("an answer")
    }

    /// The next answer; none where the connection was closed.
    pub(crate) async fn answer(&mut self) -> Option<Answer> {
        let end = loop {
            if let Some(end) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let raw = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        let head = raw.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        while self.read.len() < length {
            self.more().await?;
        }
        let body = String::from_utf8(self.read.drain(..length).collect()).unwrap();
        Some(Answer { status: head[9..12].parse().unwrap(), head, body, raw })
    }

    async fn more(&mut self) -> Option<()> {
        let mut buffer = [0; 4_096];
        let length = self.stream.read(&mut buffer).await.ok().filter(|length| *length > 0)?;
        self.read.extend_from_slice(&buffer[..length]);
        Some(())
    }
}

impl Answer {
    /// What a header says, as it was written.
    pub(crate) fn raw_header(&self, name: &str) -> Option<&str> {
        let lines = self.raw.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A request without a body for the service's own domain.
pub(crate) fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {DOMAIN}\r\n{headers}\r\n")
}

/// A request with JSON in it.
pub(crate) fn post(path: &str, headers: &str, body: &serde_json::Value) -> String {
    with_json("POST", path, headers, body)
}

/// The same for what replaces.
pub(crate) fn put(path: &str, headers: &str, body: &serde_json::Value) -> String {
    with_json("PUT", path, headers, body)
}

fn with_json(method: &str, path: &str, headers: &str, body: &serde_json::Value) -> String {
    let body = body.to_string();
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {DOMAIN}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         {headers}\r\n{body}"
    )
}
