//! Private XML storage (XEP-0049): what clients keep for themselves at the service.

use crate::element::Element;
use crate::namespace;
use crate::stanza::{Condition, StanzaError};

/// How long one stored element may be, in bytes as written.
pub const BYTES_MAX: usize = 64 * 1024;

/// How long an element's name and namespace may be together, in bytes.
pub const KEY_BYTES_MAX: usize = 512;

/// What nobody may keep here: the namespaces of the core, and what has a place of its own (§3.1).
const RESERVED: [&str; 5] = ["", namespace::CLIENT, "jabber:server", namespace::PRIVATE, namespace::VCARD];

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The element of this name and namespace (§2.2); as it came it is the answer where nothing is stored.
    Get(Element),
    /// Keep these (§2.1).
    Set(Vec<Element>),
}

impl Request {
    /// Reads a payload; `None` if it is not about private storage.
    ///
    /// # Errors
    /// `bad-request` where nothing is asked for, or more than one thing at once; `not-acceptable` where nothing is to be
    /// kept (§2.3), for what nobody may keep here, and for names longer than [`KEY_BYTES_MAX`] and elements longer than [`BYTES_MAX`].
    pub fn parse(payload: &Element, is_set: bool) -> Result<Option<Self>, StanzaError> {
        if !payload.is("query", namespace::PRIVATE) {
            return Ok(None);
        }
        let elements: Vec<Element> = payload.children().cloned().collect();
        for element in &elements {
            if RESERVED.contains(&element.namespace().as_str()) || key(element).len() > KEY_BYTES_MAX {
                return Err(Condition::NotAcceptable.into());
            }
            if is_set && element.to_bytes(namespace::PRIVATE).len() > BYTES_MAX {
                let text = format!("at most {BYTES_MAX} bytes can be kept of each");
                return Err(StanzaError::new(Condition::NotAcceptable).with_text(text));
            }
        }
        match (is_set, <[Element; 1]>::try_from(elements)) {
            (false, Ok([element])) => Ok(Some(Self::Get(element))),
            (true, Ok([element])) => Ok(Some(Self::Set(vec![element]))),
            (true, Err(elements)) if !elements.is_empty() => Ok(Some(Self::Set(elements))),
            (true, Err(_)) => Err(Condition::NotAcceptable.into()),
            (false, Err(_)) => Err(Condition::BadRequest.into()),
        }
    }
}

/// What tells stored elements apart: the name and the namespace.
pub fn key(element: &Element) -> String {
    format!("{} {}", element.name(), element.namespace())
}

/// The payload of the result of a `get`.
pub fn result(element: Element) -> Element {
    Element::new("query", namespace::PRIVATE).with_child(element)
}

#[cfg(test)]
mod tests {
    use super::super::testing::parse;
    use super::*;

    fn request(children: &str, is_set: bool) -> Result<Option<Request>, Condition> {
        let payload = parse(&format!("<query xmlns='jabber:iq:private'>{children}</query>"));
        Request::parse(&payload, is_set).map_err(|error| error.condition)
    }

    #[test]
    fn one_element_is_asked_for_and_one_or_more_are_kept() {
        let element = parse("<storage xmlns='storage:bookmarks'/>");
        let written = "<storage xmlns='storage:bookmarks'/>";
        assert_eq!(request(written, false), Ok(Some(Request::Get(element.clone()))));
        assert_eq!(request(written, true), Ok(Some(Request::Set(vec![element.clone()]))));
        let two = format!("{written}<a xmlns='urn:b'/>");
        assert_eq!(request(&two, false), Err(Condition::BadRequest));
        assert!(matches!(request(&two, true), Ok(Some(Request::Set(elements))) if elements.len() == 2));
        assert_eq!(request("", false), Err(Condition::BadRequest));
        assert_eq!(request("", true), Err(Condition::NotAcceptable));
        assert_eq!(Request::parse(&element, false), Ok(None));
        assert_eq!(key(&element), "storage storage:bookmarks");
    }

    #[test]
    fn reserved_and_oversized_elements_are_not_acceptable() {
        for reserved in ["<message xmlns='jabber:client'/>", "<own/>", "<vCard xmlns='vcard-temp'/>"] {
            assert_eq!(request(reserved, true), Err(Condition::NotAcceptable), "{reserved}");
        }
        let long = format!("<a xmlns='urn:b'>{}</a>", "x".repeat(BYTES_MAX));
        assert_eq!(request(&long, true), Err(Condition::NotAcceptable));
        let name = format!("<a xmlns='urn:{}'/>", "x".repeat(KEY_BYTES_MAX));
        assert_eq!(request(&name, false), Err(Condition::NotAcceptable));
    }
}
