//! Messages in an account's name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::Audience;

/// `POST /messages`: the same words to each person of an audience. Answered with [`MessagesTaken`] when all of them
/// are the service's: nothing of it is lost after that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// Whom it is for: `everyone`, `user:NAME` or `NAME`, `group:NAME`, separated by commas.
    #[schemars(with = "String")]
    pub to: Audience,
    /// What it says: 1 to 65,536 bytes.
    pub text: String,
    /// The sender's own id: 1 to 200 bytes. A message with an id that the same sender has used before is taken as a
    /// repetition, and nobody gets it twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessagesTaken {
    /// How many people it is for.
    pub recipients: usize,
}
