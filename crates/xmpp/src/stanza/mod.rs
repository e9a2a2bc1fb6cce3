//! Stanzas: messages, presence and queries (RFC 6120 §8).

mod content;
mod error;
mod iq;
mod message;
mod presence;

use jid::Jid;

pub use content::{Hints, LocalizedText, MessageContent, Reactions};
pub use error::{Condition, ErrorKind, StanzaError};
pub use iq::{Iq, IqKind};
pub use message::{Message, MessageKind};
pub use presence::{Presence, PresenceKind, Show};

use crate::element::Element;
use crate::namespace;
use crate::stream::{StreamCondition, StreamError};

/// A stanza whose envelope has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stanza {
    /// One-way content.
    Message(Message),
    /// Availability and subscriptions.
    Presence(Presence),
    /// A request or the answer to one.
    Iq(Iq),
}

/// Why a child of the stream is not a [`Stanza`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StanzaParseError {
    /// The stream must end.
    #[error(transparent)]
    Fatal(StreamError),
    /// Only this stanza is refused; [`Rejection::reply`] is the answer.
    #[error("stanza rejected: {}", .0.error)]
    Rejected(Box<Rejection>),
}

/// A stanza that cannot be processed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The stanza as it came.
    pub element: Element,
    /// What is wrong with it.
    pub error: StanzaError,
}

impl Rejection {
    /// The error stanza to send back; `None` where none may be sent (RFC 6120 §8.3.1).
    pub fn reply(&self) -> Option<Element> {
        self.error.reply_to(&self.element)
    }
}

impl Stanza {
    /// Reads the envelope of a child of the stream.
    ///
    /// # Errors
    /// [`StanzaParseError::Fatal`] with `unsupported-stanza-type` for anything that is no message, presence or
    /// iq, and `invalid-from` for a malformed `from` (RFC 6120 §4.9.3.9, §4.9.3.24);
    /// [`StanzaParseError::Rejected`] with `jid-malformed` for a malformed `to` (§8.1.1.1), and `bad-request`
    /// for a presence of unknown type (RFC 6121 §4.7.1), one that says what it cannot (§4.7.2), or a malformed query
    /// (RFC 6120 §8.2.3).
    ///
    /// Addresses of the element are in their normal form afterwards.
    pub fn parse(mut element: Element) -> Result<Self, StanzaParseError> {
        if element.namespace() != namespace::CLIENT
            || !matches!(element.name(), "message" | "presence" | "iq")
        {
            return Err(StanzaParseError::Fatal(StreamError::new(StreamCondition::UnsupportedStanzaType)));
        }
        let from = Self::address(&mut element, "from")
            .map_err(|_| StanzaParseError::Fatal(StreamError::new(StreamCondition::InvalidFrom)))?;
        let to = match Self::address(&mut element, "to") {
            Ok(to) => to,
            Err(error) => {
                return Err(reject(
                    element,
                    StanzaError::from(Condition::JidMalformed).with_text(error.to_string()),
                ));
            }
        };
        let id = element.attribute("id").map(str::to_owned);
        let lang = element.lang().map(str::to_owned);
        match element.name() {
            "message" => {
                Ok(Self::Message(Message { kind: MessageKind::of(&element), to, from, id, lang, element }))
            }
            "presence" => match presence::kind(&element) {
                Ok(kind) => Ok(Self::Presence(Presence { kind, to, from, id, lang, element })),
                Err(error) => Err(reject(element, error)),
            },
            _ => match (iq::check(&element), id) {
                (Ok(kind), Some(id)) => Ok(Self::Iq(Iq { kind, to, from, id, lang, element })),
                (Ok(_), None) => Err(reject(
                    element,
                    StanzaError::from(Condition::BadRequest).with_text("an id is required"),
                )),
                (Err(error), _) => Err(reject(element, error)),
            },
        }
    }

    /// Who it is for.
    pub fn to(&self) -> Option<&Jid> {
        match self {
            Self::Message(message) => message.to.as_ref(),
            Self::Presence(presence) => presence.to.as_ref(),
            Self::Iq(iq) => iq.to.as_ref(),
        }
    }

