//! What of a TLS connection a sign-in can be bound to.

use super::configuration::Loaded;
use auth::ChannelBindings;
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::signature_algorithm::SignatureAlgorithm;

/// The signature algorithm whose hash function is a parameter (RFC 4055 §3.1).
const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";

/// The bindings of a connection whose handshake is done, and that was opened with `loaded`. The client is taken to
/// be offered -PLUS mechanisms if there are any.
///
/// - `tls-exporter` (RFC 9266 §2): `exported`, which there is on TLS 1.3 only; before, it would need the extended
///   master secret.
/// - `tls-server-end-point` (RFC 5929 §4.1): of the server's certificate, if its signature has one hash function.
pub fn channel_bindings(exported: Option<Vec<u8>>, loaded: &Loaded) -> ChannelBindings {
    ChannelBindings::new(exported, loaded.end_point.clone())
}

/// The hash of a certificate by the hash function of its own signature; by SHA-256 where that is MD5 or SHA-1.
pub(super) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let algorithm = &parsed.signature_algorithm;
    match algorithm.algorithm.to_id_string() {
        name if name == RSASSA_PSS => match SignatureAlgorithm::try_from(algorithm).ok()? {
            SignatureAlgorithm::RSASSA_PSS(parameters) => {
                hash(&parameters.hash_algorithm_oid().to_id_string(), certificate)
            }
            _ => None,
        },
        name => hash(&name, certificate),
    }
}

/// The digest by the function that an object identifier stands for: of RSA signatures (RFC 8017 §A.2.4), of ECDSA
/// signatures (RFC 5758 §3.2), of hash functions (RFC 8017 §B.1). Ed25519 has no hash function of its own.
fn hash(algorithm: &str, data: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        // MD5 and SHA-1 count as SHA-256.
        "1.2.840.113549.1.1.4" | "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" | "1.3.14.3.2.26" => {
            Some(Sha256::digest(data).to_vec())
        }
        "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" | "2.16.840.1.101.3.4.2.1" => {
            Some(Sha256::digest(data).to_vec())
        }
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" | "2.16.840.1.101.3.4.2.2" => {
            Some(Sha384::digest(data).to_vec())
        }
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" | "2.16.840.1.101.3.4.2.3" => {
            Some(Sha512::digest(data).to_vec())
        }
        _ => None,
    }
}
