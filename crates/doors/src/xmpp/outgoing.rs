use std::borrow::Cow;

use domain::{Address, Message, MessageKind, Presence, Protocol, Show, SubscriptionAction};
use hub::{BlockChange, CarbonDirection, Delivery, Item, PresenceNotice};
use jiff::Timestamp;
use xmpp::{
    Element,
    extension::{blocking, carbons, roster, stanza_id::StanzaId},
    jid::BareJid,
    namespace, native,
    stream_management::Response as StreamResponse,
};

use super::{addresses::domain_jid, alert, link::Link, outgoing_rooms, refused, translated};

/// Writes one item as the client is to read it: one stanza for each item that counts.
pub(super) fn write(link: &Link, item: &Item, out: &mut Vec<u8>) {
    match item {
        Item::Message(delivery) => message(link, delivery, out),
        Item::Carbon { message, direction, archived } => carbon(link, message, *direction, *archived, out),
        Item::Room(item) => outgoing_rooms::write(link, item, out),
        Item::Native(bytes) | Item::Uncounted(bytes) => out.extend_from_slice(bytes),
        Item::Presence(notice) => presence(link, notice, out),
        Item::Subscription { from, action, native } => {
            let own = Element::new("presence", namespace::CLIENT)
                .with_attribute("from", from.as_str())
                .with_attribute("to", link.session.address().as_str())
                .with_attribute("type", subscription_type(*action));
            with_native(&own, native.as_deref().unwrap_or_default(), out);
        }
        other => element(link, other).write(out, namespace::CLIENT),
    }
}

fn element(link: &Link, item: &Item) -> Element {
    match item {
        Item::Refused { message, error } => refused::answer(message, error).unwrap_or_else(|| filler(link)),
        Item::Alert(raised) => alert::raised(link, raised),
        Item::AlertEnded(ended) => alert::ended(link, ended),
        Item::AlertAgain { alert, number } => alert::again(link, alert, *number),
        Item::AlertAnswered { alert, choice, device } => {
            alert::answered_elsewhere(link, alert, choice, device)
        }
        Item::Contact { contact, version } => match contact_item(contact) {
            Some(item) => roster_push(link, &item, version),
            None => filler(link),
        },
        Item::ContactRemoved { address, version } => match BareJid::new(address.as_str()) {
            Ok(jid) => roster_push(link, &roster::Item::removed(jid), version),
            Err(_) => filler(link),
        },
        Item::Blocks(change) => blocks_push(link, change),
        Item::Acknowledgement(handled) => StreamResponse::Acknowledge { handled: *handled }.to_element(),
        _ => filler(link),
    }
}

/// A stanza that says nothing, in the place of one that cannot be had.
fn filler(link: &Link) -> Element {
    link.ping(&link.query_id("filler"))
}

fn roster_push(link: &Link, item: &roster::Item, version: &str) -> Element {
    // A push comes from the person's own account (RFC 6121 §2.1.6).
    let from = link.session.address().as_str();
    link.query("set", &link.query_id("roster"), from, roster::push(item, Some(version)))
}

fn blocks_push(link: &Link, change: &BlockChange) -> Element {
    let payload = match change {
        BlockChange::Blocked(jids) => blocking::blocked(jids.iter().map(String::as_str)),
        BlockChange::Unblocked(jids) => blocking::unblocked(jids.iter().map(String::as_str)),
    };
    link.query("set", &link.query_id("blocks"), link.session.address().as_str(), payload)
}

/// An entry of a contact list as the wire has it (RFC 6121 §2.1.2).
pub(super) fn contact_item(contact: &domain::Contact) -> Option<roster::Item> {
    Some(roster::Item {
        contact: BareJid::new(contact.address.as_str()).ok()?,
        name: contact.name.clone(),
        groups: contact.labels.clone(),
        subscription: match (contact.to, contact.from) {
            (false, false) => roster::Subscription::None,
            (true, false) => roster::Subscription::To,
            (false, true) => roster::Subscription::From,
            (true, true) => roster::Subscription::Both,
        },
        ask: contact.asked,
        approved: contact.approved,
    })
}

fn subscription_type(action: SubscriptionAction) -> &'static str {
    match action {
        SubscriptionAction::Subscribe => "subscribe",
        SubscriptionAction::Subscribed => "subscribed",
        SubscriptionAction::Unsubscribe => "unsubscribe",
        SubscriptionAction::Unsubscribed => "unsubscribed",
    }
}

