//! Who has an alert, who has seen it, and who has confirmed it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Confirmation, ReceiptStage, Recipient, Unreached};

use crate::{alerts::AlertView, schema};

/// `GET /alerts/ID/report`: who has it, who has seen it, who has confirmed it, and who was not reached and why. With
/// `Accept: text/csv`, all rows as a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportView {
    /// The alert.
    pub alert: AlertView,
    /// How many stand where; each recipient is counted once.
    pub counts: CountsView,
    /// One row a recipient, in the order of their texts.
    pub recipients: Vec<RecipientView>,
    /// What to give as `after` for the rows that follow; none where there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub next: Option<Recipient>,
}

/// How many recipients have come how far: each is counted at the furthest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CountsView {
    /// All of them.
    pub recipients: usize,
    /// No client of theirs has it.
    pub pending: usize,
    /// A client has it, and they have not looked.
    pub delivered: usize,
    /// They have looked, and not answered.
    pub seen: usize,
    /// They have answered.
    pub confirmed: usize,
    /// Those of the confirmed whose answer came after its time: the alert's `answer_by`, or the level of escalation that
    /// follows the one by which they were told.
    #[serde(default)]
    pub late: usize,
}

/// One recipient of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecipientView {
    /// Who: `user:ADDRESS` or `computer:NAME@HOST`.
    #[schemars(with = "String")]
    pub recipient: Recipient,
    /// How far it has come.
    #[schemars(with = "schema::ReceiptStage")]
    pub stage: ReceiptStage,
    /// When a client of theirs had it.
    pub delivered_at: Option<Timestamp>,
    /// When they looked at it.
    pub seen_at: Option<Timestamp>,
    /// Their answer: the choice, when, by which protocol, from which device and network address.
    #[schemars(with = "Option<schema::Confirmation>")]
    pub confirmation: Option<Confirmation>,
    /// Whether the answer came after its time, as it is counted.
    #[serde(default)]
    pub late: bool,
    /// Why it is no further, in words, where that is known.
    pub reason: Option<String>,
    /// The same by a word that stays the same, for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::Unreached>")]
    pub unreached: Option<Unreached>,
}
