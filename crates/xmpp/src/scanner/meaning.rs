//! What the children of an ordinary message mean.

use crate::extension::chat_states::ChatState;
use crate::extension::markers::MarkerKind;
use crate::namespace;

/// What a child means to the service.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning {
    Body,
    Subject,
    Thread,
    ChatState(ChatState),
    ReceiptRequest,
    ReceiptReceived,
    Markable,
    Marker(MarkerKind),
    OriginId,
    Store,
    NoStore,
    NoPermanentStore,
    NoCopy,
    /// A wish that there be no copies (XEP-0280 §9).
    Private,
    /// Content that only the recipients can read.
    Encrypted,
    /// Content that is the recipient's alone to understand.
    Content,
    /// Nothing to keep a message for.
    Accessory,
}

/// The namespace and the meaning of a child, if it is an ordinary one.
///
/// What is not listed may ask something of the service, now or when it has learned more.
pub(super) fn of(name: &[u8], namespace: &[u8]) -> Option<(&'static str, Meaning)> {
    let within = |known: &'static str| (namespace == known.as_bytes()).then_some(known);
    let (namespace, meaning) = match name {
        b"body" => (within(namespace::CLIENT), Meaning::Body),
        b"subject" => (within(namespace::CLIENT), Meaning::Subject),
        b"thread" => (within(namespace::CLIENT), Meaning::Thread),
        b"active" => (within(namespace::CHAT_STATES), Meaning::ChatState(ChatState::Active)),
        b"composing" => (within(namespace::CHAT_STATES), Meaning::ChatState(ChatState::Composing)),
        b"paused" => (within(namespace::CHAT_STATES), Meaning::ChatState(ChatState::Paused)),
        b"inactive" => (within(namespace::CHAT_STATES), Meaning::ChatState(ChatState::Inactive)),
        b"gone" => (within(namespace::CHAT_STATES), Meaning::ChatState(ChatState::Gone)),
        b"request" => (within(namespace::RECEIPTS), Meaning::ReceiptRequest),
        b"received" => match within(namespace::RECEIPTS) {
            None => (within(namespace::MARKERS), Meaning::Marker(MarkerKind::Received)),
            receipts => (receipts, Meaning::ReceiptReceived),
        },
        b"markable" => (within(namespace::MARKERS), Meaning::Markable),
        b"displayed" => (within(namespace::MARKERS), Meaning::Marker(MarkerKind::Displayed)),
        b"acknowledged" => (within(namespace::MARKERS), Meaning::Marker(MarkerKind::Acknowledged)),
        b"origin-id" => (within(namespace::STANZA_ID), Meaning::OriginId),
        b"store" => (within(namespace::HINTS), Meaning::Store),
        b"no-store" => (within(namespace::HINTS), Meaning::NoStore),
        b"no-permanent-store" => (within(namespace::HINTS), Meaning::NoPermanentStore),
        b"no-copy" => (within(namespace::HINTS), Meaning::NoCopy),
        b"encrypted" => {
            (within(namespace::OMEMO_LEGACY).or_else(|| within(namespace::OMEMO)), Meaning::Encrypted)
        }
        b"encryption" => (within(namespace::ENCRYPTION_METHOD), Meaning::Accessory),
        b"nick" => (within(namespace::NICKNAME), Meaning::Accessory),
        b"private" => (within(namespace::CARBONS), Meaning::Private),
        b"x" => (within(namespace::OUT_OF_BAND), Meaning::Content),
        b"html" => (within(XHTML), Meaning::Content),
        _ => return None,
    };
    Some((namespace?, meaning))
}

/// Formatted text (XEP-0071), beside the same in `<body/>`.
const XHTML: &str = "http://jabber.org/protocol/xhtml-im";
