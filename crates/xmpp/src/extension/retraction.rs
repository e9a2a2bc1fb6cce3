//! Messages that are taken back (XEP-0424).

use crate::element::Element;
use crate::namespace;

/// Takes the message of that id back, and asks archives to keep that (XEP-0424 §4).
pub fn retract(id: &str) -> [Element; 2] {
    let retract = Element::new("retract", namespace::RETRACTION).with_attribute("id", id);
    [retract, Element::new("store", namespace::HINTS)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stanza::MessageContent;

    #[test]
    fn what_is_written_is_read_as_a_retraction_that_is_kept() {
        let message = Element::new("message", namespace::CLIENT).with_children(retract("7"));
        let content = MessageContent::read(&message);
        assert_eq!(content.retraction_of.as_deref(), Some("7"));
        assert!(content.is_durable());
    }
}
