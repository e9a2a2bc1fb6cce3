use std::collections::BTreeMap;

use domain::{Audience, Severity, Topic, TopicName};
use doors::webhooks::EventKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

// The doc comments in this file are printed for the administrator as they stand.

/// `[publish]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Publish {
    /// The topics that programs publish to, each an audience under a name of its own.
    #[schemars(with = "BTreeMap<String, TopicSection>", extend("x-name" = "topic-name"))]
    pub(crate) topics: BTreeMap<TopicName, TopicSection>,
}

/// `[publish.topics.NAME]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopicSection {
    /// Whom it reaches.
    #[schemars(with = "String", extend("format" = "publish-audience"))]
    pub(crate) audience: Audience,

    /// Whether anybody on the network may publish and read without a token: as unverified, and as information only.
    #[serde(default)]
    pub(crate) open: bool,

    /// The most that anything published here can matter; what says more is taken as this.
    #[serde(default = "severity_max")]
    #[schemars(with = "String", extend("enum" = ["information", "minor", "moderate", "severe", "extreme"]))]
    pub(crate) severity_max: Severity,

    /// Whether what is published here stays open for a person until they confirm it.
    #[serde(default)]
    pub(crate) must_confirm: bool,
}

/// `[webhooks.NAME]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookSection {
    /// Where events are told, inside the allowed networks: `http://HOST/PATH` or `https://HOST/PATH`.
    #[schemars(extend("format" = "webhook-url"))]
    pub(crate) url: String,

    /// The file of the secret that events are signed with: 16 bytes or more; white space at its end does not count.
    #[schemars(extend("format" = "file"))]
    pub(crate) secret_file: String,

    /// Which events. Left out: alert.sent, alert.confirmed and alert.ended. There are also alert.planned and
    /// alert.waiting, of alerts that nobody else is told of yet.
    #[serde(default = "events_default")]
    #[schemars(extend("format" = "event"))]
    pub(crate) events: Vec<String>,

    /// The file of the authorities that may have certified the receiver, in PEM. Left out: the service's own.
    #[serde(default)]
    #[schemars(extend("format" = "file"))]
    pub(crate) ca: String,
}

fn severity_max() -> Severity {
    Severity::Severe
}

fn events_default() -> Vec<String> {
    EventKind::TOLD_TO_PEOPLE.map(|kind| kind.as_str().to_owned()).into()
}

impl Publish {
    /// The topics, in the words of the domain.
    pub(crate) fn topics(&self) -> Vec<Topic> {
        let topic = |(name, section): (&TopicName, &TopicSection)| Topic {
            name: name.clone(),
            audience: section.audience.clone(),
            open: section.open,
            severity_max: section.severity_max,
            must_confirm: section.must_confirm,
        };
        self.topics.iter().map(topic).collect()
    }
}
