//! Session establishment (RFC 3921 §3), which does nothing any more. Old clients ask for it and want a result
//! without a payload.

use crate::element::Element;
use crate::namespace;

/// Whether the payload of a `set` asks for a session.
pub fn is_request(payload: &Element) -> bool {
    payload.is("session", namespace::SESSION)
}

#[cfg(test)]
mod tests {
    use super::super::testing::parse;
    use super::*;

    #[test]
    fn a_request_is_told_from_others() {
        assert!(is_request(&parse("<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>")));
        assert!(!is_request(&parse("<session xmlns='urn:example:x'/>")));
    }
}
