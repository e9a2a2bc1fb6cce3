//! Files that people send each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `POST /files`: asks for a place for a file. Answered with [`FilePlace`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFile {
    /// What it is called: 1 to 255 bytes.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// What it is, such as `image/png`.
    #[serde(default)]
    pub media_type: String,
}

/// Where a file is put, once, and where it is then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilePlace {
    /// Its bytes are put here (`PUT`) within some minutes, with their `Content-Length`.
    pub put: String,
    /// Whoever knows this address can fetch it.
    pub get: String,
}
