//! Connections as clients of another library see them: tokio's rustls.

use std::sync::Arc;

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    server::ServerConfig,
    version::{TLS12, TLS13},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Transport, accept};

struct Peers {
    server: Transport,
    exported: Option<Vec<u8>>,
    client: TlsStream<TcpStream>,
}

async fn connect(version: &'static SupportedProtocolVersion, provider: CryptoProvider) -> Peers {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate: CertificateDer<'static> = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test connects to its own port")]
    let dialled = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let connector = TlsConnector::from(Arc::new(client));
    let (accepted, _) = listener.accept().await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let (server, client) = tokio::join!(accept(accepted, &server), connector.connect(name, dialled));
    let (server, exported) = server.unwrap();
    Peers { server, exported, client: client.unwrap() }
}

fn exporter(client: &ClientConnection) -> Vec<u8> {
    client.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).unwrap().to_vec()
}

#[tokio::test]
async fn both_ends_of_a_tls_1_3_connection_have_the_same_exporter_whatever_the_hash_function() {
    let mut seen = Vec::new();
    for suite in
        [aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256, aws_lc_rs::cipher_suite::TLS13_AES_256_GCM_SHA384]
    {
        let provider = CryptoProvider { cipher_suites: vec![suite], ..aws_lc_rs::default_provider() };
        let peers = connect(&TLS13, provider).await;
        assert_eq!(peers.exported, Some(exporter(peers.client.get_ref().1)));
        seen.push(peers.exported);
    }
    assert_ne!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_tls_1_2_connection_has_no_exporter() {
    assert_eq!(connect(&TLS12, aws_lc_rs::default_provider()).await.exported, None);
}

#[tokio::test]
async fn much_goes_both_ways_and_arrives_as_it_was() {
    for version in [&TLS13, &TLS12] {
        let Peers { mut server, mut client, .. } = connect(version, aws_lc_rs::default_provider()).await;
        let sent: Vec<u8> = (0..1_000_000_u32).map(|number| (number % 251) as u8).collect();
        let (expected, more) = (sent.clone(), sent.clone());
        let other = tokio::spawn(async move {
            client.write_all(&more).await.unwrap();
            client.flush().await.unwrap();
            let mut back = vec![0; more.len()];
            client.read_exact(&mut back).await.unwrap();
            (client, back)
        });
        let mut came = vec![0; expected.len()];
        server.read_exact(&mut came).await.unwrap();
        assert!(came == expected);
        let (mut reading, writing) = server.split();
        writing.write_all(&sent).await.unwrap();
        let (client, back) = other.await.unwrap();
        assert!(back == sent);
        drop(client);
        let end = std::future::poll_fn(|context| reading.poll_read(context, |bytes| bytes.len())).await;
        assert!(matches!(end, Ok(0) | Err(_)));
    }
}

#[tokio::test]
async fn what_the_socket_does_not_take_is_written_later_and_nothing_is_lost() {
    let Peers { server, mut client, .. } = connect(&TLS13, aws_lc_rs::default_provider()).await;
    let (_reading, writing) = server.split();
    let (mut rest, mut count) = (Vec::new(), 0);
    while rest.is_empty() {
        writing.write(&[7; 100_000], &mut rest).unwrap();
        count += 100_000;
    }
    let reader = tokio::spawn(async move {
        let mut all = Vec::new();
        client.read_to_end(&mut all).await.unwrap();
        all
    });
    writing.write_all_rest(&mut rest).await.unwrap();
    writing.end();
    let all = reader.await.unwrap();
    assert_eq!(all.len(), count);
    assert!(all.iter().all(|byte| *byte == 7));
}

#[tokio::test]
async fn a_change_of_keys_is_answered() {
    let Peers { server, mut client, .. } = connect(&TLS13, aws_lc_rs::default_provider()).await;
    let (mut reading, writing) = server.split();
    client.get_mut().1.refresh_traffic_keys().unwrap();
    client.write_all(b"under new keys").await.unwrap();
    client.flush().await.unwrap();
    let came = std::future::poll_fn(|context| reading.poll_read(context, <[u8]>::to_vec)).await.unwrap();
    assert_eq!(came, b"under new keys");
    writing.write_all(b"ours too").await.unwrap();
    let mut back = [0; 8];
    client.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"ours too");
}

#[tokio::test]
async fn whatever_is_no_tls_is_answered_with_an_alert_and_nothing_panics() {
    let garbage: [&[u8]; 5] = [
        b"<?xml version='1.0'?><stream:stream xmlns='jabber:client'>",
        b"\x16\x03\x01\x00\x04\x01\xff\xff\xff",
        &[b"\x16\x03\x01\x02\x00".as_slice(), &[b'A'; 512]].concat(),
        b"\x17\x03\x03\x00\x02ab",
        b"\x15\x03\x03\x00\x02\x02\x28",
    ];
    for bytes in garbage {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test connects to its own port")]
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        client.write_all(bytes).await.unwrap();
        client.shutdown().await.unwrap();
        let (accepted, _) = listener.accept().await.unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        assert!(accept(accepted, &server).await.is_err());
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        let is_alert = answer.first().is_none_or(|kind| *kind == 0x15);
        assert!(is_alert, "{bytes:?}: {answer:?}");
    }
}
