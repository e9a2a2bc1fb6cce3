//! What NET SEND does: a message to whoever has a name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::Recipient;

/// `POST /net-messages`: a message to a person here, or to a computer that takes messenger messages. Answered with
/// [`NetMessageTaken`] when the service, or the computer, has taken it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNetMessage {
    /// Whom it is for. Without `host`: an account, by its name or its NetBIOS spelling in any case; a message name of this
    /// computer; or whoever answers to the name on the network. With it: the computer's or user's NetBIOS name, 1 to
    /// 15 characters. As NET SEND has it, `*` or `/DOMAIN` is everybody in the service's own workgroup, `/DOMAIN:NAME`
    /// everybody in another, `/USERS` everybody who is signed in here; these need the right to publish to everyone.
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
    /// Who has it, if it is one: `user:ADDRESS` or `computer:NAME@HOST`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub recipient: Option<Recipient>,
    /// To which workgroup it was sent. Nobody there says whether it has arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workgroup: Option<String>,
    /// How many people here have it, if it is for many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<usize>,
    /// The characters that the computer's code page lacks, and that were replaced by others.
    pub replaced: Vec<char>,
}
