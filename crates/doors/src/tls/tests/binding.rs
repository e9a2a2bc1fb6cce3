//! The hash of a certificate, as its signature was made.

use crate::tls::channel_binding::end_point;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::process::Command;

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
