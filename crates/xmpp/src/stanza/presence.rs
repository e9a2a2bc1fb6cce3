//! Presence (RFC 6121 §3, §4).

use jid::Jid;

use super::{Condition, LocalizedText, StanzaError};
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
    /// How available the sender is; `None` is plainly available (RFC 6121 §4.7.2.1).
    pub fn show(&self) -> Option<Show> {
        Show::read(self.element.child("show", namespace::CLIENT)?)
    }

    /// The sender's own words, in each language given (RFC 6121 §4.7.2.2).
    pub fn statuses(&self) -> Vec<LocalizedText> {
        LocalizedText::all(&self.element, "status")
    }

    /// The sender's own words without a language, or the first.
    pub fn status(&self) -> Option<String> {
        LocalizedText::main(&self.statuses()).map(str::to_owned)
    }

    /// The priority of the session, -128 to 127; 0 if it is missing (RFC 6121 §4.7.2.3).
    pub fn priority(&self) -> i8 {
        self.element.child("priority", namespace::CLIENT).and_then(priority).unwrap_or(0)
    }
}

fn priority(element: &Element) -> Option<i8> {
    element.text().trim().parse().ok()
}

/// The type of a presence, if it is one that is defined and says what it may.
pub(super) fn kind(element: &Element) -> Result<PresenceKind, StanzaError> {
    let kind = PresenceKind::of(element);
    let kind = kind.ok_or_else(|| StanzaError::from(Condition::BadRequest).with_text("unknown type"))?;
    if kind == PresenceKind::Available {
        check(element)?;
    }
    Ok(kind)
}

/// Whether what an available sender says is as it has to be: how available, with which priority and in which words, each
/// once, and words once in each language (RFC 6121 §4.7.2). White space around a value is none of it.
fn check(element: &Element) -> Result<(), StanzaError> {
    let malformed = |text: &str| Err(StanzaError::from(Condition::BadRequest).with_text(text));
    let all = |name: &'static str| element.children().filter(move |child| child.is(name, namespace::CLIENT));
    if all("show").count() > 1 || all("show").any(|show| Show::read(show).is_none()) {
        return malformed("show is away, chat, dnd or xa, or is left out");
    }
    if all("priority").count() > 1 || all("priority").any(|element| priority(element).is_none()) {
        return malformed("priority is a number from -128 to 127");
    }
    let mut languages: Vec<Option<&str>> = all("status").map(Element::lang).collect();
    languages.sort_unstable();
    if languages.windows(2).any(|pair| pair[0] == pair[1]) {
        return malformed("each status is in a language of its own");
    }
    Ok(())
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
    fn of(element: &Element) -> Option<Self> {
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
    fn read(element: &Element) -> Option<Self> {
        let all = [Self::Away, Self::Chat, Self::DoNotDisturb, Self::ExtendedAway];
        let text = element.text();
        all.into_iter().find(|show| show.as_str() == text.trim())
    }

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
    use crate::stanza::{Stanza, StanzaParseError};
    use crate::stream::Limits;

    fn parse(kind: &str, children: &str) -> Result<Stanza, StanzaParseError> {
        let source = format!("<presence xmlns='jabber:client'{kind}>{children}</presence>");
        Stanza::parse(Element::parse(source.as_bytes(), &Limits::default()).unwrap())
    }

    fn presence(children: &str) -> Presence {
        match parse("", children) {
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
    fn what_is_missing_has_a_default() {
        assert_eq!(presence("").priority(), 0);
        assert_eq!(presence("").show(), None);
        assert_eq!(presence("").status(), None);
    }

    #[test]
    fn white_space_around_a_value_is_none_of_it() {
        let presence = presence("<show> away\n</show><priority>\t7 </priority>");
        assert_eq!((presence.show(), presence.priority()), (Some(Show::Away), 7));
    }

    #[test]
    fn an_available_sender_says_nothing_twice_and_nothing_that_is_not_defined() {
        for malformed in [
            "<show/>",
            "<show>asleep</show>",
            "<show>Away</show>",
            "<show>away</show><show>away</show>",
            "<priority/>",
            "<priority>abc</priority>",
            "<priority>128</priority>",
            "<priority>-129</priority>",
            "<priority>1</priority><priority>1</priority>",
            "<status>a</status><status>b</status>",
            "<status xml:lang='de'>a</status><status xml:lang='de'>b</status>",
        ] {
            let Err(StanzaParseError::Rejected(rejection)) = parse("", malformed) else {
                panic!("{malformed}")
            };
            assert_eq!(rejection.error.condition, Condition::BadRequest, "{malformed}");
            assert!(parse(" type='unavailable'", malformed).is_ok(), "whoever leaves may leave: {malformed}");
        }
        assert!(
            parse("", "<show xmlns='urn:example:x'/><status>a</status><status xml:lang='de'>b</status>")
                .is_ok()
        );
    }
}
