//! The one pass over a message.

use super::cursor::{BYTES_MAX, Cursor, Span, Text};
use super::meaning::{self, Meaning};
use super::start_tag::StartTag;
use super::{CHILDREN_MAX, ChildSpan, MessageScan, address};
use crate::extension::chat_states::ChatState;
use crate::extension::markers::MarkerKind;
use crate::namespace;
use crate::stanza::{Hints, MessageKind};
use crate::stream::Limits;

/// How deep elements nest inside a child.
const DEPTH_MAX: usize = 8;

/// What the children of a message say.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) body: Option<Text>,
    pub(super) subject: Option<Text>,
    pub(super) thread: Option<Text>,
    pub(super) origin_id: Reference,
    pub(super) receipt_requested: bool,
    pub(super) receipt_received: Reference,
    pub(super) markable: bool,
    pub(super) marker: Reference,
    pub(super) marker_kind: Option<MarkerKind>,
    pub(super) chat_state: Option<ChatState>,
    pub(super) hints: Hints,
    pub(super) encrypted: bool,
    pub(super) private: bool,
    /// Whether something beside the body is worth keeping.
    pub(super) has_content: bool,
}

/// A child that may come once, and its `id`.
#[derive(Clone, Debug, Default)]
pub(super) struct Reference {
    is_there: bool,
    pub(super) id: Option<Span>,
}

impl Reference {
    /// `None` if it came before.
    fn set(&mut self, id: Option<Span>) -> Option<()> {
        let came_before = std::mem::replace(&mut self.is_there, true);
        self.id = id;
        (!came_before).then_some(())
    }
}

pub(super) fn run<'a>(input: &'a [u8], limits: &Limits) -> Option<MessageScan<'a>> {
    let window = &input[..input.len().min(limits.stanza_bytes_max).min(BYTES_MAX)];
    let mut reader = Reader { cursor: Cursor::new(window), limits, elements: 0 };
    reader.cursor.expect(b"<message")?;
    reader.count_element(1)?;
    let start_tag = StartTag::read(&mut reader.cursor, limits)?;
    let kind = reader.check_envelope(&start_tag)?;
    let (inner_start, mut inner_end) = (reader.cursor.at, reader.cursor.at);
    let mut facts = Facts::default();
    let mut children = [ChildSpan::default(); CHILDREN_MAX];
    let mut children_count = 0;
    let mut is_open = !start_tag.is_empty;
    while is_open {
        inner_end = reader.cursor.text()?.span.end();
        if reader.cursor.expect(b"</").is_some() {
            reader.cursor.expect(b"message>")?;
            is_open = false;
        } else {
            *children.get_mut(children_count)? = reader.child(&mut facts)?;
            children_count += 1;
        }
    }
    let source = std::str::from_utf8(&window[..reader.cursor.at]).ok()?;
    if has_noncharacter(source.as_bytes()) {
        return None;
    }
    let inner = Span::new(inner_start, inner_end);
    Some(MessageScan { source, start_tag, kind, inner, children, children_count, facts })
}

struct Reader<'a, 'b> {
    cursor: Cursor<'a>,
    limits: &'b Limits,
    elements: usize,
}

impl Reader<'_, '_> {
    /// The message's kind, if the attributes are those of a message in a client's stream.
    fn check_envelope(&self, tag: &StartTag) -> Option<MessageKind> {
        let is_client = |name| self.cursor.get(name) == namespace::CLIENT.as_bytes();
        let is_plain = |address| address::is_plain(self.cursor.get(address));
        if !(tag.xmlns.is_none_or(is_client) && tag.to.is_none_or(is_plain) && tag.from.is_none_or(is_plain))
        {
            return None;
        }
        Some(match tag.kind.map(|kind| self.cursor.get(kind)) {
            Some(b"chat") => MessageKind::Chat,
            Some(b"error") => MessageKind::Error,
            Some(b"groupchat") => MessageKind::Groupchat,
            Some(b"headline") => MessageKind::Headline,
            _ => MessageKind::Normal,
        })
    }

