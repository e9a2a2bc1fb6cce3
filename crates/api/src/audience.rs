//! How many people an audience has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::GroupName;

/// `GET /audience?expression=AUDIENCE`: whom it would reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AudienceView {
    /// The people in it.
    pub people: usize,
    /// Those of them who have a client that is there now.
    pub reachable: usize,
    /// The machines in it.
    pub computers: usize,
}

/// `GET /audience/groups`: the groups that whoever asks may send alerts to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AudienceGroups {
    /// Their names.
    #[schemars(with = "Vec<String>")]
    pub groups: Vec<GroupName>,
}
