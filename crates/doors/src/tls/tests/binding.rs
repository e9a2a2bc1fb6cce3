//! Channel bindings: both ends of a connection know them, and nobody else does.

use super::Service;
use super::handshake::{TLS12, TLS13, client, connect, tls};
use crate::tls::Application;
use crate::tls::channel_binding::{channel_bindings, end_point};
use rustls::ClientConnection;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::process::Command;

#[test]
fn both_ends_of_a_tls_1_3_connection_have_the_same_exporter_and_no_other_connection_has() {
    let service = Service::new();
    let tls = tls(&service);
    let exporters = [(); 2].map(|()| {
        let loaded = tls.current();
        let server = loaded.configuration(Application::Unnamed);
        let (client, server) = connect(client(&service, TLS13), "localhost", server).unwrap();
        let bindings = channel_bindings(&server, &loaded);
        assert!(bindings.plus_offered);
        assert_eq!(bindings.tls_exporter.as_deref(), Some(exporter(&client).as_slice()));
        bindings.tls_exporter
    });
    assert_ne!(exporters[0], exporters[1]);
}

#[test]
fn a_tls_1_2_connection_has_no_exporter_but_the_certificate_of_the_server() {
    let service = Service::new();
    let loaded = tls(&service).current();
    let server = loaded.configuration(Application::Unnamed);
    let (client, server) = connect(client(&service, TLS12), "localhost", server).unwrap();
    let bindings = channel_bindings(&server, &loaded);
    assert_eq!(bindings.tls_exporter, None);
    let seen = Sha256::digest(&client.peer_certificates().unwrap()[0]).to_vec();
    assert_eq!(bindings.tls_server_end_point, Some(seen));
    assert!(bindings.plus_offered);
}

#[test]
fn the_certificate_is_hashed_as_its_signature_was() {
    let pss = ["-sigopt", "rsa_padding_mode:pss"];
    let cases: [(&str, &str, &[&str], Option<u16>); 8] = [
        ("rsa:2048", "-sha1", &[], Some(256)),
        ("rsa:2048", "-sha256", &[], Some(256)),
        ("rsa:2048", "-sha384", &[], Some(384)),
        ("rsa:2048", "-sha512", &[], Some(512)),
        ("rsa:2048", "-sha384", &pss, Some(384)),
        ("rsa:2048", "-sha1", &pss, Some(256)),
        ("ec", "-sha512", &["-pkeyopt", "ec_paramgen_curve:P-256"], Some(512)),
        ("ed25519", "-sha256", &[], None),
    ];
    for (key, digest, more, bits) in cases {
        let certificate = self_signed(key, digest, more);
        let expected = bits.map(|bits| match bits {
            256 => Sha256::digest(&certificate).to_vec(),
            384 => Sha384::digest(&certificate).to_vec(),
            _ => Sha512::digest(&certificate).to_vec(),
        });
        assert_eq!(end_point(&certificate), expected, "{key} {digest} {more:?}");
    }
}

#[test]
fn what_is_no_certificate_has_no_hash() {
    assert_eq!(end_point(b"no certificate"), None);
}

fn self_signed(key: &str, digest: &str, more: &[&str]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args([
        "req",
        "-x509",
        "-nodes",
        "-subj",
        "/CN=test",
        "-keyout",
        "/dev/null",
        "-newkey",
        key,
        digest,
    ]);
    let output = command.args(more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    CertificateDer::from_pem_slice(&output.stdout).unwrap().to_vec()
}

fn exporter(client: &ClientConnection) -> [u8; 32] {
    client.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).unwrap()
}
