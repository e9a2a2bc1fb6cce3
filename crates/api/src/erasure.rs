//! What the service keeps about a person, taken away.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::Address;

/// `POST /accounts/NAME/erase`: the account is removed with everything of its own, and its name taken out of reports
/// and of the audit log, which verify all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErasedView {
    /// What stands in reports in the place of the address.
    #[schemars(with = "String")]
    pub pseudonym: Address,
}
