//! The two documents by which clients find the doors (XEP-0156, XEP-0487).
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::{net::SocketAddr, sync::Arc};

use domain::AllowedNetworks;
use doors::{
    network::{Gate, GateLimits, Listener},
    tls::{Authority, Names, Tls},
    web::{WebDoor, WebSettings},
};
use hub::Environment;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const DOMAIN: &str = "x.internal";

struct House {
    address: SocketAddr,
    authority: Authority,
    _people: testkit::House,
    _folder: TempDir,
}

impl House {
    async fn open() -> Self {
        let (people, folder) = (testkit::House::open().await, tempfile::tempdir().unwrap());
        let now = Environment::system().now();
        let names = Names { domain: DOMAIN.to_owned(), host: "localhost".to_owned(), ..Names::default() };
        let authority = Authority::load_or_create(folder.path(), &names, now).unwrap();
        let certificate = authority.server_certificate(&names, now).unwrap();
        let tls = Arc::new(Tls::new(&certificate.chain_pem, &certificate.key_pem).unwrap());
        let limits = GateLimits {
            connections_max: 10,
            connections_per_address_max: 10,
            sign_in_failures_per_minute_max: 10,
        };
        let settings =
            WebSettings { domain: DOMAIN.to_owned(), direct_tls: vec!["[::]:5223".parse().unwrap()] };
        let door =
            WebDoor::new(people.hub.clone(), tls, Gate::new(AllowedNetworks::default(), limits), settings);
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_address();
        let tasks = TaskTracker::new();
        tasks.spawn(door.serve(listener, tasks.clone(), CancellationToken::new()));
        Self { address, authority, _people: people, _folder: folder }
    }

    /// The whole answer to a request.
    async fn ask(&self, request: &str) -> String {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.authority.certificate_pem().as_bytes()).unwrap())
            .unwrap();
        let configuration = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        #[expect(clippy::disallowed_methods, reason = "a client that comes from outside")]
        let tcp = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from(DOMAIN).unwrap();
        let mut stream = TlsConnector::from(Arc::new(configuration)).connect(name, tcp).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // What was not read is lost where the service has refused to read it.
        drop(stream.read_to_string(&mut answer).await);
        answer
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {DOMAIN}\r\n\r\n")
}

#[tokio::test]
async fn a_client_is_told_where_tls_begins_at_once_and_may_ask_from_any_page() {
    let house = House::open().await;
    let answer = house.ask(&get("/.well-known/host-meta.json")).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("content-type: application/json"), "{head}");
    assert!(head.contains("access-control-allow-origin: *"), "{head}");
    let document: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(document["links"][0]["port"], 5223);
    assert_eq!(document["links"][0]["ips"][0], "127.0.0.1");
    assert_eq!(document["links"][0]["sni"], DOMAIN);
}

#[tokio::test]
async fn the_other_document_is_there_and_nothing_else() {
    let house = House::open().await;
    let answer = house.ask(&get("/.well-known/host-meta")).await;
    assert!(answer.contains("content-type: application/xrd+xml"), "{answer}");
    assert!(answer.contains("<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'/>"), "{answer}");
    for path in ["/", "/.well-known/", "/.well-known/host-meta.json/x", "/v1/accounts"] {
        assert!(house.ask(&get(path)).await.starts_with("HTTP/1.1 404 "), "{path}");
    }
    let post = get("/.well-known/host-meta").replace("GET", "POST");
    assert!(house.ask(&post).await.starts_with("HTTP/1.1 405 "));
}

#[tokio::test]
async fn a_head_that_is_too_long_gets_nothing() {
    let house = House::open().await;
    let request =
        get("/.well-known/host-meta").replace("\r\n\r\n", &format!("\r\nX: {}\r\n\r\n", "x".repeat(20_000)));
    let answer = house.ask(&request).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert!(house.ask(&get("/.well-known/host-meta")).await.starts_with("HTTP/1.1 200 "));
}
