//! The mark of what a program sent by itself: the header `Auto-Submitted` (RFC 3834 §5), as stanzas carry headers
//! (XEP-0131). No other header is read or written.

use crate::element::Element;
use crate::namespace;

const HEADER: &str = "Auto-Submitted";

/// Whether a message says that no person sent it. Without the header, or with `no`, one did (RFC 3834 §5).
pub fn is_marked(message: &Element) -> bool {
    let headers = message.children().filter(|child| child.is("headers", namespace::HEADERS));
    headers.flat_map(Element::children).any(|header| {
        let named = header.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case(HEADER));
        header.is("header", namespace::HEADERS) && named && !says_no(&header.text())
    })
}

/// The word comes before parameters and comments.
fn says_no(value: &str) -> bool {
    let word = value.split([';', '(']).next().unwrap_or_default();
    word.trim().eq_ignore_ascii_case("no")
}

/// The header of an answer that a program gives.
pub fn replied() -> Element {
    let header =
        Element::new("header", namespace::HEADERS).with_attribute("name", HEADER).with_text("auto-replied");
    Element::new("headers", namespace::HEADERS).with_child(header)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::parse;
    use super::*;

    fn marked(headers: &str) -> bool {
        let source = format!(
            "<message xmlns='jabber:client'><headers xmlns='http://jabber.org/protocol/shim'>{headers}</headers></message>"
        );
        is_marked(&parse(&source))
    }

    #[test]
    fn what_was_written_is_read_again() {
        let message = Element::new("message", namespace::CLIENT);
        assert!(!is_marked(&message));
        assert!(is_marked(&message.with_child(replied())));
    }

    #[test]
    fn every_value_but_no_marks_a_message_whatever_the_case() {
        for automatic in ["auto-generated", "AUTO-replied; owner-email=a@b", "x"] {
            assert!(marked(&format!("<header name='auto-submitted'>{automatic}</header>")), "{automatic}");
        }
        for by_a_person in ["no", " No ", "no (really)"] {
            assert!(
                !marked(&format!("<header name='Auto-Submitted'>{by_a_person}</header>")),
                "{by_a_person}"
            );
        }
        assert!(!marked("<header name='Urgency'>high</header><header>auto-replied</header>"));
    }

    proptest! {
        #[test]
        fn no_value_breaks_the_reader(value in "[a-zA-Z;( )öß-]{0,30}") {
            let _ = marked(&format!("<header name='Auto-Submitted'>{value}</header>"));
        }
    }
}
