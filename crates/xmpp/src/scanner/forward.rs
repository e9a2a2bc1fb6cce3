//! A recognised message as it is stored and forwarded.

use super::MessageScan;
use super::cursor::Span;
use crate::element::write_attribute;
use crate::namespace;

/// What the service adds to a message. The texts need not be escaped.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// Who really sent it: a full JID (RFC 6120 §8.1.2.1).
    pub from: &'a str,
    /// Who a message is for that does not say so: the sender's own bare JID (RFC 6120 §8.1.1.1).
    pub to: &'a str,
    /// The language of the stream, for a message that has none of its own (RFC 6120 §4.7.4).
    pub lang: Option<&'a str>,
    /// Whose archive has the message, and its id there (XEP-0359 §3.2).
    pub stanza_id: Option<(&'a str, &'a str)>,
}

impl MessageScan<'_> {
    /// Appends the message as it is stored and forwarded: see [`native`](crate::native), which makes the same of
    /// a tree. Attributes and content are copied as they came; a declaration of `jabber:client` is left out.
    pub fn write_forwardable(&self, envelope: &Envelope<'_>, out: &mut Vec<u8>) {
        let id_bytes = envelope.stanza_id.map_or(0, |(by, id)| by.len() + id.len());
        out.reserve(self.source.len() + 2 * (envelope.from.len() + id_bytes) + 128);
        out.extend_from_slice(b"<message");
        self.write_attributes(envelope.from, out);
        if let (None, Some(lang)) = (self.lang(), envelope.lang) {
            write_pair(out, " xml:lang='", lang);
        }
        if self.to().is_none() {
            write_pair(out, " to='", envelope.to);
        }
        if self.from().is_none() {
            write_pair(out, " from='", envelope.from);
        }
        out.push(b'>');
        self.write_content(out);
        if let Some((by, id)) = envelope.stanza_id {
            out.extend_from_slice(b"<stanza-id xmlns='");
            out.extend_from_slice(namespace::STANZA_ID.as_bytes());
            write_pair(out, "' by='", by);
            write_pair(out, " id='", id);
            out.extend_from_slice(b"/>");
        }
        out.extend_from_slice(b"</message>");
    }

    /// What is in it as it came, but the sender's wish that there be no copies.
    fn write_content(&self, out: &mut Vec<u8>) {
        let mut copied = self.inner.start();
        let wishes = self.children[..self.children_count].iter().filter(|_| self.facts.private);
        for wish in wishes.filter(|child| child.namespace == namespace::CARBONS) {
            out.extend_from_slice(self.at(Span::new(copied, wish.element.start())).as_bytes());
            copied = wish.element.end();
        }
        out.extend_from_slice(self.at(Span::new(copied, self.inner.end())).as_bytes());
    }

    /// The attributes as they came, but `xmlns`, and with the true `from` in the place of the one that came.
    fn write_attributes(&self, from: &str, out: &mut Vec<u8>) {
        let tag = &self.start_tag;
        let (first, second) = match (tag.xmlns, tag.from) {
            (Some(xmlns), Some(from)) if xmlns.start() > from.start() => (Some(from), Some(xmlns)),
            (Some(xmlns), from) => (Some(xmlns), from),
            (None, from) => (from, None),
        };
        let mut copied = tag.attributes.start();
        for value in [first, second].into_iter().flatten() {
            let is_from = tag.from == Some(value);
            let name = if is_from { "from" } else { "xmlns" };
            // The name, `=` and a quote stand before the value, a quote behind it.
            let start = value.start() - name.len() - 2;
            out.extend_from_slice(self.at(Span::new(copied, start)).as_bytes());
            if is_from {
                write_pair(out, "from='", from);
            }
            copied = value.end() + 1;
        }
        out.extend_from_slice(self.at(Span::new(copied, tag.attributes.end())).as_bytes());
    }
}

/// `before`, which ends in an apostrophe, the value, and another apostrophe.
fn write_pair(out: &mut Vec<u8>, before: &str, value: &str) {
    out.extend_from_slice(before.as_bytes());
    write_attribute(out, value);
    out.push(b'\'');
}
