//! Visiting cards as they were first (XEP-0054). What is in one is the clients' matter: the service keeps it as it came.

use crate::element::Element;
use crate::namespace;

/// How long a card may be, in bytes as written, its picture included.
pub const BYTES_MAX: usize = 64 * 1024;

/// Whether a payload asks for a card (§3.1), or is one (§3.2).
pub fn is_card(payload: &Element) -> bool {
    payload.is("vCard", namespace::VCARD)
}

/// The card of somebody who has none.
pub fn empty() -> Element {
    Element::new("vCard", namespace::VCARD)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    #[test]
    fn a_card_is_known_by_its_name_as_it_was_registered() {
        assert!(is_card(&parse("<vCard xmlns='vcard-temp'><FN>Anna</FN></vCard>")));
        assert!(!is_card(&parse("<vcard xmlns='vcard-temp'/>")));
        assert_eq!(written(&empty()), "<vCard xmlns='vcard-temp'/>");
    }
}
