//! Messages (RFC 6121 §5).

use jid::Jid;

use super::MessageContent;
use crate::element::{Element, Node};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What kind of conversation it belongs to.
    pub kind: MessageKind,
    /// Who it is for; without it, the sender's own account (RFC 6120 §10.3.1).
    pub to: Option<Jid>,
    /// Who the client says it is from.
    pub from: Option<Jid>,
    /// The sender's id.
    pub id: Option<String>,
    /// The language of what has none of its own.
    pub lang: Option<String>,
    /// The whole stanza.
    pub element: Element,
}

impl Message {
    /// What the message says.
    pub fn content(&self) -> MessageContent {
        MessageContent::read(&self.element)
    }

    /// Shows every text in it, in whichever element it is.
    pub fn texts(&self, mut show: impl FnMut(&str)) {
        texts(&self.element, &mut show);
    }
}

/// Elements are nested no deeper than the limits of a stream allow.
fn texts(element: &Element, show: &mut impl FnMut(&str)) {
    for node in element.nodes() {
        match node {
            Node::Element(element) => texts(element, show),
            Node::Text(text) => show(text),
        }
    }
}

/// The type of a message (RFC 6121 §5.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum MessageKind {
    /// Part of a conversation between two.
    Chat,
    /// An error about an earlier message.
    Error,
    /// Part of a conversation in a room.
    Groupchat,
    /// An announcement that expects no answer and is not kept.
    Headline,
    /// A single message, and anything of unknown type.
    #[default]
    Normal,
}

impl MessageKind {
    /// The value of the `type` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Error => "error",
            Self::Groupchat => "groupchat",
            Self::Headline => "headline",
            Self::Normal => "normal",
        }
    }

    pub(super) fn of(element: &Element) -> Self {
        match element.attribute("type") {
            Some("chat") => Self::Chat,
            Some("error") => Self::Error,
            Some("groupchat") => Self::Groupchat,
            Some("headline") => Self::Headline,
            _ => Self::Normal,
        }
    }
}
