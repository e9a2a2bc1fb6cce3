//! Ordinary messages, recognised without building a tree.
//!
//! Most of what a chat service reads are messages of a few well-known children. [`scan`] checks such a message in
//! one pass over its bytes, allocates nothing, and yields what the service must know of it; the message is
//! forwarded by copying its bytes ([`MessageScan::write_forwardable`]).
//!
//! It never judges: what it does not recognise in full, an error or an extension it does not know, is left to
//! [`StreamReader`](crate::stream::StreamReader). What it recognises means exactly what the other road says:
//! `StreamReader`, [`Stanza::parse`](crate::stanza::Stanza::parse) and
//! [`Message::content`](crate::stanza::Message::content).

mod address;
mod cursor;
mod forward;
mod meaning;
mod pass;
mod start_tag;

use std::borrow::Cow;

pub use forward::Envelope;

use crate::extension::chat_states::ChatState;
use crate::extension::markers::MarkerKind;
use crate::stanza::{Hints, MessageKind};
use crate::stream::Limits;
use cursor::{Span, Text};
use pass::Facts;
use start_tag::StartTag;

/// How many children a recognised message has at most.
const CHILDREN_MAX: usize = 12;

/// Recognises one complete ordinary message at the very start of `input`, as it is written inside a stream of
/// `jabber:client`. What follows the message does not matter.
///
/// `None` says nothing but "read it the other way": the message may be incomplete, malformed, past a limit, or
/// merely unusual. Unusual are, among others: any prefix but that of `xml:lang`; comments, CDATA sections and
/// character references; references in attributes; carriage returns; addresses that are not in their normal form
/// already, or not ASCII; a second body, subject or thread; and every child with an effect of its own beyond
/// what [`MessageScan`] tells.
pub fn scan<'a>(input: &'a [u8], limits: &Limits) -> Option<MessageScan<'a>> {
    pass::run(input, limits)
}

/// A recognised message. Everything is borrowed from what was scanned.
#[derive(Clone, Debug)]
pub struct MessageScan<'a> {
    /// From `<message` to its last `>`.
    source: &'a str,
    start_tag: StartTag,
    kind: MessageKind,
    inner: Span,
    children: [ChildSpan; CHILDREN_MAX],
    children_count: usize,
    facts: Facts,
}

/// A direct child of a [`MessageScan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child<'a> {
    /// The local name.
    pub name: &'a str,
    /// The namespace.
    pub namespace: &'static str,
    /// The whole element as it came.
    pub source: &'a str,
}

#[derive(Clone, Copy, Debug, Default)]
struct ChildSpan {
    name: Span,
    namespace: &'static str,
    element: Span,
}

