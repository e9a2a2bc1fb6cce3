//! Out-of-band data (XEP-0066 §3): where something is that belongs to a message.

use crate::{element::Element, namespace};

/// The `<x/>` element that says where it is.
pub fn element(url: &str) -> Element {
    let url = Element::new("url", namespace::OUT_OF_BAND).with_text(url);
    Element::new("x", namespace::OUT_OF_BAND).with_child(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::testing::written;

    #[test]
    fn it_says_where_it_is() {
        let expected = "<x xmlns='jabber:x:oob'><url>https://x.internal/?a=1&amp;b</url></x>";
        assert_eq!(written(&element("https://x.internal/?a=1&b")), expected);
    }
}
