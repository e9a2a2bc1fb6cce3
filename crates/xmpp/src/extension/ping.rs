//! Ping (XEP-0199). It is answered with a result without a payload.

use crate::element::Element;
use crate::namespace;

/// Whether the payload of a `get` is a ping.
pub fn is_request(payload: &Element) -> bool {
    payload.is("ping", namespace::PING)
}

/// The payload of a ping to a client.
pub fn request() -> Element {
    Element::new("ping", namespace::PING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_ping_is_recognised() {
        assert!(is_request(&request()));
        assert!(!is_request(&Element::new("ping", namespace::TIME)));
    }
}
