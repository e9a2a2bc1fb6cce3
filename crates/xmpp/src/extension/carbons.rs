//! Message carbons (XEP-0280): copies of what a person's other sessions send and get.

use super::chat_states::ChatState;
use super::{forwarding, markers, receipts};
use crate::element::Element;
use crate::namespace;
use crate::scanner::MessageScan;
use crate::stanza::{Hints, MessageKind};

/// What a client asks for (§4, §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Copies, from now on.
    Enable,
    /// No more copies.
    Disable,
}

impl Request {
    /// Reads the payload of a `set`; `None` if it is not about carbons.
    pub fn parse(payload: &Element) -> Option<Self> {
        match (payload.name(), payload.namespace().as_str()) {
            ("enable", namespace::CARBONS) => Some(Self::Enable),
            ("disable", namespace::CARBONS) => Some(Self::Disable),
            _ => None,
        }
    }
}

/// Which way a copied message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Another session of the person got it (§7).
    Received,
    /// Another session of the person sent it (§8).
    Sent,
}

impl Direction {
    /// The name of the element around the copy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sent => "sent",
        }
    }
}

/// Whether a message is to be copied (§6.1, `urn:xmpp:carbons:rules:0`), unless its sender asks not to (§9). An error is
/// not: it need not hold what it answers, by which it would be judged.
pub fn is_eligible(message: &Element, kind: MessageKind) -> bool {
    if message.child("private", namespace::CARBONS).is_some() || Hints::read(message).no_copy {
        return false;
    }
    let has_body = || message.child("body", namespace::CLIENT).is_some();
    match kind {
        MessageKind::Groupchat | MessageKind::Error => false,
        MessageKind::Chat => true,
        MessageKind::Normal => has_body() || is_conversation(message),
        MessageKind::Headline => is_conversation(message),
    }
}

/// The same for a message that was recognised without a tree.
pub fn is_scan_eligible(message: &MessageScan<'_>) -> bool {
    if message.private() || message.hints().no_copy {
        return false;
    }
    let has_body = || message.children().any(|child| child.name == "body");
    let is_conversation = || {
        message.receipt_requested()
            || message.receipt_received().is_some()
            || message.chat_state().is_some()
            || message
                .children()
                .any(|child| matches!(child.namespace, namespace::MARKERS | namespace::CONFERENCE))
    };
    match message.kind() {
        MessageKind::Chat => true,
        MessageKind::Normal => has_body() || is_conversation(),
        MessageKind::Headline => is_conversation(),
        // What rooms say and errors are never recognised so.
        MessageKind::Groupchat | MessageKind::Error => false,
    }
}

/// Whether it holds what conversations are made of beside words, or an invitation to one.
fn is_conversation(message: &Element) -> bool {
    receipts::is_requested(message)
        || receipts::received(message).is_some()
        || ChatState::read(message).is_some()
        || message.children().any(|child| child.namespace() == namespace::MARKERS)
        || markers::is_markable(message)
        || message.child("x", namespace::CONFERENCE).is_some()
        || message
            .child("x", namespace::MUC_USER)
            .is_some_and(|x| x.child("invite", namespace::MUC_USER).is_some())
}

/// Appends a copy for one session (`to`) of the account: `kind` is the type of the message, which is as it is stored.
pub fn write(
    out: &mut Vec<u8>,
    direction: Direction,
    account: &str,
    to: &str,
    kind: Option<&'static str>,
    message: &[u8],
) {
    let envelope = Element::new("message", namespace::CLIENT)
        .with_attribute("from", account)
        .with_attribute("to", to)
        .with_optional_attribute("type", kind);
    let copy = Element::new(direction.as_str(), namespace::CARBONS);
    envelope.write_around(out, namespace::CLIENT, |out| {
        copy.write_around(out, namespace::CLIENT, |out| forwarding::write(out, None, message));
    });
}

#[cfg(test)]
mod tests {
    use super::super::testing::parse;
    use super::*;

    fn eligible(kind: MessageKind, children: &str) -> bool {
        is_eligible(&parse(&format!("<message xmlns='jabber:client'>{children}</message>")), kind)
    }

    const BODY: &str = "<body>x</body>";
    const TYPING: &str = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    const RECEIPT: &str = "<received xmlns='urn:xmpp:receipts' id='1'/>";
    const INVITATION: &str = "<x xmlns='jabber:x:conference' jid='r@x.test'/>";

    #[test]
    fn conversations_are_copied_and_announcements_and_rooms_are_not() {
        for (kind, children) in [
            (MessageKind::Chat, ""),
            (MessageKind::Normal, BODY),
            (MessageKind::Normal, TYPING),
            (MessageKind::Normal, RECEIPT),
            (MessageKind::Normal, "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>"),
            (MessageKind::Normal, INVITATION),
            (
                MessageKind::Normal,
                "<x xmlns='http://jabber.org/protocol/muc#user'><invite to='b@x.test'/></x>",
            ),
        ] {
            assert!(eligible(kind, children), "{kind:?} {children}");
        }
        for (kind, children) in [
            (MessageKind::Normal, "<data xmlns='urn:example:x'/>"),
            (MessageKind::Headline, BODY),
            (MessageKind::Groupchat, BODY),
            (MessageKind::Error, "<error type='cancel'/>"),
            (MessageKind::Error, BODY),
        ] {
            assert!(!eligible(kind, children), "{kind:?} {children}");
        }
    }

    #[test]
    fn what_is_private_is_not_copied() {
        for private in ["<private xmlns='urn:xmpp:carbons:2'/>", "<no-copy xmlns='urn:xmpp:hints'/>"] {
            assert!(!eligible(MessageKind::Chat, &format!("{BODY}{private}")));
        }
    }

    #[test]
    fn requests_are_read() {
        assert_eq!(Request::parse(&parse("<enable xmlns='urn:xmpp:carbons:2'/>")), Some(Request::Enable));
        assert_eq!(Request::parse(&parse("<disable xmlns='urn:xmpp:carbons:2'/>")), Some(Request::Disable));
        assert_eq!(Request::parse(&parse("<enable xmlns='urn:xmpp:sm:3'/>")), None);
    }

    #[test]
    fn a_copy_comes_from_the_account_and_holds_the_message_as_it_was() {
        let mut out = Vec::new();
        let message = b"<message from='b@x.test/1' to='a@x.test' type='chat'><body>x</body></message>";
        write(&mut out, Direction::Received, "a@x.test", "a@x.test/2", Some("chat"), message);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "<message from='a@x.test' to='a@x.test/2' type='chat'><received xmlns='urn:xmpp:carbons:2'>\
             <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='b@x.test/1' to='a@x.test' \
             type='chat'><body>x</body></message></forwarded></received></message>"
        );
    }
}
