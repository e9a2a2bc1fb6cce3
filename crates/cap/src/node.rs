//! A document as a tree, with limits that hold while it grows, and a walk over children in the order of a schema.

use rxml::{Event, Options, Parse, Parser, WithOptions, error::EndOrError};

use crate::{ATTRIBUTES_MAX, BYTES_MAX, CapError, DEPTH_MAX, ELEMENTS_MAX, NAMESPACE};

/// The longest name or attribute. Text may be longer: it comes in pieces.
const TOKEN_BYTES_MAX: usize = 8_192;

/// What any element may have an attribute of (XML Schema Part 1 §2.6).
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An element and what is in it.
#[derive(Debug)]
pub(crate) struct Node {
    name: String,
    is_foreign: bool,
    text: String,
    children: Vec<Node>,
}

/// The outermost element of a document.
pub(crate) fn parse(bytes: &[u8]) -> Result<Node, CapError> {
    if bytes.len() > BYTES_MAX {
        return Err(CapError::TooMany { what: "bytes", limit: BYTES_MAX });
    }
    let options = Options { max_token_length: TOKEN_BYTES_MAX, ..Options::default() };
    let mut parser = <Parser as WithOptions>::with_options(options);
    let (mut input, mut open, mut elements, mut root) = (bytes, Vec::<Node>::new(), 0, None);
    loop {
        match parser.parse(&mut input, true) {
            Ok(None) => break,
            Err(EndOrError::NeedMoreData) => {
                return Err(CapError::Xml { why: "it ends too early".to_owned() });
            }
            Err(EndOrError::Error(error)) => return Err(CapError::Xml { why: error.to_string() }),
            Ok(Some(Event::XmlDeclaration(..))) => {}
            Ok(Some(Event::Text(_, text))) => {
                if let Some(node) = open.last_mut() {
                    node.text.push_str(&text);
                }
            }
            Ok(Some(Event::StartElement(_, (namespace, name), attributes))) => {
                elements += 1;
                let limits = [
                    ("elements", elements, ELEMENTS_MAX),
                    ("nested elements", open.len() + 1, DEPTH_MAX),
                    ("attributes", attributes.len(), ATTRIBUTES_MAX),
                ];
                if let Some((what, _, limit)) = limits.into_iter().find(|(_, count, limit)| count > limit) {
                    return Err(CapError::TooMany { what, limit });
                }
                // What is inside a foreign element is as foreign, whatever it says.
                let foreign =
                    namespace.as_str() != NAMESPACE || open.last().is_some_and(|node| node.is_foreign);
                let own = attributes.iter().find(|((namespace, _), _)| namespace.as_str() != SCHEMA_INSTANCE);
                if let Some(((_, attribute), _)) = own.filter(|_| !foreign) {
                    let what = format!("the attribute {}", attribute.as_str());
                    return Err(CapError::Unexpected { within: name.to_string(), what });
                }
                let (name, text, children) = (name.to_string(), String::new(), Vec::new());
                open.push(Node { name, is_foreign: foreign, text, children });
            }
            Ok(Some(Event::EndElement(_))) => {
                let Some(node) = open.pop() else { continue };
                match open.last_mut() {
                    Some(parent) if parent.is_foreign => {}
                    Some(parent) => parent.children.push(node),
                    None => root = Some(node),
                }
            }
        }
    }
    root.ok_or_else(|| CapError::Xml { why: "it has no element".to_owned() })
}

impl Node {
    /// Whether it is the element of this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        !self.is_foreign && self.name == name
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its text, where it has nothing else.
    pub(crate) fn text(&self) -> Result<&str, CapError> {
        match self.children.first() {
            Some(child) => Err(unexpected(&self.name, child)),
            None => Ok(&self.text),
        }
    }

    /// A walk over its children, where it has no text of its own.
    pub(crate) fn walk(&self) -> Result<Walk<'_>, CapError> {
        if self.text.contains(|c: char| !matches!(c, ' ' | '\t' | '\n' | '\r')) {
            return Err(CapError::Unexpected {
                within: self.name.clone(),
                what: "text of its own".to_owned(),
            });
        }
        Ok(Walk { within: &self.name, left: &self.children })
    }
}

/// The children of an element that nobody has asked for yet. They are asked for in the order of the schema.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    within: &'a str,
    left: &'a [Node],
}

impl<'a> Walk<'a> {
    /// The next child, if it has this name.
    pub(crate) fn optional(&mut self, name: &str) -> Option<&'a Node> {
        let (first, rest) = self.left.split_first()?;
        if !first.is(name) {
            return None;
        }
        self.left = rest;
        Some(first)
    }

    /// The next child, which has to have this name.
    pub(crate) fn required(&mut self, name: &'static str) -> Result<&'a Node, CapError> {
        self.optional(name).ok_or_else(|| CapError::Missing { within: self.within.to_owned(), name })
    }

    /// All children of this name that come next.
    pub(crate) fn many(&mut self, name: &str) -> &'a [Node] {
        let count = self.left.iter().take_while(|node| node.is(name)).count();
        let (found, rest) = self.left.split_at(count);
        self.left = rest;
        found
    }

    /// Leaves out what comes next and is of another namespace.
    pub(crate) fn skip_foreign(&mut self) {
        let count = self.left.iter().take_while(|node| node.is_foreign).count();
        self.left = &self.left[count..];
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), CapError> {
        self.left.first().map_or(Ok(()), |node| Err(unexpected(self.within, node)))
    }
}

fn unexpected(within: &str, node: &Node) -> CapError {
    let what = if node.is_foreign {
        format!("<{}> of another namespace", node.name)
    } else {
        format!("<{}>", node.name)
    };
    CapError::Unexpected { within: within.to_owned(), what }
}
