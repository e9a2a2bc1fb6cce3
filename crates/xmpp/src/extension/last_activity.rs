//! Last activity (XEP-0012): how long ago somebody was last there, or how long the service has been running.

use crate::element::Element;
use crate::namespace;

/// Whether the payload of a `get` asks for it.
pub fn is_request(payload: &Element) -> bool {
    payload.is("query", namespace::LAST_ACTIVITY)
}

/// The payload of the result, with what somebody said when they left (§4).
pub fn result(seconds: u64, status: Option<&str>) -> Element {
    let query =
        Element::new("query", namespace::LAST_ACTIVITY).with_attribute("seconds", seconds.to_string());
    match status {
        Some(status) => query.with_text(status),
        None => query,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    #[test]
    fn a_time_is_told_in_seconds_with_the_last_status() {
        assert!(is_request(&parse("<query xmlns='jabber:iq:last'/>")));
        assert_eq!(
            written(&result(903, Some("gone"))),
            "<query xmlns='jabber:iq:last' seconds='903'>gone</query>"
        );
        assert_eq!(written(&result(0, None)), "<query xmlns='jabber:iq:last' seconds='0'/>");
    }
}
