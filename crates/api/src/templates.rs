//! Templates: alerts with gaps.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Audience, Severity, Template};

use crate::{alerts::NewAlert, schema};

/// `PUT /templates/NAME`: a template, in the place of another of the same name. Answered with the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    /// The variables whose places, `{variable}`, are in the words. Twice is no mistake.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub variables: BTreeSet<String>,
    /// What is sent. `{{` and `}}` are braces. It ends after `expires_in_seconds`.
    pub alert: NewAlert,
}

/// `POST /templates/NAME/alerts`: an alert by a template. Answered as `POST /alerts` is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FromTemplate {
    /// A value for each variable.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Another audience than the template's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub audience: Option<Audience>,
    /// Another severity than the template's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::Severity>")]
    pub severity: Option<Severity>,
    /// When it takes effect; at once where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_at: Option<Timestamp>,
    /// After how many seconds it ends by itself, where that is not the template's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<u32>,
    /// Whether it is a drill, also where the template is not.
    #[serde(default)]
    pub drill: bool,
    /// Whether it is only for who sends it.
    #[serde(default)]
    pub test: bool,
    /// The sender's own word for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether it is only written down.
    #[serde(default)]
    pub draft: bool,
}

/// A template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct TemplateView(#[schemars(with = "schema::Template")] pub Template);
