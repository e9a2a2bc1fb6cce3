//! Absences: that a person is away, and what those who write are told.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Absence, Standing};

use crate::schema;

/// `PUT /accounts/NAME/away`: the person is away from now on. Everybody who writes is told once; set anew, everybody
/// may be told once more. Answered with the [`AwayView`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAbsence {
    /// What those who write are told, at most 1,000 characters. Empty: that the person is away.
    #[serde(default)]
    pub text: String,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// `GET /accounts/NAME/away`: how a person is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AwayView {
    /// How the person is away; null where they are not.
    #[schemars(with = "Option<schema::Absence>")]
    pub absence: Option<Absence>,
    /// How available they are, all their sessions and the absence taken together.
    #[schemars(with = "schema::Standing")]
    pub standing: Standing,
}
