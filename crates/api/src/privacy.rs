//! Privacy: who may write to a person, and who sees that they read, type or are there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::Privacy;

use crate::schema;

/// `GET PUT /accounts/NAME/privacy`: the whole of it; what is left out is as it is by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct PrivacyView(#[schemars(with = "schema::Privacy")] pub Privacy);
