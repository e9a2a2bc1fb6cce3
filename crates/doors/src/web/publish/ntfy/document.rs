//! What readers are given: one document for each event.

use domain::{NoticeLink, Publication};
use jiff::Timestamp;
use serde::Serialize;

use super::{super::drill, priority};

/// For how long something can be read at least, in seconds.
const KEPT_SECONDS: i64 = 7 * 86_400;

/// An event of a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<i64>,
    pub(super) event: &'static str,
    pub(super) topic: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) priority: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) click: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attachment: Option<Attachment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) actions: Vec<Action>,
    #[serde(skip)]
    pub(super) drill: bool,
}

/// A file that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Attachment {
    name: String,
    url: String,
}

/// A button that opens a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Action {
    action: &'static str,
    label: String,
    url: String,
    clear: bool,
}

/// What ntfy takes an ordinary message to be.
const PRIORITY_DEFAULT: u8 = 3;

impl Message {
    /// Something was published. Its id is that of the alert.
    pub(super) fn of(publication: &Publication) -> Self {
        let details = &publication.details;
        let time = publication.published_at.as_second();
        let attachment = details.attachments.first().map(|url| {
            let name = url.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("attachment");
            Attachment { name: name.to_owned(), url: url.clone() }
        });
        Self {
            id: publication.alert.to_string(),
            time,
            expires: Some(time + KEPT_SECONDS),
            event: "message",
            topic: publication.topic.to_string(),
            title: details
                .title
                .as_deref()
                .or(details.drill.then_some(""))
                .map(|title| drill::marked(details, title)),
            // One with a title alone has words for those who know no titles.
            message: Some(match details.message.as_str() {
                "" => details.title.clone().unwrap_or_default(),
                message => message.to_owned(),
            }),
            priority: Some(priority::of(details.severity)).filter(|priority| *priority != PRIORITY_DEFAULT),
            tags: details.tags.iter().cloned().chain(details.drill.then(|| drill::TAG.to_owned())).collect(),
            click: details.link.clone(),
            attachment,
            actions: details.links.iter().map(Action::view).collect(),
            drill: details.drill,
        }
    }

    /// A sign of life, or that reading begins: `event` says which.
    pub(super) fn about(event: &'static str, topics: &str, at: Timestamp, id: [u8; 6]) -> Self {
        let id = id.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { id, time: at.as_second(), event, topic: topics.to_owned(), ..Self::default() }
    }

    /// As one line of JSON, without the line's end.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As an event of the server, with the blank line behind it.
    pub(super) fn to_sse(&self) -> String {
        let json = self.to_json();
        match self.event {
            "message" => format!("data: {json}\n\n"),
            event => format!("event: {event}\ndata: {json}\n\n"),
        }
    }

    /// As a line of plain text; an empty one where it is no message. Whoever reads no titles sees in the line itself
    /// that it is a drill.
    pub(super) fn to_raw(&self) -> String {
        let words = self.message.as_deref().unwrap_or_default();
        let message = if self.drill { drill::before(words) } else { words.to_owned() };
        format!("{}\n", message.replace(['\r', '\n'], " "))
    }
}

impl Action {
    fn view(link: &NoticeLink) -> Self {
        Self { action: "view", label: link.title.clone(), url: link.url.clone(), clear: false }
    }
}

#[cfg(test)]
mod tests {
    use domain::{AlertId, PublicationDetails, Severity};
    use serde_json::json;

    use super::*;

    fn publication(severity: Severity) -> Publication {
        Publication {
            sequence: 7,
            topic: "plant".parse().unwrap(),
            alert: AlertId::from_bytes([1; 16]),
            published_at: Timestamp::from_second(1_800_000_000).unwrap(),
            key: None,
            scheduled: false,
            details: PublicationDetails {
                title: Some("Oven".to_owned()),
                message: "hot\nvery".to_owned(),
                severity,
                tags: vec!["fire".to_owned()],
                link: Some("https://x/oven".to_owned()),
                links: vec![NoticeLink { title: "Camera".to_owned(), url: "https://x/c".to_owned() }],
                attachments: vec!["https://x/a/oven.jpg".to_owned()],
                drill: false,
                verified: true,
            },
        }
    }

    #[test]
    fn a_publication_is_a_message_in_every_form() {
        let message = Message::of(&publication(Severity::Extreme));
        let expected = json!({
            "id": "01010101-0101-0101-0101-010101010101", "time": 1_800_000_000, "expires": 1_800_604_800,
            "event": "message", "topic": "plant", "title": "Oven", "message": "hot\nvery", "priority": 5,
            "tags": ["fire"], "click": "https://x/oven",
            "attachment": { "name": "oven.jpg", "url": "https://x/a/oven.jpg" },
            "actions": [{ "action": "view", "label": "Camera", "url": "https://x/c", "clear": false }],
        });
        assert_eq!(serde_json::to_value(&message).unwrap(), expected);
        assert!(!message.to_json().contains('\n'));
        assert_eq!(message.to_sse(), format!("data: {}\n\n", message.to_json()));
        assert_eq!(message.to_raw(), "hot very\n");
        assert_eq!(Message::of(&publication(Severity::Minor)).priority, None);
    }

    #[test]
    fn signs_of_life_are_events_of_their_own() {
        let open = Message::about("open", "plant,disk", Timestamp::UNIX_EPOCH, [0xab; 6]);
        let expected = r#"{"id":"abababababab","time":0,"event":"open","topic":"plant,disk"}"#;
        assert_eq!(open.to_json(), expected);
        assert_eq!(open.to_sse(), format!("event: open\ndata: {expected}\n\n"));
        assert_eq!(open.to_raw(), "\n");
    }
}
