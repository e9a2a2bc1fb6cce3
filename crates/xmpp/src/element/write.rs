//! Writing an [`Element`] as XML.

use super::escape::{write_attribute, write_text};
use super::{Element, Node};
use crate::namespace::{self, Namespace};

impl Element {
    /// Appends the element to `out`. `inherited_namespace` is the default namespace at that place
    /// (`jabber:client` inside a client's stream, empty for a document of its own): it is declared again only
    /// where an element differs from it. Prefixes are made up for namespaced attributes alone.
    pub fn write(&self, out: &mut Vec<u8>, inherited_namespace: &str) {
        self.write_start(out, inherited_namespace);
        if self.children.is_empty() {
            out.extend_from_slice(b"/>");
        } else {
            out.push(b'>');
            self.write_children(out, inherited_namespace);
            self.write_end(out);
        }
    }

    /// The element alone: [`write`](Self::write) into a new buffer.
    pub fn to_bytes(&self, inherited_namespace: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        self.write(&mut out, inherited_namespace);
        out
    }

    /// Appends the element with an end tag of its own, even when it has no children.
    pub(crate) fn write_with_end_tag(&self, out: &mut Vec<u8>, inherited_namespace: &str) {
        self.write_start(out, inherited_namespace);
        out.push(b'>');
        self.write_children(out, inherited_namespace);
        self.write_end(out);
    }

    /// Appends the element with more content behind its children: bytes that are well-formed inside of it.
    pub(crate) fn write_around(
        &self,
        out: &mut Vec<u8>,
        inherited_namespace: &str,
        content: impl FnOnce(&mut Vec<u8>),
    ) {
        self.write_start(out, inherited_namespace);
        out.push(b'>');
        self.write_children(out, inherited_namespace);
        content(out);
        self.write_end(out);
    }

    /// The start tag without its `>`.
    fn write_start(&self, out: &mut Vec<u8>, inherited_namespace: &str) {
        out.push(b'<');
        self.write_name(out);
        if !self.is_in_xml_namespace() && self.namespace.as_str() != inherited_namespace {
            out.extend_from_slice(b" xmlns='");
            write_attribute(out, &self.namespace);
            out.push(b'\'');
        }
        let mut prefixes: Vec<&Namespace> = Vec::new();
        for attribute in &self.attributes {
            let name = attribute.name();
            match attribute.namespace().as_str() {
                "" => write_pair(out, &[name], attribute.value()),
                namespace::XML => write_pair(out, &["xml:", name], attribute.value()),
                namespace => {
                    let known = prefixes.iter().position(|known| known.as_str() == namespace);
                    let number = known.unwrap_or(prefixes.len()).to_string();
                    if known.is_none() {
                        prefixes.push(attribute.namespace());
                        write_pair(out, &["xmlns:n", &number], namespace);
                    }
                    write_pair(out, &["n", &number, ":", name], attribute.value());
                }
            }
        }
    }

    fn write_children(&self, out: &mut Vec<u8>, inherited_namespace: &str) {
        let inherited =
            if self.is_in_xml_namespace() { inherited_namespace } else { self.namespace.as_str() };
        for node in &self.children {
            match node {
                Node::Element(element) => element.write(out, inherited),
                Node::Text(text) => write_text(out, text),
            }
        }
    }

    fn write_end(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"</");
        self.write_name(out);
        out.push(b'>');
    }

    fn write_name(&self, out: &mut Vec<u8>) {
        if self.is_in_xml_namespace() {
            out.extend_from_slice(b"xml:");
        }
        out.extend_from_slice(self.name.as_bytes());
    }

    /// That namespace may not be declared as the default one (Namespaces in XML §3).
    fn is_in_xml_namespace(&self) -> bool {
        self.namespace.as_str() == namespace::XML
    }
}

fn write_pair(out: &mut Vec<u8>, name: &[&str], value: &str) {
    out.push(b' ');
    for part in name {
        out.extend_from_slice(part.as_bytes());
    }
    out.extend_from_slice(b"='");
    write_attribute(out, value);
    out.push(b'\'');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Limits;

    fn written(element: &Element, inherited: &str) -> String {
        String::from_utf8(element.to_bytes(inherited)).unwrap()
    }

    #[test]
    fn a_namespace_is_declared_only_where_it_changes() {
        let iq = Element::new("iq", namespace::CLIENT).with_attribute("id", "a'b").with_child(
            Element::new("query", namespace::ROSTER).with_child(Element::new("item", namespace::ROSTER)),
        );
        assert_eq!(
            written(&iq, namespace::CLIENT),
            "<iq id='a&apos;b'><query xmlns='jabber:iq:roster'><item/></query></iq>"
        );
        assert_eq!(
            written(&iq, ""),
            "<iq xmlns='jabber:client' id='a&apos;b'><query xmlns='jabber:iq:roster'><item/></query></iq>"
        );
    }

    #[test]
    fn namespaced_attributes_get_one_prefix_for_each_namespace() {
        let source = "<a xmlns:p='urn:p' xmlns:q='urn:q' p:x='1' q:y='2' p:z='3' z='4' xml:lang='en'/>";
        let element = Element::parse(source.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(
            written(&element, ""),
            "<a xmlns:n0='urn:p' n0:x='1' xmlns:n1='urn:q' n1:y='2' n0:z='3' z='4' xml:lang='en'/>"
        );
    }

    #[test]
    fn an_element_in_no_namespace_takes_the_default_back() {
        let element = Element::new("a", "urn:example:x").with_child(Element::new("b", ""));
        assert_eq!(written(&element, ""), "<a xmlns='urn:example:x'><b xmlns=''/></a>");
    }

    #[test]
    fn an_element_of_the_xml_namespace_keeps_its_prefix_and_the_default_of_its_children() {
        let source = b"<a xmlns='urn:example:x'><xml:b><c/></xml:b></a>";
        let element = Element::parse(source, &Limits::default()).unwrap();
        assert_eq!(written(&element, "").as_bytes(), source);
    }
}
