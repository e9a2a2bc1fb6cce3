//! Since when nobody has touched a device (XEP-0319).

use crate::element::Element;
use crate::namespace;

/// The time that a presence gives, as it came: not checked (XEP-0082).
pub fn since(presence: &Element) -> Option<&str> {
    presence.child("idle", namespace::IDLE)?.attribute("since")
}

/// The `<idle/>` element.
pub fn to_element(since: &str) -> Element {
    Element::new("idle", namespace::IDLE).with_attribute("since", since)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{parse, written};
    use super::*;

    #[test]
    fn a_presence_without_it_gives_no_time() {
        for source in [
            "<presence xmlns='jabber:client'/>",
            "<presence xmlns='jabber:client'><idle xmlns='urn:xmpp:idle:1'/></presence>",
            "<presence xmlns='jabber:client'><idle since='2026-11-20T08:30:00Z'/></presence>",
        ] {
            assert_eq!(since(&parse(source)), None, "{source}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(time in "[0-9TZ:.<&' -]{0,30}") {
            let presence = Element::new("presence", namespace::CLIENT).with_child(to_element(&time));
            let read = parse(&written(&presence).replacen("<presence", "<presence xmlns='jabber:client'", 1));
            prop_assert_eq!(since(&read), Some(time.as_str()));
        }
    }
}
