//! Unique and stable stanza ids (XEP-0359).

use crate::element::Element;
use crate::namespace;

/// An id that a service gave a stanza.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StanzaId {
    /// Who gave it: an account's or a room's address. As it came: believe only those who could remove it.
    pub by: String,
    /// The id.
    pub id: String,
}

impl StanzaId {
    /// Every id that services gave a message.
    pub fn all(message: &Element) -> Vec<Self> {
        let ids = message.children().filter(|child| child.is("stanza-id", namespace::STANZA_ID));
        ids.filter_map(|id| {
            Some(Self { by: id.attribute("by")?.to_owned(), id: id.attribute("id")?.to_owned() })
        })
        .collect()
    }

    /// The `<stanza-id/>` element.
    pub fn to_element(&self) -> Element {
        Element::new("stanza-id", namespace::STANZA_ID)
            .with_attribute("by", self.by.as_str())
            .with_attribute("id", self.id.as_str())
    }
}

/// The id that the sender gave a message.
pub fn origin_id(message: &Element) -> Option<&str> {
    message.child("origin-id", namespace::STANZA_ID)?.attribute("id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_services_and_of_the_sender_are_told_apart() {
        let id = StanzaId { by: "a@x.test".into(), id: "7".into() };
        let message = Element::new("message", namespace::CLIENT)
            .with_child(id.to_element())
            .with_child(Element::new("origin-id", namespace::STANZA_ID).with_attribute("id", "8"));
        assert_eq!(StanzaId::all(&message), [id]);
        assert_eq!(origin_id(&message), Some("8"));
    }
}
