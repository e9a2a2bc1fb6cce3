//! Putting elements together from what the XML parser emits, with namespaces resolved and limits held while
//! the bytes arrive.
//!
//! rxml's raw parser has already checked the grammar, that start and end tags match, and that reserved
//! prefixes are not bound. Left to do (Namespaces in XML §5, §6): resolve prefixes, refuse undeclared ones and
//! attributes that come twice.

use std::borrow::Cow;

use rxml::{RawEvent, RawQName};

use super::Element;
use crate::namespace::{self, Namespace};
use crate::stream::{Limits, StreamCondition, StreamError};

/// How many namespace declarations may be in force at one place. It bounds the work of resolving a prefix.
const DECLARATIONS_MAX: usize = 256;

/// Something complete.
#[derive(Debug)]
pub(crate) enum Assembled {
    /// The start tag of the stream; its children follow one by one.
    Root(Root),
    /// An element with everything in it: a child of the stream, or the whole document.
    Complete(Element),
    /// Text directly inside the stream.
    StrayText(String),
    /// The end tag of the stream.
    RootClosed,
}

/// The start tag of a stream.
#[derive(Debug)]
pub(crate) struct Root {
    /// The element, without children.
    pub(crate) element: Element,
    /// The prefix of its name.
    pub(crate) prefix: Option<String>,
    /// The default namespace inside it.
    pub(crate) default_namespace: Namespace,
}

impl Root {
    /// Whether it was written so: with this prefix and this local name.
    pub(crate) fn is_called(&self, (prefix, name): (&str, &str)) -> bool {
        self.prefix.as_deref() == Some(prefix) && self.element.name() == name
    }
}

/// Assembles either the children of a stream or one document.
#[derive(Debug)]
pub(crate) struct Assembler {
    is_stream: bool,
    root_open: bool,
    declarations: Vec<Declaration>,
    head: Option<Head>,
    /// From the outermost element of the stanza to the innermost that is open.
    open: Vec<Element>,
    elements: usize,
}

#[derive(Debug)]
struct Declaration {
    depth: usize,
    prefix: Option<String>,
    namespace: Namespace,
}

/// A start tag whose `>` has not come yet.
#[derive(Debug)]
struct Head {
    name: RawQName,
    attributes: Vec<(RawQName, String)>,
    declarations: usize,
}

impl Assembler {
    /// For a stream: [`Assembled::Root`], then each child.
    pub(crate) fn stream() -> Self {
        Self::new(true)
    }

    /// For one document: [`Assembled::Complete`] once.
    pub(crate) fn document() -> Self {
        Self::new(false)
    }

    fn new(is_stream: bool) -> Self {
        Self {
            is_stream,
            root_open: false,
            declarations: Vec::new(),
            head: None,
            open: Vec::new(),
            elements: 0,
        }
    }

    /// Takes the next event. Events must come from one [`rxml::RawParser`], in order.
    pub(crate) fn take(
        &mut self,
        event: RawEvent,
        limits: &Limits,
    ) -> Result<Option<Assembled>, StreamError> {
        match event {
            RawEvent::XmlDeclaration(..) => Ok(None),
            RawEvent::ElementHeadOpen(_, name) => self.open_head(name, limits).map(|()| None),
            RawEvent::Attribute(_, name, value) => self.attribute(name, value, limits).map(|()| None),
            RawEvent::ElementHeadClose(_) => self.close_head(),
            RawEvent::ElementFoot(_) => Ok(self.close_element()),
            RawEvent::Text(_, text) => Ok(self.text(text)),
        }
    }

    /// Gives back memory that only the last stanza needed.
    pub(crate) fn release(&mut self) {
        self.open.shrink_to_fit();
        self.declarations.shrink_to_fit();
    }

    /// Whether the stream's start tag has come and its end tag has not.
    pub(crate) fn is_open(&self) -> bool {
        self.root_open
    }

    /// How many elements are open, the stream's included; an open start tag is one deeper.
    fn depth(&self) -> usize {
        usize::from(self.root_open) + self.open.len()
    }

