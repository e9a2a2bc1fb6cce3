use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How available a signed-in person is (RFC 6121 §4.7.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Show {
    /// Here, and says nothing more.
    #[default]
    Available,
    /// Actively interested in talking.
    Chat,
    /// Away for a moment.
    Away,
    /// Away for longer.
    ExtendedAway,
    /// Busy: do not disturb.
    Busy,
}

/// What one session says of its person. A session without one is connected but not available.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// How available.
    pub show: Show,
    /// The status text, as given.
    pub text: Option<String>,
    /// −128 to 127; messages to the person go to sessions of zero or more (RFC 6121 §4.7.2.3).
    pub priority: i8,
    /// Since when nobody has touched the device, where it says so (XEP-0319).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_since: Option<Timestamp>,
    /// The children of the stanza it came in by, validated and self-contained, for doors of the same protocol.
    pub native: Option<Arc<[u8]>>,
}

impl Presence {
    /// Whether messages addressed to the person may be given to this session.
    pub fn receives_messages(&self) -> bool {
        self.priority >= 0
    }
}
