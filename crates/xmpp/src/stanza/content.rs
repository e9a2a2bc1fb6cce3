//! What a message says, beside its envelope.

use crate::element::Element;
use crate::extension::chat_states::ChatState;
use crate::extension::markers::Marker;
use crate::extension::stanza_id::StanzaId;
use crate::extension::{markers, receipts, stanza_id};
use crate::namespace;

/// What can be read from a message without knowing its conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageContent {
    /// The text, in each language given; empty texts are left out (RFC 6121 §5.2.3).
    pub bodies: Vec<LocalizedText>,
    /// The subject, in each language given (RFC 6121 §5.2.4). An empty one takes a room's subject away.
    pub subjects: Vec<LocalizedText>,
    /// The conversation thread (RFC 6121 §5.2.5).
    pub thread: Option<String>,
    /// A delivery receipt is asked for (XEP-0184).
    pub receipt_requested: bool,
    /// This is the receipt for the message of that id (XEP-0184).
    pub receipt_received: Option<String>,
    /// It may be marked as read (XEP-0333).
    pub markable: bool,
    /// This marks the message of that id (XEP-0333).
    pub marker: Option<Marker>,
    /// Whether the sender is typing (XEP-0085).
    pub chat_state: Option<ChatState>,
    /// The sender's own lasting id (XEP-0359).
    pub origin_id: Option<String>,
    /// The ids that services gave it (XEP-0359).
    pub stanza_ids: Vec<StanzaId>,
    /// How it should be kept and copied (XEP-0334).
    pub hints: Hints,
    /// It replaces the message of that id (XEP-0308).
    pub correction_of: Option<String>,
    /// It takes back the message of that id (XEP-0424).
    pub retraction_of: Option<String>,
    /// It reacts to a message (XEP-0444).
    pub reactions: Option<Reactions>,
    /// The recipient's attention is asked for (XEP-0224).
    pub attention: bool,
    /// It holds something that only the recipients can read: OMEMO or OpenPGP.
    pub encrypted: bool,
    /// Something in it is worth keeping: anything but typing, hints, ids and requests for receipts. Extensions
    /// that are not known count as content, so that nothing accepted is lost.
    pub carries_content: bool,
}

impl MessageContent {
    /// Reads a message.
    pub fn read(message: &Element) -> Self {
        let id_of = |name, namespace| {
            message.child(name, namespace).and_then(|child| child.attribute("id")).map(str::to_owned)
        };
        let has = |name, namespace| message.child(name, namespace).is_some();
        let bodies: Vec<_> =
            LocalizedText::all(message, "body").into_iter().filter(|body| !body.text.is_empty()).collect();
        Self {
            carries_content: !bodies.is_empty() || message.children().any(is_content),
            bodies,
            subjects: LocalizedText::all(message, "subject"),
            thread: message.child("thread", namespace::CLIENT).map(|thread| thread.text().into_owned()),
            receipt_requested: receipts::is_requested(message),
            receipt_received: receipts::received(message).map(str::to_owned),
            markable: markers::is_markable(message),
            marker: Marker::read(message),
            chat_state: ChatState::read(message),
            origin_id: stanza_id::origin_id(message).map(str::to_owned),
            stanza_ids: StanzaId::all(message),
            hints: Hints::read(message),
            correction_of: id_of("replace", namespace::CORRECTION),
            retraction_of: id_of("retract", namespace::RETRACTION),
            reactions: Reactions::read(message),
            attention: has("attention", namespace::ATTENTION),
            encrypted: message.children().any(is_encrypted),
        }
    }

    /// The text without a language of its own, or the first.
    pub fn body(&self) -> Option<&str> {
        LocalizedText::main(&self.bodies)
    }

