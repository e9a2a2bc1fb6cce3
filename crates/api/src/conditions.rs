//! Conditions: what is not normal on this host, and the Alerter tells.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Severity, alerter::ConditionKind};

use crate::schema;

/// `POST /conditions`: something is not normal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCondition {
    /// What it is: `other` where left out. What the service itself counts cannot be raised.
    #[serde(default = "other")]
    #[schemars(with = "schema::ConditionKind")]
    pub kind: ConditionKind,
    /// What it is about, by which it is cleared: at most 100 characters.
    #[serde(default)]
    pub subject: String,
    /// How much it matters; as the kind does where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::Severity>")]
    pub severity: Option<Severity>,
    /// What people are told: 1 to 500 characters.
    pub text: String,
}

/// `POST /conditions/clear`: it is normal again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearedCondition {
    /// Only conditions of this kind; of every kind where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::ConditionKind>")]
    pub kind: Option<ConditionKind>,
    /// What they are about.
    #[serde(default)]
    pub subject: String,
}

/// How many conditions were cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClearedView {
    /// How many.
    pub cleared: usize,
}

/// Something that is not normal now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConditionView {
    /// What it is.
    #[schemars(with = "schema::ConditionKind")]
    pub kind: ConditionKind,
    /// What it is about; empty where it is the host, or the service, as a whole.
    pub subject: String,
    /// How much it matters.
    #[schemars(with = "schema::Severity")]
    pub severity: Severity,
    /// What is said of it, in English.
    pub text: String,
    /// Since when.
    pub since: Timestamp,
    /// When it was last heard of.
    pub last: Timestamp,
    /// How often it has happened, or was raised.
    pub count: u64,
    /// When people were last told of it; none where they were not yet.
    pub told_at: Option<Timestamp>,
}

fn other() -> ConditionKind {
    ConditionKind::Other
}
