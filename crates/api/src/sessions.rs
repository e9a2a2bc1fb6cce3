//! Sessions: who is there now.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Address, Protocol, Show};

use crate::schema;

/// One live connection of a person's client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionView {
    /// Whose.
    #[schemars(with = "String")]
    pub address: Address,
    /// The client's name for itself.
    pub resource: String,
    /// By which protocol; none where the service was started anew since, and its client has not come back.
    #[schemars(with = "Option<schema::Protocol>")]
    pub protocol: Option<Protocol>,
    /// From which network address; empty where that is not known.
    pub source: String,
    /// Whether its client is connected. Otherwise it has lost its connection, and can resume the session.
    pub connected: bool,
    /// Since when.
    pub since: Timestamp,
    /// How available; none where the client is connected and has said nothing.
    #[schemars(with = "Option<schema::Show>")]
    pub show: Option<Show>,
    /// The person's status text, as they wrote it.
    pub text: Option<String>,
    /// Whether it is given messages as they come: it is available, and has everything that waited.
    pub receives: bool,
}
