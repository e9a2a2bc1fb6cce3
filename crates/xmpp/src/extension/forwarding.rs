//! Stanza forwarding (XEP-0297).

use super::delay::Delay;
use crate::element::Element;
use crate::namespace;

/// How every message begins that [`write_message`](crate::native::write_message) has written.
const START: &[u8] = b"<message";

/// Appends a `<forwarded/>` that holds a message as it is stored, with the time when it was taken.
pub fn write(out: &mut Vec<u8>, delay: Option<&Delay>, message: &[u8]) {
    let forwarded = Element::new("forwarded", namespace::FORWARD).with_children(delay.map(Delay::to_element));
    forwarded.write_around(out, "", |out| {
        // What is stored leaves out the namespace of the stream that it is written into.
        out.extend_from_slice(b"<message xmlns='jabber:client'");
        out.extend_from_slice(message.strip_prefix(START).unwrap_or(b"/>"));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::write_message;
    use crate::stream::Limits;

    #[test]
    fn a_forwarded_message_means_the_same_as_the_stored_one() {
        let body = Element::new("body", namespace::CLIENT).with_text("a < b");
        let message =
            Element::new("message", namespace::CLIENT).with_attribute("to", "b@x.test").with_child(body);
        let delay = Delay { from: None, stamp: "2026-11-20T08:30:00Z".into(), reason: None };
        let mut out = Vec::new();
        write(&mut out, Some(&delay), &write_message(&message));
        let forwarded = Element::parse(&out, &Limits::default()).unwrap();
        assert!(forwarded.is("forwarded", namespace::FORWARD));
        assert_eq!(Delay::all(&forwarded), [delay]);
        assert_eq!(forwarded.child("message", namespace::CLIENT), Some(&message));
    }
}
