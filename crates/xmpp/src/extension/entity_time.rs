//! Entity time (XEP-0202).

use crate::element::Element;
use crate::namespace;

/// Whether the payload of a `get` asks for the time.
pub fn is_request(payload: &Element) -> bool {
    payload.is("time", namespace::TIME)
}

/// The payload of the result: the time in UTC (`2026-11-20T08:30:00Z`, XEP-0082) and the local zone's offset
/// (`+01:00`, or `Z`).
pub fn result(utc: &str, offset: &str) -> Element {
    Element::new("time", namespace::TIME)
        .with_child(Element::new("tzo", namespace::TIME).with_text(offset))
        .with_child(Element::new("utc", namespace::TIME).with_text(utc))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    #[test]
    fn the_time_is_told_with_the_zone() {
        assert!(is_request(&parse("<time xmlns='urn:xmpp:time'/>")));
        assert_eq!(
            written(&result("2026-11-20T08:30:00Z", "+01:00")),
            "<time xmlns='urn:xmpp:time'><tzo>+01:00</tzo><utc>2026-11-20T08:30:00Z</utc></time>"
        );
    }
}