    /// The text in that language, or else [`body`](Self::body).
    pub fn body_in(&self, lang: &str) -> Option<&str> {
        let matching =
            |body: &&LocalizedText| body.lang.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(lang));
        self.bodies.iter().find(matching).map(|body| body.text.as_str()).or_else(|| self.body())
    }

    /// The subject without a language of its own, or the first.
    pub fn subject(&self) -> Option<&str> {
        LocalizedText::main(&self.subjects)
    }

    /// Whether it must survive until it is delivered: it carries content or asks to be stored, and does not ask
    /// not to be. What the message's type says about keeping is judged elsewhere.
    pub fn is_durable(&self) -> bool {
        (self.carries_content || self.hints.store) && !self.hints.no_store
    }
}

/// A text and its language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalizedText {
    /// The element's own `xml:lang`; `None` is the language of the stanza.
    pub lang: Option<String>,
    /// The text.
    pub text: String,
}

impl LocalizedText {
    /// Every `name` child of the stanza.
    pub(super) fn all(stanza: &Element, name: &str) -> Vec<Self> {
        let texts = stanza.children().filter(|child| child.is(name, namespace::CLIENT));
        texts
            .map(|child| Self { lang: child.lang().map(str::to_owned), text: child.text().into_owned() })
            .collect()
    }

    /// The one without a language, or the first.
    pub(super) fn main(texts: &[Self]) -> Option<&str> {
        let main = texts.iter().find(|text| text.lang.is_none()).or(texts.first());
        main.map(|main| main.text.as_str())
    }
}

/// How a message should be kept and copied (XEP-0334).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Keep it, even though it has no text.
    pub store: bool,
    /// Keep it nowhere, not even until it is delivered.
    pub no_store: bool,
    /// Keep it no longer than until it is delivered.
    pub no_permanent_store: bool,
    /// Send it to the addressed session alone.
    pub no_copy: bool,
}

impl Hints {
    /// Reads the hints of a message.
    pub fn read(message: &Element) -> Self {
        let has = |name| message.child(name, namespace::HINTS).is_some();
        Self {
            store: has("store"),
            no_store: has("no-store"),
            no_permanent_store: has("no-permanent-store"),
            no_copy: has("no-copy"),
        }
    }
}

/// Someone's whole set of reactions to one message (XEP-0444).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reactions {
    /// The message's id.
    pub id: String,
    /// The reactions; none takes earlier ones back.
    pub reactions: Vec<String>,
}

impl Reactions {
    /// Reads the reactions in a message.
    pub fn read(message: &Element) -> Option<Self> {
        let element = message.child("reactions", namespace::REACTIONS)?;
        let reactions = element.children().filter(|child| child.is("reaction", namespace::REACTIONS));
        Some(Self {
            id: element.attribute("id")?.to_owned(),
            reactions: reactions.map(|reaction| reaction.text().trim().to_owned()).collect(),
        })
    }
}

/// Whether a child of a message, text aside, is worth keeping.
fn is_content(child: &Element) -> bool {
    match child.namespace().as_str() {
        namespace::CLIENT => !matches!(child.name(), "body" | "thread"),
        namespace::RECEIPTS => child.name() != "request",
        namespace::MARKERS => child.name() != "markable",
        namespace::CHAT_STATES
        | namespace::HINTS
        | namespace::STANZA_ID
        | namespace::DELAY
        | namespace::DELAY_LEGACY
        | namespace::NICKNAME
        | namespace::ENCRYPTION_METHOD
        | namespace::FALLBACK => false,
        _ => true,
    }
}