    fn open_head(&mut self, name: RawQName, limits: &Limits) -> Result<(), StreamError> {
        self.elements += 1;
        if self.elements > limits.elements_max {
            return Err(too_many("elements", limits.elements_max));
        }
        if self.open.len() >= limits.depth_max {
            return Err(too_many("nested elements", limits.depth_max));
        }
        self.head = Some(Head { name, attributes: Vec::new(), declarations: 0 });
        Ok(())
    }

    fn attribute(&mut self, name: RawQName, value: String, limits: &Limits) -> Result<(), StreamError> {
        let depth = self.depth() + 1;
        let Some(head) = &mut self.head else { return Err(internal()) };
        if head.attributes.len() + head.declarations >= limits.attributes_max {
            return Err(too_many("attributes", limits.attributes_max));
        }
        let prefix = match name {
            (None, local) if local == "xmlns" => None,
            (Some(prefix), local) if prefix == "xmlns" => Some(local.into()),
            name => {
                head.attributes.push((name, value));
                return Ok(());
            }
        };
        head.declarations += 1;
        let same = |earlier: &Declaration| earlier.depth == depth && earlier.prefix == prefix;
        if self.declarations.iter().rev().take_while(|earlier| earlier.depth == depth).any(same) {
            return Err(twice());
        }
        if self.declarations.len() >= DECLARATIONS_MAX {
            return Err(too_many("namespace declarations", DECLARATIONS_MAX));
        }
        self.declarations.push(Declaration { depth, prefix, namespace: Namespace::from(value) });
        Ok(())
    }

    fn close_head(&mut self) -> Result<Option<Assembled>, StreamError> {
        let Some(Head { name: (prefix, local), attributes, .. }) = self.head.take() else {
            return Err(internal());
        };
        let namespace = self.resolve(prefix.as_ref().map(|prefix| prefix.as_str()))?;
        let mut element = Element::with_name(Cow::Owned(local.into()), namespace);
        element.attributes.reserve_exact(attributes.len());
        for ((prefix, local), value) in attributes {
            let namespace = match prefix {
                None => Namespace::NONE,
                Some(prefix) => self.resolve(Some(&prefix))?,
            };
            if element.attribute_in(&local, &namespace).is_some() {
                return Err(twice());
            }
            element.push_attribute(namespace, local.into(), value);
        }
        if self.is_stream && !self.root_open {
            self.root_open = true;
            self.elements = 0;
            let default_namespace = self.resolve(None)?;
            return Ok(Some(Assembled::Root(Root {
                element,
                prefix: prefix.map(|prefix| prefix.as_str().to_owned()),
                default_namespace,
            })));
        }
        self.open.push(element);
        Ok(None)
    }

    fn close_element(&mut self) -> Option<Assembled> {
        let depth = self.depth();
        while self.declarations.pop_if(|declaration| declaration.depth >= depth).is_some() {}
        let Some(element) = self.open.pop() else {
            self.root_open = false;
            return Some(Assembled::RootClosed);
        };
        match self.open.last_mut() {
            Some(parent) => {
                parent.push(element);
                None
            }
            None => {
                self.elements = 0;
                Some(Assembled::Complete(element))
            }
        }
    }

    fn text(&mut self, text: String) -> Option<Assembled> {
        match self.open.last_mut() {
            Some(element) => {
                element.push_text(text);
                None
            }
            None => Some(Assembled::StrayText(text)),
        }
    }

    fn resolve(&self, prefix: Option<&str>) -> Result<Namespace, StreamError> {
        if prefix == Some("xml") {
            return Ok(Namespace::from(namespace::XML));
        }
        match self.declarations.iter().rev().find(|declaration| declaration.prefix.as_deref() == prefix) {
            Some(declaration) => Ok(declaration.namespace.clone()),
            None if prefix.is_none() => Ok(Namespace::NONE),
            None => {
                Err(StreamError::new(StreamCondition::NotWellFormed).with_text("undeclared namespace prefix"))
            }
        }
    }
}

fn too_many(what: &str, limit: usize) -> StreamError {
    StreamError::new(StreamCondition::PolicyViolation).with_text(format!("more than {limit} {what}"))
}

fn twice() -> StreamError {
    StreamError::new(StreamCondition::NotWellFormed).with_text("duplicate attribute")
}

/// Events out of order, which rxml does not produce.
fn internal() -> StreamError {
    StreamError::new(StreamCondition::InternalServerError)
}
