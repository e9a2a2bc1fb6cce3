use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Alert;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use sha2::{Digest, Sha256};

/// The key by which the service vouches for its alerts: Ed25519, kept in the data directory.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// The key that these 32 secret bytes are.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self { key: ed25519_dalek::SigningKey::from_bytes(bytes) }
    }

    /// The public key: 32 bytes.
    pub fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// 32 secret bytes for another purpose, always the same for this key.
    pub fn derived_secret(&self, purpose: &str) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(b"messngr derived secret\0");
        hasher.update(purpose.as_bytes());
        hasher.update(self.key.to_bytes());
        hasher.finalize().into()
    }

    /// JWS in compact form (RFC 7515, RFC 8037) over what people read and decide by.
    pub(super) fn sign(&self, alert: &Alert) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA"}"#);
        let payload = URL_SAFE_NO_PAD.encode(alert.signed_content());
        let signed = format!("{header}.{payload}");
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes()).to_bytes());
        format!("{signed}.{signature}")
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey")
    }
}

/// Whether the alert says what was signed, by the holder of this public key.
pub fn verify_signature(alert: &Alert, public: &[u8; 32]) -> bool {
    let check = || {
        let key = VerifyingKey::from_bytes(public).ok()?;
        let (signed, signature) = alert.signature.rsplit_once('.')?;
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        key.verify_strict(signed.as_bytes(), &signature).ok()?;
        let (header, payload) = signed.split_once('.')?;
        let header = URL_SAFE_NO_PAD.decode(header).ok()?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        Some(header == br#"{"alg":"EdDSA"}"# && payload == alert.signed_content().into_bytes())
    };
    check().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use domain::{Address, AlertDraft, AlertId, AlertState, Severity};
    use jiff::Timestamp;

    use super::*;

    fn alert(text: &str) -> Alert {
        let draft = AlertDraft {
            issuer: Address::parse("admin@x.internal").unwrap(),
            headline: "Drill".to_owned(),
            text: text.to_owned(),
            severity: Severity::Minor,
            audience: "everyone".parse().unwrap(),
            choices: vec!["OK".to_owned()],
            must_confirm: true,
            expires_at: None,
        };
        let at = Timestamp::UNIX_EPOCH;
        Alert {
            id: AlertId::new(at, [1; 10]),
            draft,
            effective_at: at,
            state: AlertState::Sent,
            signature: String::new(),
        }
    }

    #[test]
    fn a_signed_alert_verifies_and_a_changed_one_does_not() {
        let key = SigningKey::from_bytes(&[9; 32]);
        let mut signed = alert("Meet at the gate");
        signed.signature = key.sign(&signed);
        assert!(verify_signature(&signed, &key.public()));
        let changed = Alert { signature: signed.signature.clone(), ..alert("Go home") };
        assert!(!verify_signature(&changed, &key.public()));
        assert!(!verify_signature(&signed, &SigningKey::from_bytes(&[8; 32]).public()));
        assert!(!verify_signature(&alert("x"), &key.public()));
    }
}