    /// Who the client says it is from.
    pub fn from(&self) -> Option<&Jid> {
        match self {
            Self::Message(message) => message.from.as_ref(),
            Self::Presence(presence) => presence.from.as_ref(),
            Self::Iq(iq) => iq.from.as_ref(),
        }
    }

    /// The stanza as it came.
    pub fn element(&self) -> &Element {
        match self {
            Self::Message(message) => &message.element,
            Self::Presence(presence) => &presence.element,
            Self::Iq(iq) => &iq.element,
        }
    }

    fn address(element: &mut Element, name: &'static str) -> Result<Option<Jid>, jid::Error> {
        let jid = element.attribute(name).map(Jid::new).transpose()?;
        if let Some(jid) = jid.as_ref().filter(|jid| element.attribute(name) != Some(jid.as_str())) {
            element.set_attribute(name, jid.as_str());
        }
        Ok(jid)
    }
}

fn reject(element: Element, error: StanzaError) -> StanzaParseError {
    StanzaParseError::Rejected(Box::new(Rejection { element, error }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Limits;

    fn parse(source: &str) -> Result<Stanza, StanzaParseError> {
        Stanza::parse(Element::parse(source.as_bytes(), &Limits::default()).unwrap())
    }

    fn rejection(source: &str) -> Condition {
        match parse(source) {
            Err(StanzaParseError::Rejected(rejection)) => rejection.error.condition,
            other => panic!("expected a rejection, got {other:?}"),
        }
    }

    fn fatal(source: &str) -> StreamCondition {
        match parse(source) {
            Err(StanzaParseError::Fatal(error)) => error.condition,
            other => panic!("expected a stream error, got {other:?}"),
        }
    }

    #[test]
    fn a_message_of_unknown_type_is_a_normal_one() {
        let Ok(Stanza::Message(message)) =
            parse("<message xmlns='jabber:client' type='hello' to='A@Example.test'/>")
        else {
            panic!("expected a message")
        };
        assert_eq!(message.kind, MessageKind::Normal);
        assert_eq!(message.to, Some(Jid::new("a@example.test").unwrap()));
        assert_eq!(message.element.attribute("to"), Some("a@example.test"));
    }

    #[test]
    fn a_presence_of_unknown_type_is_a_bad_request() {
        assert_eq!(rejection("<presence xmlns='jabber:client' type='available'/>"), Condition::BadRequest);
    }

    #[test]
    fn a_query_needs_an_id_a_known_type_and_one_child() {
        let well_formed = "<iq xmlns='jabber:client' id='1' type='get'><q xmlns='urn:example:x'/></iq>";
        let Ok(Stanza::Iq(iq)) = parse(well_formed) else { panic!("expected a query") };
        assert_eq!((iq.kind, iq.id.as_str()), (IqKind::Get, "1"));
        assert_eq!(iq.payload().map(Element::name), Some("q"));
        for malformed in [
            "<iq xmlns='jabber:client' type='get'><q xmlns='urn:example:x'/></iq>",
            "<iq xmlns='jabber:client' id='1'><q xmlns='urn:example:x'/></iq>",
            "<iq xmlns='jabber:client' id='1' type='ask'><q xmlns='urn:example:x'/></iq>",
            "<iq xmlns='jabber:client' id='1' type='set'/>",
            "<iq xmlns='jabber:client' id='1' type='set'><a/><b/></iq>",
            "<iq xmlns='jabber:client' id='1' type='result'><a/><b/></iq>",
            "<iq xmlns='jabber:client' id='1' type='error'/>",
        ] {
            assert_eq!(rejection(malformed), Condition::BadRequest, "{malformed}");
        }
    }

    #[test]
    fn a_malformed_recipient_is_answered_and_a_malformed_sender_ends_the_stream() {
        assert_eq!(rejection("<message xmlns='jabber:client' to='a@b@c'/>"), Condition::JidMalformed);
        assert_eq!(fatal("<message xmlns='jabber:client' from='a@b@c'/>"), StreamCondition::InvalidFrom);
    }

    #[test]
    fn anything_else_ends_the_stream() {
        assert_eq!(fatal("<message xmlns='jabber:server'/>"), StreamCondition::UnsupportedStanzaType);
        assert_eq!(fatal("<letter xmlns='jabber:client'/>"), StreamCondition::UnsupportedStanzaType);
    }
}
