//! Handshakes in memory, with a client that trusts the authority and nothing else.

use super::{Service, now};
use crate::tls::{Application, Tls, TlsError};
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{
    ClientConfig, ClientConnection, Error, RootCertStore, ServerConfig, ServerConnection,
    SupportedProtocolVersion,
};
use std::sync::Arc;
use std::time::Duration;

pub(super) const TLS13: &SupportedProtocolVersion = &rustls::version::TLS13;
pub(super) const TLS12: &SupportedProtocolVersion = &rustls::version::TLS12;

#[test]
fn a_client_that_trusts_the_authority_connects_by_every_name() {
    let service = Service::new();
    let tls = tls(&service);
    for name in ["localhost", "corp.lan", "chat1.corp.lan", "127.0.0.1", "::1", "10.1.2.3", "fd00::7"] {
        for version in [TLS13, TLS12] {
            let server = tls.current().configuration(Application::Unnamed);
            let (_, server) = connect(client(&service, version), name, server).unwrap();
            assert_eq!(server.protocol_version(), Some(version.version), "{name}");
        }
    }
}

#[test]
fn a_client_that_looks_for_another_server_does_not_connect() {
    let service = Service::new();
    let server = tls(&service).current().configuration(Application::Unnamed);
    let error = connect(client(&service, TLS13), "example.com", server).unwrap_err();
    assert!(matches!(error, Error::InvalidCertificate(_)), "{error}");
}

#[test]
fn a_client_that_trusts_another_authority_does_not_connect() {
    let service = Service::new();
    let server = tls(&service).current().configuration(Application::Unnamed);
    let error = connect(client(&Service::new(), TLS13), "localhost", server).unwrap_err();
    assert!(matches!(error, Error::InvalidCertificate(_)), "{error}");
}

#[test]
fn a_listener_refuses_a_client_that_names_another_protocol_and_takes_one_that_names_none() {
    let service = Service::new();
    let tls = tls(&service);
    let connect = |protocols: &[&str], application| {
        let mut client = client(&service, TLS13);
        client.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let connected = connect(client, "localhost", tls.current().configuration(application));
        connected.map(|(_, server)| server.alpn_protocol().map(<[u8]>::to_vec))
    };
    assert_eq!(connect(&["xmpp-client"], Application::XmppClient), Ok(Some(b"xmpp-client".to_vec())));
    assert_eq!(connect(&["h2", "http/1.1"], Application::Http), Ok(Some(b"http/1.1".to_vec())));
    assert_eq!(connect(&[], Application::XmppClient), Ok(None));
    assert_eq!(connect(&["xmpp-client"], Application::Unnamed), Ok(None));
    let refused = Err(Error::NoApplicationProtocol);
    assert_eq!(connect(&["http/1.1"], Application::XmppClient), refused);
}

#[test]
fn a_client_that_comes_back_resumes_its_session() {
    let service = Service::new();
    let tls = tls(&service);
    let mut client = client(&service, TLS13);
    client.resumption = Resumption::in_memory_sessions(4);
    let server = || tls.current().configuration(Application::Unnamed);
    let (first, _) = connect(client.clone(), "localhost", server()).unwrap();
    assert_eq!(first.handshake_kind(), Some(rustls::HandshakeKind::Full));
    let (second, _) = connect(client, "localhost", server()).unwrap();
    assert_eq!(second.handshake_kind(), Some(rustls::HandshakeKind::Resumed));
}

#[test]
fn a_replaced_certificate_is_what_the_next_client_sees() {
    let (service, other) = (Service::new(), Service::new());
    let tls = tls(&service);
    tls.replace(&other.certificate.chain_pem, &other.certificate.key_pem).unwrap();
    let server = tls.current().configuration(Application::Unnamed);
    assert!(connect(client(&other, TLS13), "localhost", server.clone()).is_ok());
    assert!(connect(client(&service, TLS13), "localhost", server).is_err());
}

#[test]
fn a_certificate_that_cannot_be_used_does_not_replace_the_present_one() {
    let (service, other) = (Service::new(), Service::new());
    let tls = tls(&service);
    let (chain, key) = (&other.certificate.chain_pem, &other.certificate.key_pem);
    assert_eq!(tls.replace("", key), Err(TlsError::Chain));
    assert_eq!(tls.replace(chain, ""), Err(TlsError::Key));
    assert!(matches!(tls.replace(chain, &service.certificate.key_pem), Err(TlsError::Rustls(_))));
    let server = tls.current().configuration(Application::Unnamed);
    assert!(connect(client(&service, TLS13), "localhost", server).is_ok());
}

pub(super) fn tls(service: &Service) -> Tls {
    Tls::new(&service.certificate.chain_pem, &service.certificate.key_pem).unwrap()
}

pub(super) fn client(service: &Service, version: &'static SupportedProtocolVersion) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let authority = service.authority.certificate_pem();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    ClientConfig::builder_with_details(Arc::new(aws_lc_rs::default_provider()), Arc::new(Noon))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Carries bytes between the two until neither has any to send.
pub(super) fn connect(
    client: ClientConfig,
    name: &str,
    server: Arc<ServerConfig>,
) -> Result<(ClientConnection, ServerConnection), Error> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(client), name)?;
    let mut server = ServerConnection::new(server)?;
    while client.wants_write() || server.wants_write() {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        let mut unread = bytes.as_slice();
        while !unread.is_empty() {
            server.read_tls(&mut unread).unwrap();
            server.process_new_packets()?;
        }
        bytes.clear();
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        let mut unread = bytes.as_slice();
        while !unread.is_empty() {
            client.read_tls(&mut unread).unwrap();
            client.process_new_packets()?;
        }
    }
    assert!(!client.is_handshaking() && !server.is_handshaking());
    Ok((client, server))
}

/// The clock of the client stands where the tests' does.
#[derive(Debug)]
struct Noon;

impl TimeProvider for Noon {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
