//! The notice board: announcements, also those that are over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::alerts::AlertView;

/// An announcement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeView {
    /// What it says.
    #[serde(flatten)]
    pub alert: AlertView,
    /// Whether the reader has seen it, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<bool>,
}
