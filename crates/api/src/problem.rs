use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a request that was not done is answered with: a problem details object (RFC 9457 §3), sent as
/// `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// `urn:messngr:problem:` and a word that programs can tell problems apart by.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem, in words.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// What is wrong this time: a sentence for the person who asked.
    pub detail: String,
    /// The scope that the token lacks, where that is the problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_scope: Option<String>,
    /// After how many seconds to try again, where that helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
}
