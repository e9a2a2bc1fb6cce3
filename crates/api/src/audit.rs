//! The audit log: what was done and must be provable later.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A record of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditView {
    /// Its number: 1 for the first, without gaps.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// What was done: a word such as `alert.send`.
    pub action: String,
    /// Who did it. None, as the next two, where a person was erased.
    pub actor: Option<String>,
    /// To whom or what.
    pub subject: Option<String>,
    /// The rest, in words.
    pub detail: Option<String>,
    /// The record's hash in the chain: 64 hexadecimal digits.
    pub hash: String,
}

/// `GET /audit/verification`: whether the log is as it was written and signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// Whether every record follows from the one before it.
    pub intact: bool,
    /// How many records were checked; none where the chain is broken.
    pub records: Option<u64>,
    /// Where and how the chain is broken.
    pub broken: Option<String>,
    /// Up to which record the service has signed; none where it has signed nothing yet.
    #[serde(default)]
    pub signed_up_to: Option<u64>,
}
