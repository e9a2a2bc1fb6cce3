//! Message names: `net name`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Audience, MessageName};

/// A name under which messages of Windows computers arrive here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageNameView {
    /// The name, 1 to 15 characters in upper case.
    #[schemars(with = "String")]
    pub name: MessageName,
    /// Who gets what is sent to it: `everyone`, `user:NAME`, `group:NAME`, or several of them separated by commas.
    /// Without it: those who get what is sent to the computer's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub to: Option<Audience>,
    /// Whether it is the computer's own name, which is configured and cannot be deleted.
    pub computer: bool,
}

/// `PUT /message-names/NAME`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessageName {
    /// Who gets what is sent to it. Without it: those who get what is sent to the computer's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub to: Option<Audience>,
}
