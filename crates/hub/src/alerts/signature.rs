use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Alert, SignedForm};
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use sha2::{Digest, Sha256};

/// The key by which the service vouches for its alerts: Ed25519, kept in the data directory.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    kid: String,
}

impl SigningKey {
    /// The key that these 32 secret bytes are.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(bytes);
        let kid = thumbprint(&key.verifying_key().to_bytes());
        Self { key, kid }
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

    /// The key's name in signatures: its thumbprint (RFC 7638).
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// JWS in compact form (RFC 7515, RFC 8037) over what people read and decide by.
    pub(super) fn sign(&self, alert: &Alert) -> String {
        self.sign_content(&alert.signed_content(SignedForm::Second))
    }

    /// JWS in compact form over a text.
    pub(super) fn sign_content(&self, content: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(header(&self.kid));
        let payload = URL_SAFE_NO_PAD.encode(content);
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

/// The header of what was signed before keys had names.
const FIRST_HEADER: &str = r#"{"alg":"EdDSA"}"#;

fn header(kid: &str) -> String {
    format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#)
}

/// The thumbprint of a public key (RFC 7638, with the members that RFC 8037 requires).
pub(super) fn thumbprint(public: &[u8; 32]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public);
    let digest = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
    URL_SAFE_NO_PAD.encode(digest)
}

/// Whether the alert says what was signed, by the holder of this public key.
pub fn verify_signature(alert: &Alert, public: &[u8; 32]) -> bool {
    [SignedForm::Second, SignedForm::First]
        .iter()
        .any(|form| verify(&alert.signature, &alert.signed_content(*form), public, *form).is_some())
}

/// Whether this text was signed by the holder of this public key.
pub(super) fn verify_jws(jws: &str, content: &str, public: &[u8; 32]) -> bool {
    verify(jws, content, public, SignedForm::Second).is_some()
}

fn verify(jws: &str, content: &str, public: &[u8; 32], form: SignedForm) -> Option<()> {
    let key = VerifyingKey::from_bytes(public).ok()?;
    let (signed, signature) = jws.rsplit_once('.')?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    key.verify_strict(signed.as_bytes(), &signature).ok()?;
    let (given, payload) = signed.split_once('.')?;
    let given = URL_SAFE_NO_PAD.decode(given).ok()?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let expected = match form {
        SignedForm::First => FIRST_HEADER.to_owned(),
        SignedForm::Second => header(&thumbprint(public)),
    };
    (given == expected.as_bytes() && payload == content.as_bytes()).then_some(())
}

#[cfg(test)]
mod tests {
    use domain::{Address, AlertDraft, AlertId, AlertProgress, AlertState, Severity};
    use jiff::Timestamp;

    use super::*;

    fn alert(text: &str) -> Alert {
        let issuer = Address::parse("admin@x.internal").unwrap();
        let draft = AlertDraft::new(issuer, "everyone".parse().unwrap(), "Drill");
        let at = Timestamp::UNIX_EPOCH;
        Alert {
            id: AlertId::new(at, [1; 10]),
            draft: AlertDraft { text: text.to_owned(), severity: Severity::Minor, ..draft },
            effective_at: at,
            state: AlertState::Sent,
            progress: AlertProgress::default(),
            signature: String::new(),
        }
    }

    #[test]
    fn what_was_signed_before_keys_had_names_still_verifies() {
        let key = SigningKey::from_bytes(&[9; 32]);
        let mut old = alert("Meet at the gate");
        let header = URL_SAFE_NO_PAD.encode(FIRST_HEADER);
        let payload = URL_SAFE_NO_PAD.encode(old.signed_content(SignedForm::First));
        let signature = key.key.sign(format!("{header}.{payload}").as_bytes()).to_bytes();
        old.signature = format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode(signature));
        assert!(verify_signature(&old, &key.public()));
        old.draft.headline.push('!');
        assert!(!verify_signature(&old, &key.public()));
    }

    #[test]
    fn a_key_is_named_as_the_standard_names_it() {
        // RFC 8037 appendix A.3.
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let public: [u8; 32] = URL_SAFE_NO_PAD.decode(x).unwrap().try_into().unwrap();
        assert_eq!(thumbprint(&public), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
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