    /// Reads a direct child; the cursor is at its `<`.
    fn child(&mut self, facts: &mut Facts) -> Option<ChildSpan> {
        let start = self.cursor.at;
        let (name, tag) = self.start_tag(2)?;
        let declared = tag.xmlns.map_or(namespace::CLIENT.as_bytes(), |xmlns| self.cursor.get(xmlns));
        let (namespace, meaning) = meaning::of(self.cursor.get(name), declared)?;
        match meaning {
            Meaning::Body => once(&mut facts.body, self.only_text(name, &tag)?)?,
            Meaning::Subject => {
                facts.has_content = true;
                once(&mut facts.subject, self.only_text(name, &tag)?)?;
            }
            Meaning::Thread => once(&mut facts.thread, self.only_text(name, &tag)?)?,
            _ => {
                facts.learn(meaning, &tag)?;
                if !tag.is_empty {
                    self.skip_content(name)?;
                }
            }
        }
        Some(ChildSpan { name, namespace, element: Span::new(start, self.cursor.at) })
    }

    /// A start tag at `depth`, where the message itself is at 1.
    fn start_tag(&mut self, depth: usize) -> Option<(Span, StartTag)> {
        self.cursor.expect(b"<")?;
        self.count_element(depth)?;
        let name = self.cursor.name()?;
        Some((name, StartTag::read(&mut self.cursor, self.limits)?))
    }

    fn count_element(&mut self, depth: usize) -> Option<()> {
        self.elements += 1;
        (self.elements <= self.limits.elements_max && depth <= self.limits.depth_max).then_some(())
    }

    /// The text of an element that has no children, up to and with its end tag.
    fn only_text(&mut self, name: Span, tag: &StartTag) -> Option<Text> {
        if tag.is_empty {
            let nowhere = Span::new(self.cursor.at, self.cursor.at);
            return Some(Text { span: nowhere, has_references: false });
        }
        let text = self.cursor.text()?;
        self.end_tag(name)?;
        Some(text)
    }

    /// Checks what is in an element, up to and with its end tag.
    fn skip_content(&mut self, name: Span) -> Option<()> {
        let mut open = [name; DEPTH_MAX];
        let mut depth = 1;
        while depth > 0 {
            self.cursor.text()?;
            if self.cursor.is_at_end_tag() {
                depth -= 1;
                self.end_tag(open[depth])?;
                continue;
            }
            // The message and `depth` elements are open.
            let (name, tag) = self.start_tag(depth + 2)?;
            if !tag.is_empty {
                *open.get_mut(depth)? = name;
                depth += 1;
            }
        }
        Some(())
    }

    fn end_tag(&mut self, name: Span) -> Option<()> {
        self.cursor.expect(b"</")?;
        self.cursor.expect(self.cursor.get(name))?;
        self.cursor.expect(b">")
    }
}

impl Facts {
    /// Takes in a child that is no text.
    fn learn(&mut self, meaning: Meaning, tag: &StartTag) -> Option<()> {
        match meaning {
            Meaning::ChatState(state) => {
                self.chat_state.get_or_insert(state);
            }
            Meaning::ReceiptRequest => self.receipt_requested = true,
            Meaning::Markable => self.markable = true,
            Meaning::OriginId => self.origin_id.set(tag.id)?,
            Meaning::Store => self.hints.store = true,
            Meaning::NoStore => self.hints.no_store = true,
            Meaning::NoPermanentStore => self.hints.no_permanent_store = true,
            Meaning::NoCopy => self.hints.no_copy = true,
            Meaning::ReceiptReceived => {
                self.has_content = true;
                self.receipt_received.set(tag.id)?;
            }
            Meaning::Marker(kind) => {
                self.has_content = true;
                self.marker_kind = Some(kind);
                self.marker.set(tag.id)?;
            }
            Meaning::Encrypted => (self.has_content, self.encrypted) = (true, true),
            Meaning::Private => (self.has_content, self.private) = (true, true),
            Meaning::Content => self.has_content = true,
            Meaning::Accessory | Meaning::Body | Meaning::Subject | Meaning::Thread => {}
        }
        Some(())
    }
}

fn once(slot: &mut Option<Text>, text: Text) -> Option<()> {
    slot.replace(text).is_none().then_some(())
}

/// Whether there is U+FFFE or U+FFFF, which no document can hold (XML 1.0 §2.2).
fn has_noncharacter(source: &[u8]) -> bool {
    memchr::memchr_iter(0xEF, source)
        .any(|at| matches!(source.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])))
}
