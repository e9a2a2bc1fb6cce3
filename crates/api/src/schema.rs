//! How values of the domain look as JSON, for their schemas. The domain writes and reads them itself; a test holds that
//! both say the same.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// A UUID.
#[derive(JsonSchema)]
#[schemars(inline, transparent, extend("format" = "uuid"))]
pub(crate) struct Id(#[expect(dead_code, reason = "it is written by the domain")] String);

/// That a person is away.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct Absence {
    /// What those who write are told; may be empty.
    text: String,
    /// Since when.
    since: Timestamp,
    /// When it ends by itself.
    #[serde(default)]
    until: Option<Timestamp>,
}

/// How a person is, all their sessions taken together.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct Standing {
    /// How available; null where they have no session that is available.
    show: Option<Show>,
    /// Since when nobody has touched any of their devices, where all say so.
    idle_since: Option<Timestamp>,
    /// What they say.
    text: Option<String>,
}

/// What a person wants to be spared and to keep to themselves.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub(crate) struct Privacy {
    /// Who may write: `everyone`, `contacts`, `contacts-and-my-groups`, or `groups:NAME,NAME`.
    writes: String,
    /// Who is told that the person has read something.
    reading: WhoSees,
    /// Who is told that the person is typing.
    typing: WhoSees,
    /// Who may ask when the person was last there, of those who see their presence.
    last_activity: WhoSees,
    /// Whether the person looks absent to everybody.
    invisible: bool,
}

/// Who sees something of a person.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WhoSees {
    #[default]
    Everyone,
    Contacts,
    Nobody,
}

/// How much an alert matters, least first.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Severity {
    Information,
    Minor,
    Moderate,
    Severe,
    Extreme,
}

/// Where an alert stands at a moment.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AlertStatus {
    InForce,
    Cancelled,
    Expired,
}

/// How far an alert has come with one recipient. It only ever goes forward.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReceiptStage {
    Pending,
    Delivered,
    Seen,
    Confirmed,
}

/// A protocol by which messages come and go.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    Xmpp,
    Windows,
    Api,
    Web,
}

/// How available a signed-in person is.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Show {
    Available,
    Chat,
    Away,
    ExtendedAway,
    Busy,
}

/// How a message is meant.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MessageKind {
    Chat,
    Normal,
    Headline,
}

/// What a person says about seeing presence: may I, yes, no longer, no.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SubscriptionAction {
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
}

/// What has been done to an alert since it was sent.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) enum AlertState {
    /// Nothing.
    Sent,
    /// It was called off.
    Cancelled {
        /// When.
        at: Timestamp,
        /// By whom.
        by: String,
    },
    /// Its time was over and the people who had it were told.
    Expired {
        /// When.
        at: Timestamp,
    },
}

/// The answer to an alert: what, when, and from where.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct Confirmation {
    /// The choice, one of the alert's.
    choice: String,
    /// When the service heard it.
    at: Timestamp,
    /// By which protocol.
    protocol: Protocol,
    /// From which device: the session's name for itself.
    device: String,
    /// From which network address.
    source: String,
}

#[cfg(test)]
mod tests {
    use domain::Address;
    use serde::{Serialize, de::DeserializeOwned};

    /// Whether what the domain writes is what the schema is made of.
    fn fits<Schema: DeserializeOwned>(value: &impl Serialize) {
        let json = serde_json::to_value(value).unwrap();
        let read = serde_json::from_value::<Schema>(json.clone());
        assert!(read.is_ok(), "{json}: {:?}", read.err());
    }

    #[test]
    fn what_the_domain_writes_is_what_the_schemas_say() {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let by = Address::parse("anna@x.internal").unwrap();
        domain::Severity::ALL.iter().for_each(fits::<super::Severity>);
        for status in
            [domain::AlertStatus::InForce, domain::AlertStatus::Cancelled, domain::AlertStatus::Expired]
        {
            fits::<super::AlertStatus>(&status);
        }
        for state in [
            domain::AlertState::Sent,
            domain::AlertState::Cancelled { at, by },
            domain::AlertState::Expired { at },
        ] {
            fits::<super::AlertState>(&state);
        }
        use domain::ReceiptStage::{Confirmed, Delivered, Pending, Seen};
        [Pending, Delivered, Seen, Confirmed].iter().for_each(fits::<super::ReceiptStage>);
        use domain::Show::{Available, Away, Busy, Chat, ExtendedAway};
        [Available, Chat, Away, ExtendedAway, Busy].iter().for_each(fits::<super::Show>);
        use domain::MessageKind::{Chat as Conversation, Headline, Normal};
        [Conversation, Normal, Headline].iter().for_each(fits::<super::MessageKind>);
        use domain::SubscriptionAction::{Subscribe, Subscribed, Unsubscribe, Unsubscribed};
        let actions = [Subscribe, Subscribed, Unsubscribe, Unsubscribed];
        actions.iter().for_each(fits::<super::SubscriptionAction>);
        use domain::Protocol::{Api, Web, Windows, Xmpp};
        for protocol in [Xmpp, Windows, Api, Web] {
            fits::<super::Protocol>(&protocol);
            fits::<super::Confirmation>(&domain::Confirmation {
                choice: "OK".to_owned(),
                at,
                protocol,
                device: "desk".to_owned(),
                source: "10.0.0.9".to_owned(),
            });
        }
    }
}
