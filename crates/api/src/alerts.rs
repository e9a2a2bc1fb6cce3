//! Alerts, and who has confirmed them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{
    Address, AlertId, AlertState, AlertStatus, Audience, Confirmation, ReceiptStage, Recipient, Severity,
};

use crate::schema;

/// `POST /alerts`: an alert to be sent. Answered with 201 and the [`AlertView`] when it has been taken for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAlert {
    /// One line, 1 to 200 characters.
    pub headline: String,
    /// More words, at most 4,000 characters.
    #[serde(default)]
    pub text: String,
    /// How much it matters.
    #[serde(default)]
    #[schemars(with = "schema::Severity")]
    pub severity: Severity,
    /// Whom it is for: `everyone`, `user:NAME`, `group:NAME`, `computer:NAME@HOST[:PORT]`, separated by commas.
    #[schemars(with = "String")]
    pub audience: Audience,
    /// What people can confirm with: 1 to 9 different choices of 1 to 40 characters. `["OK"]` where left out.
    #[serde(default = "default_choices")]
    pub choices: Vec<String>,
    /// Whether it stays open for a person until they confirm it. It does where left out.
    #[serde(default = "default_must_confirm")]
    pub must_confirm: bool,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The same, in seconds from now; only one of both can be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<u32>,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertView {
    /// Its id.
    #[schemars(with = "schema::Id")]
    pub id: AlertId,
    /// Where it stands now.
    #[schemars(with = "schema::AlertStatus")]
    pub status: AlertStatus,
    /// Who told it.
    #[schemars(with = "String")]
    pub issuer: Address,
    /// One line.
    pub headline: String,
    /// More words; may be empty.
    pub text: String,
    /// How much it matters.
    #[schemars(with = "schema::Severity")]
    pub severity: Severity,
    /// Whom it is for.
    #[schemars(with = "String")]
    pub audience: Audience,
    /// What people can confirm with.
    pub choices: Vec<String>,
    /// Whether it stays open for a person until they confirm it.
    pub must_confirm: bool,
    /// When it took effect.
    pub effective_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// What has been done to it since: `{"kind": "sent"}`, `"cancelled"` with `at` and `by`, `"expired"` with `at`.
    #[schemars(with = "schema::AlertState")]
    pub state: AlertState,
    /// The service's signature: JWS in compact form (RFC 7515), EdDSA.
    pub signature: String,
}

/// `GET /alerts/ID/report`: who has it, who has seen it, who has confirmed it, and who was not reached and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportView {
    /// The alert.
    pub alert: AlertView,
    /// How many stand where; each recipient is counted once.
    pub counts: CountsView,
    /// One row a recipient.
    pub recipients: Vec<RecipientView>,
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
    /// Why it is no further, in words, where that is known.
    pub reason: Option<String>,
}

impl NewAlert {
    /// An alert of one line that everybody of the audience confirms with OK.
    pub fn new(headline: &str, audience: Audience) -> Self {
        Self {
            headline: headline.to_owned(),
            text: String::new(),
            severity: Severity::default(),
            audience,
            choices: default_choices(),
            must_confirm: default_must_confirm(),
            expires_at: None,
            expires_in_seconds: None,
        }
    }
}

fn default_choices() -> Vec<String> {
    vec!["OK".to_owned()]
}

fn default_must_confirm() -> bool {
    true
}
