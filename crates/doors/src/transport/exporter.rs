//! The exporter of TLS 1.3 (RFC 8446 §7.5), for channel binding (RFC 9266): the TLS library's interface without
//! buffers hands out the secret and leaves the derivation to its user.

use std::sync::OnceLock;

use hmac::{Hmac, KeyInit, Mac};
use rustls::KeyLog;
use sha2::{Digest, Sha256, Sha384};
use zeroize::Zeroizing;

/// Keeps the exporter's secret of one connection, and nothing else of its keys.
#[derive(Default)]
pub(super) struct ExporterSecret {
    secret: OnceLock<Zeroizing<Vec<u8>>>,
}

/// How the library calls what is kept.
const LABEL: &str = "EXPORTER_SECRET";

impl KeyLog for ExporterSecret {
    fn log(&self, label: &str, _client_random: &[u8], secret: &[u8]) {
        if label == LABEL {
            // There is one in a connection.
            drop(self.secret.set(Zeroizing::new(secret.to_vec())));
        }
    }

    fn will_log(&self, label: &str) -> bool {
        label == LABEL
    }
}

impl std::fmt::Debug for ExporterSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ExporterSecret")
    }
}

impl ExporterSecret {
    /// 32 bytes of keying material for `label` without a context; none where the connection is not of TLS 1.3.
    pub(super) fn export(&self, label: &[u8]) -> Option<Vec<u8>> {
        let secret = self.secret.get()?;
        // Every cipher suite of TLS 1.3 has one of two hash functions, which the length of its secrets tells.
        match secret.len() {
            32 => {
                let derived = expand::<Hmac<Sha256>>(secret, label, &Sha256::digest([]), 32)?;
                expand::<Hmac<Sha256>>(&derived, b"exporter", &Sha256::digest([]), 32)
            }
            48 => {
                let derived = expand::<Hmac<Sha384>>(secret, label, &Sha384::digest([]), 48)?;
                expand::<Hmac<Sha384>>(&derived, b"exporter", &Sha384::digest([]), 32)
            }
            _ => None,
        }
    }
}

/// HKDF-Expand-Label (RFC 8446 §7.1) for no more than one block of HKDF (RFC 5869 §2.3).
fn expand<M: Mac + KeyInit>(secret: &[u8], label: &[u8], context: &[u8], length: u8) -> Option<Vec<u8>> {
    const PREFIX: &[u8] = b"tls13 ";
    let mut mac = <M as KeyInit>::new_from_slice(secret).ok()?;
    mac.update(&[0, length, u8::try_from(PREFIX.len() + label.len()).ok()?]);
    mac.update(PREFIX);
    mac.update(label);
    mac.update(&[u8::try_from(context.len()).ok()?]);
    mac.update(context);
    mac.update(&[1]);
    mac.finalize().into_bytes().get(..usize::from(length)).map(<[u8]>::to_vec)
}
