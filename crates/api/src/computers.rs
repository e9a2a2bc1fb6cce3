//! What NET SEND does: a message to whoever has a name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::Recipient;

/// `POST /net-messages`: a message to a person here, or to a computer that takes messenger messages. Answered with
/// [`NetMessageTaken`] when the service, or the computer, has taken it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNetMessage {
    /// The name to call. Without `host`: an account, by its name or its NetBIOS spelling in any case. With it: the
    /// computer's or user's NetBIOS name, 1 to 15 characters.
    pub name: String,
    /// The computer: `HOST` or `HOST:PORT`, an IP address or a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// What it says: 1 to 65,536 bytes.
    pub text: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NetMessageTaken {
    /// Who has it: `user:ADDRESS` or `computer:NAME@HOST`.
    #[schemars(with = "String")]
    pub recipient: Recipient,
    /// The characters that the computer's code page lacks, and that were replaced by others.
    pub replaced: Vec<char>,
}
