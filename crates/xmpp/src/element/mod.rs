//! A small namespaced tree: what a stanza is once it has arrived, and what an answer is until it is written.

mod assemble;
mod escape;
mod parse;
#[cfg(test)]
mod properties;
mod write;

use std::borrow::Cow;

pub(crate) use assemble::{Assembled, Assembler, Root};
pub(crate) use escape::write_attribute;
pub(crate) use parse::{condition_of, new_parser};

use crate::namespace::{self, Namespace};

/// An XML element: a name in a namespace, attributes in the order they came, and children.
///
/// Names are constants of the program or came out of the parser, so that what is written is always well-formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    name: Cow<'static, str>,
    namespace: Namespace,
    attributes: Vec<Attribute>,
    children: Vec<Node>,
}

/// An attribute of an [`Element`]. Attributes without a prefix are in [`Namespace::NONE`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    namespace: Namespace,
    name: Cow<'static, str>,
    value: String,
}

/// A child of an [`Element`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A nested element.
    Element(Element),
    /// Character data, with references already resolved. Two texts never follow each other in a parsed tree.
    Text(String),
}

impl Element {
    /// An element without attributes or children.
    pub fn new(name: &'static str, namespace: impl Into<Namespace>) -> Self {
        Self::with_name(Cow::Borrowed(name), namespace.into())
    }

    /// An element whose name the parser has already checked.
    pub(crate) fn with_name(name: Cow<'static, str>, namespace: Namespace) -> Self {
        Self { name, namespace, attributes: Vec::new(), children: Vec::new() }
    }

    /// Adds an attribute in no namespace, or replaces its value.
    #[must_use]
    pub fn with_attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.set_attribute(name, value);
        self
    }

    /// Adds an attribute in no namespace if there is a value for it.
    #[must_use]
    pub fn with_optional_attribute(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with_attribute(name, value),
            None => self,
        }
    }

    /// Sets `xml:lang`.
    #[must_use]
    pub fn with_lang(mut self, lang: impl Into<String>) -> Self {
        self.set_lang(lang);
        self
    }

    /// Appends a child element.
    #[must_use]
    pub fn with_child(mut self, child: Element) -> Self {
        self.push(child);
        self
    }

    /// Appends child elements.
    #[must_use]
    pub fn with_children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children.into_iter().map(Node::Element));
        self
    }

    /// Appends text. Characters that XML cannot hold are written as U+FFFD.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.push_text(text.into());
        self
    }

    /// The local name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The namespace.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Whether this is the element `name` in `namespace`.
    pub fn is(&self, name: &str, namespace: &str) -> bool {
        self.name == name && self.namespace.as_str() == namespace
    }

    /// The value of an attribute in no namespace.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attribute_in(name, "")
    }

    /// The value of an attribute in `namespace`.
    pub fn attribute_in(&self, name: &str, namespace: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.is(name, namespace)).map(Attribute::value)
    }

    /// The element's own `xml:lang`.
    pub fn lang(&self) -> Option<&str> {
        self.attribute_in("lang", namespace::XML)
    }

    /// All attributes in the order they came, namespace declarations excepted.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The first child element `name` in `namespace`.
    pub fn child(&self, name: &str, namespace: &str) -> Option<&Element> {
        self.children().find(|child| child.is(name, namespace))
    }

    /// The child elements, in order.
    pub fn children(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Elements and texts, in order.
    pub fn nodes(&self) -> &[Node] {
        &self.children
    }

    /// The element's own character data, joined; that of nested elements is not part of it.
    pub fn text(&self) -> Cow<'_, str> {
        let mut texts = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        let first = texts.next().unwrap_or_default();
        match texts.next() {
            None => Cow::Borrowed(first),
            Some(second) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
        }
    }

    /// Adds an attribute in no namespace, or replaces its value.
    pub fn set_attribute(&mut self, name: &'static str, value: impl Into<String>) {
        self.set(Namespace::NONE, name, value.into());
    }

    /// Sets `xml:lang`.
    pub fn set_lang(&mut self, lang: impl Into<String>) {
        self.set(Namespace::from(namespace::XML), "lang", lang.into());
    }

    /// Removes an attribute in no namespace, and says what its value was.
    pub fn remove_attribute(&mut self, name: &str) -> Option<String> {
        let position = self.attributes.iter().position(|attribute| attribute.is(name, ""))?;
        Some(self.attributes.remove(position).value)
    }

    /// Appends a child element.
    pub fn push(&mut self, child: Element) {
        self.children.push(Node::Element(child));
    }

    /// Keeps only the child elements for which `keep` is true; texts stay.
    pub fn retain_children(&mut self, mut keep: impl FnMut(&Element) -> bool) {
        self.children.retain(|node| match node {
            Node::Element(element) => keep(element),
            Node::Text(_) => true,
        });
    }

    /// Keeps only the children for which `keep` is true.
    pub(crate) fn retain_nodes(&mut self, keep: impl FnMut(&Node) -> bool) {
        self.children.retain(keep);
    }

    /// Appends text, joining it with text that is already last.
    pub(crate) fn push_text(&mut self, text: String) {
        match self.children.last_mut() {
            _ if text.is_empty() => {}
            Some(Node::Text(last)) => last.push_str(&text),
            _ => self.children.push(Node::Text(text)),
        }
    }

    /// Appends an attribute that the parser has found to be the only one of its name.
    pub(crate) fn push_attribute(&mut self, namespace: Namespace, name: String, value: String) {
        self.attributes.push(Attribute { namespace, name: Cow::Owned(name), value });
    }

    fn set(&mut self, namespace: Namespace, name: &'static str, value: String) {
        match self.attributes.iter_mut().find(|attribute| attribute.is(name, &namespace)) {
            Some(attribute) => attribute.value = value,
            None => self.attributes.push(Attribute { namespace, name: Cow::Borrowed(name), value }),
        }
    }
}

impl Attribute {
    /// The namespace; [`Namespace::NONE`] for an attribute without a prefix.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// The local name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value, with references already resolved.
    pub fn value(&self) -> &str {
        &self.value
    }

    fn is(&self, name: &str, namespace: &str) -> bool {
        self.name == name && self.namespace.as_str() == namespace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_found_by_name_and_namespace() {
        let message = Element::new("message", namespace::CLIENT)
            .with_child(Element::new("body", "urn:example:other").with_text("no"))
            .with_child(Element::new("body", namespace::CLIENT).with_text("yes"));
        assert_eq!(
            message.child("body", namespace::CLIENT).map(|body| body.text().into_owned()),
            Some("yes".into())
        );
        assert_eq!(message.child("subject", namespace::CLIENT), None);
    }

    #[test]
    fn setting_an_attribute_twice_keeps_the_last_value_once() {
        let mut element =
            Element::new("iq", namespace::CLIENT).with_attribute("id", "1").with_attribute("id", "2");
        assert_eq!(element.attributes().len(), 1);
        assert_eq!(element.remove_attribute("id").as_deref(), Some("2"));
        assert_eq!(element.attribute("id"), None);
    }

    #[test]
    fn an_attribute_without_a_prefix_is_not_xml_lang() {
        let element = Element::new("body", namespace::CLIENT).with_attribute("lang", "de");
        assert_eq!(element.lang(), None);
        assert_eq!(element.with_lang("fr").lang(), Some("fr"));
    }

    #[test]
    fn text_around_a_child_is_joined() {
        let element = Element::new("p", "urn:example:x")
            .with_text("a")
            .with_child(Element::new("b", "urn:example:x").with_text("not me"))
            .with_text("c");
        assert_eq!(element.text(), "ac");
    }
}
