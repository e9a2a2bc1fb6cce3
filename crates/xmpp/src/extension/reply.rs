//! Replies (XEP-0461), and what older clients are shown of what is replied to (XEP-0428).

use crate::element::Element;
use crate::namespace;

/// Which message another one answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its id.
    pub id: String,
    /// Who had sent it.
    pub to: Option<String>,
}

impl Reply {
    /// Reads what a message says of it.
    pub fn read(message: &Element) -> Option<Self> {
        let element = message.child("reply", namespace::REPLY)?;
        Some(Self { id: element.attribute("id")?.to_owned(), to: element.attribute("to").map(str::to_owned) })
    }

    /// What says it.
    pub fn to_element(&self) -> Element {
        Element::new("reply", namespace::REPLY)
            .with_optional_attribute("to", self.to.as_deref())
            .with_attribute("id", self.id.as_str())
    }
}

/// A body without the part that only says to older clients what is said otherwise too: for `namespace`, or for each
/// where that is not said (XEP-0428 §3). Positions are code points, and what makes no sense is passed over.
pub fn without_fallback(message: &Element, body: &str, namespace: &str) -> String {
    let is_meant = |child: &&Element| {
        child.is("fallback", namespace::FALLBACK) && child.attribute("for").is_none_or(|of| of == namespace)
    };
    let mut letters: Vec<Option<char>> = body.chars().map(Some).collect();
    for fallback in message.children().filter(is_meant) {
        for part in fallback.children().filter(|child| child.is("body", namespace::FALLBACK)) {
            let position = |name, otherwise| match part.attribute(name) {
                Some(text) => text.parse().unwrap_or(otherwise),
                None => otherwise,
            };
            let (start, end) = (position("start", 0), position("end", letters.len()).min(letters.len()));
            letters.iter_mut().take(end).skip(start).for_each(|letter| *letter = None);
        }
    }
    letters.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::extension::testing::parse;

    #[test]
    fn a_reply_is_read_as_it_was_written_and_the_quotation_left_out() {
        let reply = Reply { id: "7".to_owned(), to: Some("b@x.test".to_owned()) };
        let message = Element::new("message", namespace::CLIENT).with_child(reply.to_element());
        assert_eq!(Reply::read(&message), Some(reply));
        let message = parse(
            "<message xmlns='jabber:client'><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>\
             <body start='0' end='8'/></fallback></message>",
        );
        assert_eq!(without_fallback(&message, "> Lünch\nYes", namespace::REPLY), "Yes");
        assert_eq!(without_fallback(&message, "> Lünch\nYes", namespace::OUT_OF_BAND), "> Lünch\nYes");
    }

    proptest! {
        #[test]
        fn no_position_breaks_the_reader(start in "-?[0-9]{0,20}", end in "-?[0-9]{0,20}", body in ".{0,20}") {
            let part = Element::new("body", namespace::FALLBACK)
                .with_attribute("start", start)
                .with_attribute("end", end);
            let fallback = Element::new("fallback", namespace::FALLBACK).with_child(part);
            let message = Element::new("message", namespace::CLIENT).with_child(fallback);
            prop_assert!(without_fallback(&message, &body, namespace::REPLY).len() <= body.len());
        }
    }
}
