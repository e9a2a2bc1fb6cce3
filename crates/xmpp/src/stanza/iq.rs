//! Requests and their answers (RFC 6120 §8.2.3).

use jid::Jid;

use super::{Condition, StanzaError};
use crate::element::Element;
use crate::namespace;

/// A request or the answer to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Iq {
    /// Request or answer.
    pub kind: IqKind,
    /// Who it is for; without it, the server on behalf of the sender's account (RFC 6120 §10.3.3).
    pub to: Option<Jid>,
    /// Who the client says it is from.
    pub from: Option<Jid>,
    /// The requester's id.
    pub id: String,
    /// The language of what has none of its own.
    pub lang: Option<String>,
    /// The whole stanza.
    pub element: Element,
}

impl Iq {
    /// What is asked or answered: always there for a `get` or `set`, perhaps for a `result` or `error`.
    pub fn payload(&self) -> Option<&Element> {
        self.element.children().find(|child| !child.is("error", namespace::CLIENT))
    }

    /// The answer to a request, back to whom it came from.
    pub fn result(&self, payload: Option<Element>) -> Element {
        Element::new("iq", namespace::CLIENT)
            .with_attribute("type", "result")
            .with_attribute("id", self.id.as_str())
            .with_optional_attribute("from", self.element.attribute("to"))
            .with_optional_attribute("to", self.element.attribute("from"))
            .with_children(payload)
    }

    /// The refusal of a request; `None` if this is itself an answer (RFC 6120 §8.2.3).
    pub fn error(&self, error: &StanzaError) -> Option<Element> {
        error.reply_to(&self.element)
    }
}

/// The type of an [`Iq`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IqKind {
    /// A request for information.
    Get,
    /// A request to change something.
    Set,
    /// A good answer.
    Result,
    /// A refusal.
    Error,
}

impl IqKind {
    /// The value of the `type` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Set => "set",
            Self::Result => "result",
            Self::Error => "error",
        }
    }
}

/// The type, if what must come with it is there.
pub(super) fn check(element: &Element) -> Result<IqKind, StanzaError> {
    let bad = |text: &str| Err(StanzaError::from(Condition::BadRequest).with_text(text));
    let children = element.children().count();
    match element.attribute("type") {
        Some("get") if children == 1 => Ok(IqKind::Get),
        Some("set") if children == 1 => Ok(IqKind::Set),
        Some("get" | "set") => bad("a request has exactly one child"),
        Some("result") if children <= 1 => Ok(IqKind::Result),
        Some("result") => bad("a result has at most one child"),
        Some("error") if element.child("error", namespace::CLIENT).is_some() => Ok(IqKind::Error),
        Some("error") => bad("an error has an error child"),
        _ => bad("expected type get, set, result or error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stanza::Stanza;
    use crate::stream::Limits;

    #[test]
    fn an_answer_goes_back_to_whoever_asked() {
        let source =
            b"<iq xmlns='jabber:client' id='7' type='get' to='example.test' from='a@example.test/x'>\
            <ping xmlns='urn:xmpp:ping'/></iq>";
        let Ok(Stanza::Iq(iq)) = Stanza::parse(Element::parse(source, &Limits::default()).unwrap()) else {
            panic!("expected a query")
        };
        assert_eq!(
            iq.result(None).to_bytes(namespace::CLIENT),
            b"<iq type='result' id='7' from='example.test' to='a@example.test/x'/>"
        );
    }
}
