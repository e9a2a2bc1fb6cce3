//! Groups: sets of people that the administrator names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Address, GroupName};

/// `POST /groups`: a group to be made. Answered with 201.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// Its name: 1 to 64 letters, digits, `-`, `_` or `.`.
    #[schemars(with = "String")]
    pub name: GroupName,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupView {
    /// Its name.
    #[schemars(with = "String")]
    pub name: GroupName,
    /// Who is in it, in the order of their addresses.
    #[schemars(with = "Vec<String>")]
    pub members: Vec<Address>,
}
