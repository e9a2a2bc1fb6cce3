//! Message delivery receipts (XEP-0184).

use crate::element::Element;
use crate::namespace;

/// Whether a message asks for a receipt.
pub fn is_requested(message: &Element) -> bool {
    message.child("request", namespace::RECEIPTS).is_some()
}

/// The id of the message that this is a receipt for.
pub fn received(message: &Element) -> Option<&str> {
    message.child("received", namespace::RECEIPTS)?.attribute("id")
}

/// Asks for a receipt. The message needs an id.
pub fn request() -> Element {
    Element::new("request", namespace::RECEIPTS)
}

/// The receipt for the message of that id.
pub fn receipt(id: &str) -> Element {
    Element::new("received", namespace::RECEIPTS).with_attribute("id", id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_receipts_are_told_apart() {
        let message = |child| Element::new("message", namespace::CLIENT).with_child(child);
        assert!(is_requested(&message(request())));
        assert_eq!(received(&message(request())), None);
        assert_eq!(received(&message(receipt("7"))), Some("7"));
        assert!(!is_requested(&message(receipt("7"))));
    }
}
