//! What openssl thinks of our certificates.

use super::{Service, now};
use crate::tls::certificate;
use rcgen::{Issuer, KeyPair};
use rustls::pki_types::ServerName;
use std::fs;
use std::process::Command;

#[test]
fn openssl_accepts_the_chain_by_every_name() {
    let service = Service::new();
    for name in ["corp.lan", "chat1.corp.lan", "localhost"] {
        assert!(verify(&service, &["-verify_hostname", name]), "{name}");
    }
    for address in ["127.0.0.1", "::1", "10.1.2.3", "fd00::7"] {
        assert!(verify(&service, &["-verify_ip", address]), "{address}");
    }
    assert!(!verify(&service, &["-verify_hostname", "example.com"]));
}

#[test]
fn openssl_refuses_what_the_stolen_key_certifies_for_the_rest_of_the_world() {
    let service = Service::new();
    issue(&service, "other.corp.lan");
    assert!(verify(&service, &["-verify_hostname", "other.corp.lan"]));
    for name in ["example.com", "corp.lan.example.com", "203.0.113.5", "2001:db8::1"] {
        issue(&service, name);
        assert!(!verify(&service, &[]), "{name}");
    }
}

#[test]
fn openssl_computes_the_same_fingerprint() {
    let service = Service::new();
    let path = service.authority.certificate_path();
    let output =
        Command::new("openssl").args(["x509", "-noout", "-fingerprint", "-sha256", "-in"]).arg(path).output();
    let output = String::from_utf8(output.unwrap().stdout).unwrap();
    assert_eq!(output.trim().split_once('=').unwrap().1, service.authority.fingerprint_sha256());
}

/// Puts a certificate for another name in the place of the server's.
fn issue(service: &Service, name: &'static str) {
    let key = KeyPair::from_pem(&fs::read_to_string(service.path().join("ca.key")).unwrap()).unwrap();
    let issuer = Issuer::from_ca_cert_pem(service.authority.certificate_pem(), key).unwrap();
    let subjects = [ServerName::try_from(name).unwrap()];
    let key = KeyPair::generate().unwrap();
    let certificate = certificate::server(&subjects, &key, &issuer, now(), service.authority.ends()).unwrap();
    fs::write(service.path().join("server.pem"), certificate.pem()).unwrap();
}

fn verify(service: &Service, arguments: &[&str]) -> bool {
    let mut command = Command::new("openssl");
    command.args([
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-attime",
        &now().as_second().to_string(),
    ]);
    command
        .args(arguments)
        .arg("-CAfile")
        .arg(service.path().join("ca.pem"))
        .arg(service.path().join("server.pem"));
    command.output().unwrap().status.success()
}
