use std::{io, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};

use super::SigningKey;
use crate::{Hub, HubError};

/// Where the secret keys are kept.
pub trait KeyFile: Send + Sync + 'static {
    /// Keeps one more key, for good when this returns. It blocks.
    ///
    /// # Errors
    /// It could not be written; nothing has changed.
    fn add(&self, secret: &[u8; 32], made_at: Timestamp) -> io::Result<()>;
}

/// A key by which what the service signs can be checked, as a JSON Web Key (RFC 7517, RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// The key's name in signatures: its thumbprint (RFC 7638).
    pub kid: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// `EdDSA`.
    pub alg: String,
    /// The 32 bytes, in base64url.
    pub x: String,
}

impl PublicKey {
    /// The key that these 32 bytes are.
    pub fn new(public: &[u8; 32]) -> Self {
        Self {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            kid: super::signature::thumbprint(public),
            usage: "sig".to_owned(),
            alg: "EdDSA".to_owned(),
            x: URL_SAFE_NO_PAD.encode(public),
        }
    }

    /// The 32 bytes, where it is a key of this kind.
    pub fn bytes(&self) -> Option<[u8; 32]> {
        let right = self.kty == "OKP" && self.crv == "Ed25519";
        URL_SAFE_NO_PAD.decode(&self.x).ok().filter(|_| right)?.try_into().ok()
    }
}

/// The keys that the service has signed with; the newest signs.
pub(crate) struct Keys {
    /// Oldest first; never empty.
    keys: RwLock<Vec<Arc<SigningKey>>>,
    file: std::sync::OnceLock<Arc<dyn KeyFile>>,
}

impl Keys {
    pub(crate) fn new(first: Arc<SigningKey>) -> Self {
        Self { keys: RwLock::new(vec![first]), file: std::sync::OnceLock::new() }
    }

    pub(super) fn newest(&self) -> Arc<SigningKey> {
        let keys = self.keys.read();
        keys[keys.len() - 1].clone()
    }
}

impl Hub {
    /// Signs with this key from now on; those from before still verify.
    pub fn add_alert_key(&self, key: SigningKey) {
        self.keys.keys.write().push(Arc::new(key));
    }

    /// Says where new keys are kept. Only the first call counts.
    pub fn set_key_file(&self, file: Arc<dyn KeyFile>) {
        drop(self.keys.file.set(file));
    }

    /// All keys by which what the service has signed can be checked, oldest first.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.keys.keys.read().iter().map(|key| PublicKey::new(&key.public())).collect()
    }

    /// Makes a new key, keeps it, and signs with it from now on. Returns its name.
    pub async fn rotate_alert_key(&self, actor: &str) -> Result<String, HubError> {
        let file = self
            .keys
            .file
            .get()
            .cloned()
            .ok_or_else(|| HubError::KeyFile { why: "this service has no place for keys".to_owned() })?;
        let (secret, made_at) = (self.environment.random::<32>(), self.environment.now());
        let kept = tokio::task::spawn_blocking(move || file.add(&secret, made_at)).await;
        let failed = |why: String| HubError::KeyFile { why };
        kept.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))?;
        // The end of the log so far is vouched for by the old key.
        self.sign_audit_head().await?;
        let key = SigningKey::from_bytes(&secret);
        let kid = key.kid().to_owned();
        self.add_alert_key(key);
        self.note(actor, "keys.rotate", &kid, "").await?;
        Ok(kid)
    }
}
