//! Rights: who may send alerts to whom, and who may read reports.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::Right;

/// `POST /accounts/NAME/rights` and `POST /accounts/NAME/rights/revoke`: a right that is given or taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RightChange {
    /// `publish:AUDIENCE`, `publish:AUDIENCE:SEVERITY` or `audit`.
    #[schemars(with = "String")]
    pub right: Right,
}

/// `GET /accounts/NAME/rights`, and what the others are answered with: what an account may do beside what everybody
/// may. Administrators may do everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RightsView {
    /// Whether it is an administrator's.
    pub administrator: bool,
    /// The rights.
    #[schemars(with = "Vec<String>")]
    pub rights: Vec<Right>,
}
