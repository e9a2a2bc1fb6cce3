//! Quick responses (XEP-0439): choices that a client can show as buttons.
//!
//! A chosen [`Response`] comes back as a message with its value for a body; a chosen [`Action`] as a message
//! without a body that [`selected`] reads.

use crate::element::Element;
use crate::namespace;

/// A text to answer with (§4.1). No two in a message may have the same value or label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// What the answer's body will be.
    pub value: String,
    /// What people see instead of it.
    pub label: Option<String>,
    /// The `xml:lang` of the message's body, if that has one.
    pub lang: Option<String>,
}

impl Response {
    /// The `<response/>` element.
    pub fn to_element(&self) -> Element {
        let element = Element::new("response", namespace::QUICK_RESPONSE)
            .with_attribute("value", self.value.as_str())
            .with_optional_attribute("label", self.label.as_deref());
        in_language(element, self.lang.as_deref())
    }
}

/// Something that the sender will do (§4.2). No two in a message may have the same id or label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What names it in the answer.
    pub id: String,
    /// What people see.
    pub label: String,
    /// The `xml:lang` of the message's body, if that has one.
    pub lang: Option<String>,
}

impl Action {
    /// The `<action/>` element.
    pub fn to_element(&self) -> Element {
        let element = Element::new("action", namespace::QUICK_RESPONSE)
            .with_attribute("id", self.id.as_str())
            .with_attribute("label", self.label.as_str());
        in_language(element, self.lang.as_deref())
    }
}

/// The id of the action that a message chooses (§4.3).
pub fn selected(message: &Element) -> Option<&str> {
    message.child("action-selected", namespace::QUICK_RESPONSE)?.attribute("id")
}

fn in_language(element: Element, lang: Option<&str>) -> Element {
    match lang {
        Some(lang) => element.with_lang(lang),
        None => element,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    #[test]
    fn choices_are_written() {
        let response = Response { value: "yes".into(), label: Some("Yes!".into()), lang: Some("en".into()) };
        assert_eq!(
            written(&response.to_element()),
            "<response xmlns='urn:xmpp:tmp:quick-response' value='yes' label='Yes!' xml:lang='en'/>"
        );
        let action = Action { id: "7".into(), label: "Confirm".into(), lang: None };
        assert_eq!(
            written(&action.to_element()),
            "<action xmlns='urn:xmpp:tmp:quick-response' id='7' label='Confirm'/>"
        );
    }

    #[test]
    fn a_chosen_action_is_read() {
        let message = parse(
            "<message xmlns='jabber:client'><action-selected xmlns='urn:xmpp:tmp:quick-response' id='7'/></message>",
        );
        assert_eq!(selected(&message), Some("7"));
        assert_eq!(selected(&parse("<message xmlns='jabber:client'/>")), None);
    }
}
