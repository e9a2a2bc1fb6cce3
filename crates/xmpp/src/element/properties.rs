//! Properties that hold for every tree and for every sequence of bytes.

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::prelude::*;
use rxml::{Event, Parse};

use super::*;
use crate::stream::Limits;

/// Names, among them some that need more than one byte a letter.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "body", "x-1", "_y", "été", "名"]).prop_map(str::to_owned)
}

fn element_namespace() -> impl Strategy<Value = String> {
    let names = ["", namespace::CLIENT, namespace::XML, "urn:example:a", "urn:<&'\">\t\r\n", "ns with space"];
    prop::sample::select(names.to_vec()).prop_map(str::to_owned)
}

/// Any but the XML namespace, which cannot be a default one.
fn default_namespace() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", namespace::CLIENT, "urn:example:a", "urn:<&'\">"]).prop_map(str::to_owned)
}

/// Text that XML can hold, rich in what has to be escaped.
fn text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        "&", "<", ">", "]]>", "'", "\"", "\r", "\n", "\r\n", "\t", " ", "&amp;", "\u{FFFD}",
    ]);
    let any = any::<char>().prop_filter_map("not an XML character", |character| {
        let allowed = match character {
            '\t' | '\n' | '\r' => true,
            '\u{FFFE}' | '\u{FFFF}' => false,
            _ => character >= ' ',
        };
        allowed.then(|| character.to_string())
    });
    vec(prop_oneof![special.prop_map(str::to_owned), any], 0..8).prop_map(|parts| parts.concat())
}

fn attributed() -> impl Strategy<Value = Element> {
    let attributes = vec((element_namespace(), name(), text()), 0..5);
    (name(), element_namespace(), attributes).prop_map(|(name, namespace, attributes)| {
        let mut element = Element::with_name(Cow::Owned(name), Namespace::from(namespace));
        for (namespace, name, value) in attributes {
            if element.attribute_in(&name, &namespace).is_none() {
                element.push_attribute(Namespace::from(namespace), name, value);
            }
        }
        element
    })
}

fn tree() -> impl Strategy<Value = Element> {
    attributed().prop_recursive(5, 40, 6, |inner| {
        let node = prop_oneof![inner.prop_map(Node::Element), text().prop_map(Node::Text)];
        (attributed(), vec(node, 0..6)).prop_map(|(mut element, nodes)| {
            for node in nodes {
                match node {
                    Node::Element(child) => element.push(child),
                    Node::Text(text) => element.push_text(text),
                }
            }
            element
        })
    })
}

/// Documents whose tags match, with prefixes that may be declared, declared again, or not at all.
fn document() -> impl Strategy<Value = String> {
    let attributes = [
        " xmlns:p='urn:a'",
        " xmlns:p='urn:b'",
        " xmlns:q='urn:a'",
        " xmlns:xml='http://www.w3.org/XML/1998/namespace'",
        " xmlns:p=''",
        " p:x='1'",
        " q:x='2'",
        " x='3'",
        " xml:lang='en'",
    ];
    let attributes =
        move || vec(prop::sample::select(attributes.to_vec()), 0..4).prop_map(|parts| parts.concat());
    let name = || prop::sample::select(vec!["a", "a", "p:a", "q:a", "xml:a"]);
    let text =
        prop::sample::select(vec!["text", "&lt;", "&#x41;", "<![CDATA[<]]>", " "]).prop_map(str::to_owned);
    let leaf = prop_oneof![
        text,
        (name(), attributes()).prop_map(|(name, attributes)| format!("<{name}{attributes}/>"))
    ];
    let inner = leaf.prop_recursive(4, 24, 4, move |inner| {
        (name(), attributes(), vec(inner, 0..4)).prop_map(|(name, attributes, children)| {
            format!("<{name}{attributes}>{}</{name}>", children.concat())
        })
    });
    vec(inner, 0..3)
        .prop_map(|children| format!("<a xmlns:p='urn:p' xmlns:q='urn:q'>{}</a>", children.concat()))
}

/// The same document by rxml's own namespace resolution.
fn by_rxml(bytes: &[u8]) -> Option<Element> {
    let mut parser = rxml::Parser::new();
    let mut input = bytes;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        match parser.parse(&mut input, true).ok()? {
            None => return root,
            Some(Event::XmlDeclaration(..)) => {}
            Some(Event::StartElement(_, (namespace, name), attributes)) => {
                let mut element =
                    Element::with_name(Cow::Owned(name.into()), Namespace::from(String::from(namespace)));
                for ((namespace, name), value) in attributes {
                    element.push_attribute(Namespace::from(String::from(namespace)), name.into(), value);
                }
                open.push(element);
            }
            Some(Event::Text(_, text)) => open.last_mut()?.push_text(text),
            Some(Event::EndElement(_)) => {
                let element = open.pop()?;
                match open.last_mut() {
                    Some(parent) => parent.push(element),
                    None => root = Some(element),
                }
            }
        }
    }
}

/// Attributes in an order of their own, since rxml gives them in another.
fn with_sorted_attributes(mut element: Element) -> Element {
    element
        .attributes
        .sort_by(|a, b| (a.namespace().as_str(), a.name()).cmp(&(b.namespace().as_str(), b.name())));
    for node in &mut element.children {
        if let Node::Element(child) = node {
            *child = with_sorted_attributes(child.clone());
        }
    }
    element
}

proptest! {
    #[test]
    fn a_written_element_parses_back_equal(element in tree(), inherited in default_namespace()) {
        let mut bytes = b"<w xmlns='".to_vec();
        write_attribute(&mut bytes, &inherited);
        bytes.extend_from_slice(b"'>");
        element.write(&mut bytes, &inherited);
        bytes.extend_from_slice(b"</w>");
        let wrapper = Element::parse(&bytes, &Limits::default()).unwrap();
        prop_assert_eq!(wrapper.children().next(), Some(&element));

        let alone = Element::parse(&element.to_bytes(""), &Limits::default()).unwrap();
        prop_assert_eq!(alone, element);
    }

    #[test]
    fn whatever_the_text_what_is_written_is_well_formed(text in any::<String>(), bytes in vec(0_u8..0x20, 0..8)) {
        let text = text + &String::from_utf8(bytes).unwrap() + "\u{FFFE}\u{FFFF}";
        let element = Element::new("a", "").with_attribute("b", text.as_str()).with_text(text);
        prop_assert!(Element::parse(&element.to_bytes(""), &Limits::default()).is_ok());
    }

    #[test]
    fn namespaces_resolve_as_rxml_resolves_them(document in document()) {
        let ours = Element::parse(document.as_bytes(), &Limits::default()).ok().map(with_sorted_attributes);
        prop_assert_eq!(ours, by_rxml(document.as_bytes()).map(with_sorted_attributes));
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in vec(any::<u8>(), 0..64)) {
        let _ = Element::parse(&bytes, &Limits::default());
    }
}