impl<'a> MessageScan<'a> {
    /// The message as it came, without anything that follows it. Its length is what was recognised of the input.
    pub fn source(&self) -> &'a str {
        self.source
    }

    /// The attributes as they came, with the white space before each.
    pub fn attributes(&self) -> &'a str {
        self.at(self.start_tag.attributes)
    }

    /// What is between the start tag and the end tag, as it came.
    pub fn inner(&self) -> &'a str {
        self.at(self.inner)
    }

    /// Who it is for: an address in its normal form.
    pub fn to(&self) -> Option<&'a str> {
        self.start_tag.to.map(|to| self.at(to))
    }

    /// Who the client says it is from: an address in its normal form.
    pub fn from(&self) -> Option<&'a str> {
        self.start_tag.from.map(|from| self.at(from))
    }

    /// The sender's id.
    pub fn id(&self) -> Option<&'a str> {
        self.start_tag.id.map(|id| self.at(id))
    }

    /// What kind of conversation it belongs to.
    pub fn kind(&self) -> MessageKind {
        self.kind
    }

    /// The message's own `xml:lang`; without it, the stream's holds (RFC 6120 §4.7.4).
    pub fn lang(&self) -> Option<&'a str> {
        self.start_tag.lang.map(|lang| self.at(lang))
    }

    /// The children, in order.
    pub fn children(&self) -> impl Iterator<Item = Child<'a>> {
        self.children[..self.children_count].iter().map(|child| Child {
            name: self.at(child.name),
            namespace: child.namespace,
            source: self.at(child.element),
        })
    }

    /// The text; an empty one is none (RFC 6121 §5.2.3).
    pub fn body(&self) -> Option<Cow<'a, str>> {
        self.facts.body.filter(|body| !body.is_empty()).map(|body| self.unescaped(body))
    }

    /// The subject, which may be empty (RFC 6121 §5.2.4).
    pub fn subject(&self) -> Option<Cow<'a, str>> {
        self.facts.subject.map(|subject| self.unescaped(subject))
    }

    /// The conversation thread (RFC 6121 §5.2.5).
    pub fn thread(&self) -> Option<Cow<'a, str>> {
        self.facts.thread.map(|thread| self.unescaped(thread))
    }

    /// The sender's own lasting id (XEP-0359).
    pub fn origin_id(&self) -> Option<&'a str> {
        self.facts.origin_id.id.map(|id| self.at(id))
    }

    /// Whether a delivery receipt is asked for (XEP-0184).
    pub fn receipt_requested(&self) -> bool {
        self.facts.receipt_requested
    }

    /// The id of the message that this is the receipt for (XEP-0184).
    pub fn receipt_received(&self) -> Option<&'a str> {
        self.facts.receipt_received.id.map(|id| self.at(id))
    }

    /// Whether it may be marked as read (XEP-0333).
    pub fn markable(&self) -> bool {
        self.facts.markable
    }

    /// What it marks the message of that id as (XEP-0333).
    pub fn marker(&self) -> Option<(MarkerKind, &'a str)> {
        let (kind, id) = (self.facts.marker_kind?, self.facts.marker.id?);
        Some((kind, self.at(id)))
    }

    /// Whether the sender is typing (XEP-0085).
    pub fn chat_state(&self) -> Option<ChatState> {
        self.facts.chat_state
    }

    /// How it should be kept and copied (XEP-0334).
    pub fn hints(&self) -> Hints {
        self.facts.hints
    }

    /// Whether its sender wants no copies of it (XEP-0280 §9).
    pub fn private(&self) -> bool {
        self.facts.private
    }

    /// Whether it holds something that only the recipients can read.
    pub fn encrypted(&self) -> bool {
        self.facts.encrypted
    }

    /// Shows every text in it, in whichever element it is: one after the other they are those of
    /// [`Message::texts`](crate::stanza::Message::texts).
    pub fn texts(&self, mut show: impl FnMut(&str)) {
        let mut rest = self.inner();
        while let Some((text, tag)) = rest.split_once('<') {
            show(&without_references(text));
            // No value of a recognised message has a `>` in it.
            rest = tag.split_once('>').map_or("", |(_, after)| after);
        }
        show(&without_references(rest));
    }

    /// Whether something in it is worth keeping: anything but typing, hints, ids and requests for receipts.
    pub fn carries_content(&self) -> bool {
        self.facts.has_content || self.facts.body.is_some_and(|body| !body.is_empty())
    }

    /// Whether it must survive until it is delivered: see
    /// [`MessageContent::is_durable`](crate::stanza::MessageContent::is_durable).
    pub fn is_durable(&self) -> bool {
        (self.carries_content() || self.facts.hints.store) && !self.facts.hints.no_store
    }

    /// The part of the source, which spans that were scanned never miss.
    fn at(&self, span: Span) -> &'a str {
        self.source.get(span.start()..span.end()).unwrap_or_default()
    }

    fn unescaped(&self, text: Text) -> Cow<'a, str> {
        let source = self.at(text.span);
        if text.has_references { Cow::Owned(without_references(source)) } else { Cow::Borrowed(source) }
    }
}

/// Resolves the predefined references, the only ones that a recognised message has (XML 1.0 §4.6).
fn without_references(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, reference)) = rest.split_once('&') {
        text.push_str(before);
        let known = cursor::REFERENCES
            .iter()
            .find_map(|(name, character)| Some((reference.strip_prefix(name)?, *character)));
        let Some((after, character)) = known else { break };
        text.push(character);
        rest = after;
    }
    text.push_str(rest);
    text
}
