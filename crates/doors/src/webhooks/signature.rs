use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header that says what happened.
pub const EVENT: &str = "messngr-event";
/// The header that says which event it is: the same however often it is told.
pub const DELIVERY: &str = "messngr-delivery";
/// The header that says when it was told, this time: a Unix time. Who receives it refuses what is old.
pub const TIMESTAMP: &str = "messngr-timestamp";
/// The header with the signature.
pub const SIGNATURE: &str = "messngr-signature";

/// The signature: `v1=` and the HMAC-SHA-256, in hexadecimal digits, of the time, the id and the body with a point
/// between them.
pub fn signature(secret: &[u8], timestamp: i64, id: &str, body: &[u8]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(id.as_bytes());
    mac.update(b".");
    mac.update(body);
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v1={digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `printf '%s' '1800000000.x-7.{}' | openssl dgst -sha256 -hmac 0123456789abcdef`.
    const KNOWN: &str = "v1=a501469c1db0823dc21e0acb0a562a757d0e4e71eb7a4bcd5ab188687ca1b2b3";

    #[test]
    fn the_signature_is_what_openssl_makes_and_covers_time_id_and_body() {
        let secret = b"0123456789abcdef";
        assert_eq!(signature(secret, 1_800_000_000, "x-7", b"{}"), KNOWN);
        let others = [
            signature(b"0123456789abcdeF", 1_800_000_000, "x-7", b"{}"),
            signature(secret, 1_800_000_001, "x-7", b"{}"),
            signature(secret, 1_800_000_000, "x-8", b"{}"),
            signature(secret, 1_800_000_000, "x-7", b"{ }"),
        ];
        assert!(others.iter().all(|other| other != KNOWN));
    }
}
