//! Ordinary messages on the short road: recognised without a tree, and taken without waiting where that can be.

use std::{cell::RefCell, sync::Arc};

use domain::{Address, Content, Message, MessageKind, Native, Protocol, Sender};
use hub::Origin;
use store::Keep;
use xmpp::{
    extension::{carbons, chat_states::ChatState, markers::MarkerKind},
    scanner::{Envelope, MessageScan},
    stanza,
};

use super::{super::link::Link, own_id::own_id};

thread_local! {
    /// Where a message is made ready; limits on stanzas bound it.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What became of a message.
pub(in super::super) enum Quick {
    /// It is dealt with.
    Taken,
    /// It is to be read and dealt with as any other stanza.
    Unusual,
    /// It can be taken when the store has a place for it.
    Waits(Box<Waiting>),
}

/// A message that waits for a place in the store's queue.
pub(in super::super) struct Waiting {
    message: Arc<Message>,
    resource: Option<String>,
    origin: Origin,
}

impl Waiting {
    pub(in super::super) async fn send(self, link: &Link) {
        link.door.hub.send(self.message, self.resource.as_deref(), self.origin).await;
    }
}

/// Takes a message to a person of this service. It comes to the same as `message::handle` does with it.
pub(in super::super) fn message(link: &Link, scan: &MessageScan<'_>, lang: Option<&str>) -> Quick {
    take(link, scan, lang).unwrap_or(Quick::Unusual)
}

/// None where the message is unusual.
fn take(link: &Link, scan: &MessageScan<'_>, lang: Option<&str>) -> Option<Quick> {
    let kind = match scan.kind() {
        stanza::MessageKind::Chat => MessageKind::Chat,
        stanza::MessageKind::Normal => MessageKind::Normal,
        stanza::MessageKind::Headline => MessageKind::Headline,
        stanza::MessageKind::Groupchat | stanza::MessageKind::Error => return None,
    };
    if scan.from().is_some_and(|from| from != link.full_jid()) {
        return None;
    }
    let to = scan.to()?;
    let (bare, resource) = to.split_once('/').map_or((to, None), |(bare, resource)| (bare, Some(resource)));
    let hub = &link.door.hub;
    let recipient = match hub.known_address(bare) {
        Some(recipient) => recipient,
        None => Address::parse(bare).ok()?,
    };
    if recipient.domain() != hub.domain() || hub.is_alerts_address(&recipient) {
        return None;
    }
    let (content, hints) = (said(scan), scan.hints());
    // Its sender may have to hear that nobody was there, and that takes waiting.
    if hints.no_store && scan.carries_content() {
        return None;
    }
    let may_be_kept = content.is_durable() && kind != MessageKind::Headline && !hints.no_permanent_store;
    let keep = if may_be_kept { hub.keep(&link.session, &recipient, resource) } else { Keep::NOBODY };
    let (id, accepted_at) = hub.environment().message_id_and_time();
    let mut buffer = [0; 36];
    let envelope = Envelope {
        from: link.full_jid(),
        to: link.session.address().as_str(),
        lang,
        stanza_id: keep.recipient.then(|| (recipient.as_str(), id.write(&mut buffer))),
    };
    let bytes = SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        scan.write_forwardable(&envelope, scratch);
        Arc::from(scratch.as_slice())
    });
    let message = Arc::new(Message {
        id,
        sender: Sender::Account { address: link.session.address().clone() },
        recipient,
        kind,
        sender_id: own_id(scan.origin_id(), &content, scan.encrypted(), &|show| scan.texts(show)),
        content,
        automatic: hints.no_store || hints.no_permanent_store,
        native: Some(Native { protocol: Protocol::Xmpp, bytes }),
        accepted_at,
    });
    // Only a connection that still serves the session may count for it.
    let number = link.session.received(link.connection)?;
    let copied = carbons::is_scan_eligible(scan);
    let origin = Origin { session: link.session.clone(), number, copied, keep, now_or_never: false };
    Some(match hub.send_now(&message, resource, origin) {
        Ok(()) => Quick::Taken,
        Err(origin) => {
            Quick::Waits(Box::new(Waiting { message, resource: resource.map(str::to_owned), origin }))
        }
    })
}

/// What a message says, in the words of the house.
fn said(scan: &MessageScan<'_>) -> Content {
    if !scan.is_durable() {
        let only_typing = scan.chat_state().is_some() && !scan.carries_content();
        let composing = scan.chat_state() == Some(ChatState::Composing);
        return if only_typing { Content::Typing { composing } } else { Content::Fleeting };
    }
    if let Some(body) = scan.body() {
        return Content::Text {
            body: body.into_owned(),
            subject: scan.subject().map(|subject| subject.into_owned()),
        };
    }
    if let Some((kind, id)) = scan.marker() {
        return Content::Receipt { seen: kind >= MarkerKind::Displayed, of: id.to_owned() };
    }
    match scan.receipt_received() {
        Some(of) => Content::Receipt { of: of.to_owned(), seen: false },
        None => Content::Other,
    }
}
