//! Software version (XEP-0092).

use crate::element::Element;
use crate::namespace;

/// Whether the payload of a `get` asks for the version.
pub fn is_request(payload: &Element) -> bool {
    payload.is("query", namespace::VERSION)
}

/// The payload of the result. The operating system is a matter of policy: `None` keeps it to ourselves.
pub fn result(name: &str, version: &str, os: Option<&str>) -> Element {
    let child = |name, text: &str| Element::new(name, namespace::VERSION).with_text(text);
    Element::new("query", namespace::VERSION)
        .with_child(child("name", name))
        .with_child(child("version", version))
        .with_children(os.map(|os| child("os", os)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    #[test]
    fn the_version_is_told_and_the_system_only_if_wanted() {
        assert!(is_request(&parse("<query xmlns='jabber:iq:version'/>")));
        assert_eq!(
            written(&result("messngr", "1.0", None)),
            "<query xmlns='jabber:iq:version'><name>messngr</name><version>1.0</version></query>"
        );
        assert!(written(&result("messngr", "1.0", Some("Linux"))).contains("<os>Linux</os>"));
    }
}
