//! What readers are given.

use domain::{Publication, Topic, TopicName};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{super::drill, form};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Message {
    pub(super) id: i64,
    pub(super) appid: u32,
    pub(super) message: String,
    pub(super) title: String,
    pub(super) priority: i64,
    pub(super) date: String,
}

/// A page of messages, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Page {
    pub(super) messages: Vec<Message>,
    pub(super) paging: Paging,
}

/// Where the page is among the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Paging {
    pub(super) size: usize,
    pub(super) limit: usize,
    /// What comes next has lower numbers than this one; 0 where nothing does.
    pub(super) since: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// A topic, as an application. Its token is nobody's business who reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Application {
    pub(super) id: u32,
    token: &'static str,
    name: String,
    description: String,
    internal: bool,
    image: &'static str,
    #[serde(rename = "defaultPriority")]
    default_priority: i64,
}

impl Message {
    pub(super) fn of(publication: &Publication) -> Self {
        let details = &publication.details;
        let message =
            if details.message.is_empty() { details.title.clone() } else { Some(details.message.clone()) };
        Self {
            id: publication.sequence,
            appid: application_id(&publication.topic),
            message: message.unwrap_or_default(),
            title: drill::marked(details, details.title.as_deref().unwrap_or(publication.topic.as_str())),
            priority: form::priority(details.severity),
            date: publication.published_at.to_string(),
        }
    }
}

impl Application {
    pub(super) fn of(topic: &Topic) -> Self {
        Self {
            id: application_id(&topic.name),
            token: "",
            name: topic.name.to_string(),
            description: topic.audience.to_string(),
            internal: false,
            image: "",
            default_priority: 0,
        }
    }
}

/// A number for a topic: the same as long as it is called so.
pub(super) fn application_id(topic: &TopicName) -> u32 {
    let hash = Sha256::digest(topic.as_str());
    u32::from_be_bytes([hash[0] & 0x7f, hash[1], hash[2], hash[3]])
}

#[cfg(test)]
mod tests {
    use domain::{AlertId, PublicationDetails, Severity};
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_publication_is_a_message_of_its_topics_application() {
        let publication = Publication {
            sequence: 7,
            topic: "plant".parse().unwrap(),
            alert: AlertId::from_bytes([1; 16]),
            published_at: Timestamp::from_second(1_800_000_000).unwrap(),
            key: None,
            scheduled: false,
            details: PublicationDetails {
                title: None,
                message: "hot".to_owned(),
                severity: Severity::Severe,
                tags: vec![],
                link: None,
                links: vec![],
                attachments: vec![],
                drill: false,
                verified: true,
            },
        };
        let appid = application_id(&publication.topic);
        assert!(i32::try_from(appid).is_ok() && appid != application_id(&"Plant".parse().unwrap()));
        let expected = json!({
            "id": 7, "appid": appid, "message": "hot", "title": "plant", "priority": 9,
            "date": "2027-01-15T08:00:00Z",
        });
        assert_eq!(serde_json::to_value(Message::of(&publication)).unwrap(), expected);
        let details = PublicationDetails { drill: true, ..publication.details.clone() };
        let drill = Message::of(&Publication { details, ..publication });
        assert_eq!(drill.title, "DRILL / SIMULACRO - plant");
    }
}