fn presence(link: &Link, notice: &PresenceNotice, out: &mut Vec<u8>) {
    let from = if notice.resource.is_empty() {
        notice.from.to_string()
    } else {
        format!("{}/{}", notice.from, notice.resource)
    };
    let session = &link.session;
    let to = if notice.to_session {
        format!("{}/{}", session.address(), session.resource())
    } else {
        session.address().to_string()
    };
    let stanza = Element::new("presence", namespace::CLIENT)
        .with_attribute("from", from)
        .with_attribute("to", to)
        .with_optional_attribute("type", (!notice.available).then_some("unavailable"));
    match &notice.presence.native {
        None => stanza.with_children(presence_children(&notice.presence)).write(out, namespace::CLIENT),
        Some(native) => with_native(&stanza, native, out),
    }
}

/// A presence whose id, language and children are bytes already: those of a presence without addresses and type. Bytes
/// that were kept by earlier versions are its children alone.
pub(super) fn with_native(stanza: &Element, native: &[u8], out: &mut Vec<u8>) {
    let mut start = stanza.to_bytes(namespace::CLIENT);
    if !native.is_empty() {
        // The tag is left open for what follows.
        start.truncate(start.len() - "/>".len());
    }
    out.extend_from_slice(&start);
    if let Some(rest) = native.strip_prefix(b"<presence") {
        out.extend_from_slice(rest);
    } else if !native.is_empty() {
        out.push(b'>');
        out.extend_from_slice(native);
        out.extend_from_slice(b"</presence>");
    }
}

pub(super) fn presence_children(presence: &Presence) -> Vec<Element> {
    let show = match presence.show {
        Show::Available => None,
        Show::Chat => Some("chat"),
        Show::Away => Some("away"),
        Show::ExtendedAway => Some("xa"),
        Show::Busy => Some("dnd"),
    };
    let child = |name, text: &str| Element::new(name, namespace::CLIENT).with_text(text);
    let status = presence.text.as_deref().map(|text| child("status", text));
    show.map(|show| child("show", show)).into_iter().chain(status).collect()
}

fn message(link: &Link, delivery: &Delivery, out: &mut Vec<u8>) {
    let bytes = message_bytes(link, &delivery.message, delivery.archived);
    let delayed = delivery.late.then(|| {
        let domain = domain_jid(link.door.hub.domain())?;
        native::with_delay(&bytes, &domain, &stamp(delivery.message.accepted_at))
    });
    out.extend_from_slice(delayed.flatten().as_deref().unwrap_or(&bytes));
}

/// A message as XMPP writes it for its recipient, with its id where it is in the recipient's archive.
fn message_bytes<'a>(link: &Link, message: &'a Message, archived: bool) -> Cow<'a, [u8]> {
    match message.native.as_ref().filter(|native| native.protocol == Protocol::Xmpp) {
        Some(native) => Cow::Borrowed(&native.bytes),
        None => Cow::Owned(native::write_message(&translated::message(link, message, archived))),
    }
}

/// A copy of what another session got or sent.
fn carbon(link: &Link, message: &Message, direction: CarbonDirection, archived: bool, out: &mut Vec<u8>) {
    let session = &link.session;
    let own = session.address();
    let (direction, bytes) = match direction {
        CarbonDirection::Received => (carbons::Direction::Received, message_bytes(link, message, archived)),
        CarbonDirection::Sent => (carbons::Direction::Sent, sent_bytes(link, message, own, archived)),
    };
    let to = format!("{own}/{}", session.resource());
    carbons::write(out, direction, own.as_str(), &to, kind(message.kind), &bytes);
}

/// A message as it stands in a person's archive: with the id that it has there (XEP-0313 §3.4).
pub(super) fn archived_bytes<'a>(link: &Link, message: &'a Message, owner: &Address) -> Cow<'a, [u8]> {
    if *owner == message.recipient {
        message_bytes(link, message, true)
    } else {
        sent_bytes(link, message, owner, true)
    }
}

/// A message as its sender has it. The id is the same in everybody's archive, and is told to nobody who does not have
/// the message there.
fn sent_bytes<'a>(link: &Link, message: &'a Message, sender: &Address, archived: bool) -> Cow<'a, [u8]> {
    let bytes = message_bytes(link, message, false);
    let id = |by: &Address| StanzaId { by: by.to_string(), id: message.id.to_string() };
    let own = archived.then(|| id(sender));
    native::with_other_id(&bytes, &id(&message.recipient), own.as_ref()).map_or(bytes, Cow::Owned)
}

/// The type of a message; none where it is the usual one.
pub(super) fn kind(kind: MessageKind) -> Option<&'static str> {
    match kind {
        MessageKind::Chat => Some("chat"),
        MessageKind::Headline => Some("headline"),
        MessageKind::Normal => None,
    }
}

/// When a message was taken, as XEP-0082 writes it.
pub(super) fn stamp(taken_at: Timestamp) -> String {
    taken_at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