fn is_encrypted(child: &Element) -> bool {
    match child.namespace().as_str() {
        namespace::OMEMO | namespace::OMEMO_LEGACY => child.name() == "encrypted",
        namespace::OPENPGP => child.name() == "openpgp",
        namespace::OPENPGP_LEGACY => child.name() == "x",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::markers::MarkerKind;
    use crate::stream::Limits;

    fn content(children: &str) -> MessageContent {
        let source = format!("<message xmlns='jabber:client' xml:lang='en'>{children}</message>");
        MessageContent::read(&Element::parse(source.as_bytes(), &Limits::default()).unwrap())
    }

    #[test]
    fn the_text_without_a_language_is_the_main_one() {
        let content = content(
            "<body xml:lang='de'>Hallo</body><body>Hello</body><subject xml:lang='de'>Gruss</subject>",
        );
        assert_eq!(content.body(), Some("Hello"));
        assert_eq!(content.body_in("DE"), Some("Hallo"));
        assert_eq!(content.body_in("fr"), Some("Hello"));
        assert_eq!(content.subject(), Some("Gruss"));
    }

    #[test]
    fn typing_hints_and_requests_are_no_content() {
        for ephemeral in [
            "",
            "<body/>",
            "<composing xmlns='http://jabber.org/protocol/chatstates'/><no-store xmlns='urn:xmpp:hints'/>",
            "<thread>t</thread><active xmlns='http://jabber.org/protocol/chatstates'/>",
            "<request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>",
            "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>",
        ] {
            assert!(!content(ephemeral).is_durable(), "{ephemeral}");
        }
    }

    #[test]
    fn texts_receipts_marks_and_what_is_unknown_are_content() {
        for durable in [
            "<body>x</body>",
            "<subject>x</subject>",
            "<received xmlns='urn:xmpp:receipts' id='1'/>",
            "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>",
            "<encrypted xmlns='eu.siacs.conversations.axolotl'/>",
            "<reactions xmlns='urn:xmpp:reactions:0' id='1'/>",
            "<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>",
            "<composing xmlns='http://jabber.org/protocol/chatstates'/><store xmlns='urn:xmpp:hints'/>",
        ] {
            assert!(content(durable).is_durable(), "{durable}");
        }
    }

    #[test]
    fn a_text_that_asks_not_to_be_stored_is_content_and_not_durable() {
        let content = content("<body>x</body><no-store xmlns='urn:xmpp:hints'/>");
        assert!(content.carries_content);
        assert!(!content.is_durable());
    }

    #[test]
    fn the_extensions_of_a_message_are_read() {
        let content = content(
            "<body>x</body><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>\
             <active xmlns='http://jabber.org/protocol/chatstates'/><origin-id xmlns='urn:xmpp:sid:0' id='o'/>\
             <stanza-id xmlns='urn:xmpp:sid:0' id='s' by='room.test'/><replace xmlns='urn:xmpp:message-correct:0' id='r'/>\
             <attention xmlns='urn:xmpp:attention:0'/><no-permanent-store xmlns='urn:xmpp:hints'/><thread>t</thread>",
        );
        assert!(content.receipt_requested && content.markable && content.attention);
        assert!(content.hints.no_permanent_store && !content.encrypted);
        assert_eq!(content.chat_state, Some(ChatState::Active));
        assert_eq!(content.origin_id.as_deref(), Some("o"));
        assert_eq!(content.stanza_ids, [StanzaId { by: "room.test".into(), id: "s".into() }]);
        assert_eq!(content.correction_of.as_deref(), Some("r"));
        assert_eq!(content.thread.as_deref(), Some("t"));
    }

    #[test]
    fn receipts_marks_reactions_and_retractions_name_their_message() {
        let content = content(
            "<received xmlns='urn:xmpp:receipts' id='a'/><displayed xmlns='urn:xmpp:chat-markers:0' id='b'/>\
             <reactions xmlns='urn:xmpp:reactions:0' id='c'><reaction> 👍 </reaction><reaction>🐢</reaction></reactions>\
             <retract xmlns='urn:xmpp:message-retract:1' id='d'/>",
        );
        assert_eq!(content.receipt_received.as_deref(), Some("a"));
        assert_eq!(content.marker, Some(Marker { kind: MarkerKind::Displayed, id: "b".into() }));
        assert_eq!(
            content.reactions,
            Some(Reactions { id: "c".into(), reactions: vec!["👍".into(), "🐢".into()] })
        );
        assert_eq!(content.retraction_of.as_deref(), Some("d"));
    }
}
