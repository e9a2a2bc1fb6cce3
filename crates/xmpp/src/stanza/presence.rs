//! Presence (RFC 6121 §3, §4).

use jid::Jid;

use super::LocalizedText;
use crate::element::Element;
use crate::namespace;

/// A presence stanza.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// What it is about.
    pub kind: PresenceKind,
    /// Who it is for; without it, everyone who is subscribed.
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

impl Presence {
    /// How available the sender is; `None` is plainly available, or a value that is not defined (RFC 6121 §4.7.2.1).
    pub fn show(&self) -> Option<Show> {
        match self.element.child("show", namespace::CLIENT)?.text().trim() {
            "away" => Some(Show::Away),
            "chat" => Some(Show::Chat),
            "dnd" => Some(Show::DoNotDisturb),
            "xa" => Some(Show::ExtendedAway),
            _ => None,
        }
    }

    /// The sender's own words, in each language given (RFC 6121 §4.7.2.2).
    pub fn statuses(&self) -> Vec<LocalizedText> {
        LocalizedText::all(&self.element, "status")
    }

    /// The sender's own words without a language, or the first.
    pub fn status(&self) -> Option<String> {
        LocalizedText::main(&self.statuses()).map(str::to_owned)
    }

    /// The priority of the session, -128 to 127; 0 if it is missing or malformed (RFC 6121 §4.7.2.3).
    pub fn priority(&self) -> i8 {
        let priority = self.element.child("priority", namespace::CLIENT);
        priority.and_then(|priority| priority.text().trim().parse().ok()).unwrap_or(0)
    }
}

/// The type of a presence stanza (RFC 6121 §4.7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PresenceKind {
    /// The sender is available: no type at all.
    Available,
    /// An error about an earlier presence.
    Error,
    /// A server asks for the presence of one of its users' contacts.
    Probe,
    /// A request to be told of the recipient's presence.
    Subscribe,
    /// The request is granted.
    Subscribed,
    /// The sender has gone.
    Unavailable,
    /// The sender no longer wants to be told.
    Unsubscribe,
    /// The request is refused, or what was granted is taken back.
    Unsubscribed,
}

impl PresenceKind {
    /// The value of the `type` attribute; `None` for [`PresenceKind::Available`].
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Available => None,
            Self::Error => Some("error"),
            Self::Probe => Some("probe"),
            Self::Subscribe => Some("subscribe"),
            Self::Subscribed => Some("subscribed"),
            Self::Unavailable => Some("unavailable"),
            Self::Unsubscribe => Some("unsubscribe"),
            Self::Unsubscribed => Some("unsubscribed"),
        }
    }

    /// `None` for a value that is not defined.
    pub(super) fn of(element: &Element) -> Option<Self> {
        match element.attribute("type") {
            None => Some(Self::Available),
            Some("error") => Some(Self::Error),
            Some("probe") => Some(Self::Probe),
            Some("subscribe") => Some(Self::Subscribe),
            Some("subscribed") => Some(Self::Subscribed),
            Some("unavailable") => Some(Self::Unavailable),
            Some("unsubscribe") => Some(Self::Unsubscribe),
            Some("unsubscribed") => Some(Self::Unsubscribed),
            Some(_) => None,
        }
    }
}

/// How available someone is (RFC 6121 §4.7.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Show {
    /// Away for a while.
    Away,
    /// Glad to talk.
    Chat,
    /// Busy.
    DoNotDisturb,
    /// Away for long.
    ExtendedAway,
}

impl Show {
    /// The text of the `show` element.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Chat => "chat",
            Self::DoNotDisturb => "dnd",
            Self::ExtendedAway => "xa",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stanza::Stanza;
    use crate::stream::Limits;

    fn presence(children: &str) -> Presence {
        let source = format!("<presence xmlns='jabber:client'>{children}</presence>");
        match Stanza::parse(Element::parse(source.as_bytes(), &Limits::default()).unwrap()) {
            Ok(Stanza::Presence(presence)) => presence,
            other => panic!("expected presence, got {other:?}"),
        }
    }

    #[test]
    fn show_status_and_priority_are_read() {
        let presence = presence(
            "<show>dnd</show><status xml:lang='de'>Bitte nicht</status><status>Busy</status><priority>-5</priority>",
        );
        assert_eq!(presence.kind, PresenceKind::Available);
        assert_eq!(presence.show(), Some(Show::DoNotDisturb));
        assert_eq!(presence.status().as_deref(), Some("Busy"));
        assert_eq!(presence.statuses().len(), 2);
        assert_eq!(presence.priority(), -5);
    }

    #[test]
    fn what_is_missing_or_out_of_range_has_a_default() {
        assert_eq!(presence("").priority(), 0);
        assert_eq!(presence("<priority>128</priority>").priority(), 0);
        assert_eq!(presence("<show>asleep</show>").show(), None);
        assert_eq!(presence("").status(), None);
    }
}
