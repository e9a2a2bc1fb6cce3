//! Corrections of the last message (XEP-0308).

use crate::element::Element;
use crate::namespace;

/// Says that a message stands in the place of the one of that id.
pub fn replace(id: &str) -> Element {
    Element::new("replace", namespace::CORRECTION).with_attribute("id", id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stanza::MessageContent;

    #[test]
    fn what_is_written_is_read_as_a_correction() {
        let message = Element::new("message", namespace::CLIENT).with_child(replace("7"));
        assert_eq!(MessageContent::read(&message).correction_of.as_deref(), Some("7"));
    }
}
