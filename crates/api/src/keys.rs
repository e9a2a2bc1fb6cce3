//! The keys by which what the service has signed can be checked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where everybody finds the keys, outside the interface.
pub const WELL_KNOWN_PATH: &str = "/.well-known/messngr/keys";

/// A JSON Web Key Set (RFC 7517 §5): every key that alerts and the audit log were signed with, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeysView {
    /// The keys.
    pub keys: Vec<KeyView>,
}

/// A key, as a JSON Web Key (RFC 7517, RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyView {
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
