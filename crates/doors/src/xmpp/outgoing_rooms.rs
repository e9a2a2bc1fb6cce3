//! What rooms say, as XMPP writes it (XEP-0045).

use std::borrow::Cow;

use domain::{
    Content, Protocol,
    room::{RoomMessage, RoomSubject},
};
use hub::{Departure, EntryNews, RoomItem, RoomPresence};
use xmpp::{
    Element,
    extension::{
        delay::Delay,
        rooms::{
            self,
            user::{self, Item, Status},
        },
        stanza_id::StanzaId,
    },
    jid::BareJid,
    namespace, native,
};

use super::{
    link::Link,
    outgoing::{presence_children, stamp, with_native},
};

/// What every message begins with, and every presence with anything in it ends with.
const MESSAGE: &[u8] = b"<message";
const END_TAG: &[u8] = b"</presence>";

/// Writes one item as one stanza.
pub(super) fn write(link: &Link, item: &RoomItem, out: &mut Vec<u8>) {
    match item {
        RoomItem::Presence { presence, own, sees_address, entry } => {
            self::presence(link, presence, *own, *sees_address, *entry, out);
        }
        RoomItem::Message { message, late, .. } => {
            let head = head("message", message).with_attribute("to", link.full_jid());
            let bytes = with_head(&head, &said(message));
            let delayed = late.then(|| {
                native::with_delay(
                    &bytes,
                    &BareJid::new(message.room.as_str()).ok()?,
                    &stamp(message.accepted_at),
                )
            });
            out.extend_from_slice(delayed.flatten().as_deref().unwrap_or(&bytes));
        }
        RoomItem::Subject { room, subject } => {
            self::subject(link, room.as_str(), subject.as_ref()).write(out, namespace::CLIENT);
        }
        RoomItem::Configured { room, shows_addresses } => {
            let changed = match shows_addresses {
                Some(true) => Status::AddressesShown,
                Some(false) => Status::AddressesHidden,
                None => Status::Configured,
            };
            Element::new("message", namespace::CLIENT)
                .with_attribute("from", room.as_str())
                .with_attribute("to", link.full_jid())
                .with_attribute("type", "groupchat")
                .with_child(user::element(None, &[changed], None))
                .write(out, namespace::CLIENT);
        }
    }
}

/// A message as it stands in the room's archive; whose it was is told to who may know.
pub(super) fn archived(message: &RoomMessage, sees_address: bool) -> Vec<u8> {
    let bytes = with_head(&head("message", message), &said(message));
    let item = Item { jid: Some(message.sender.to_string()), ..Item::default() };
    let known = sees_address.then(|| native::with_child(&bytes, &user::element(Some(&item), &[], None)));
    known.flatten().unwrap_or(bytes)
}

fn head(name: &'static str, message: &RoomMessage) -> Element {
    Element::new(name, namespace::CLIENT)
        .with_attribute("from", format!("{}/{}", message.room, message.nickname))
}

/// A stanza whose other attributes and children are bytes.
fn with_head(head: &Element, bytes: &[u8]) -> Vec<u8> {
    let mut out = head.to_bytes(namespace::CLIENT);
    out.truncate(out.len() - "/>".len());
    out.extend_from_slice(bytes.strip_prefix(MESSAGE).unwrap_or(b"></message>"));
    out
}

/// What was said, without who it is from and to.
fn said(message: &RoomMessage) -> Cow<'_, [u8]> {
    if let Some(native) = message.native.as_ref().filter(|native| native.protocol == Protocol::Xmpp) {
        return Cow::Borrowed(&native.bytes);
    }
    let child = |name, text: &str| Element::new(name, namespace::CLIENT).with_text(text);
    let (subject, body) = match &message.content {
        Content::Text { body, subject } => {
            (subject.as_deref(), Some(body.as_str()).filter(|body| !body.is_empty()))
        }
        _ => (None, None),
    };
    let element = Element::new("message", namespace::CLIENT)
        .with_attribute("type", "groupchat")
        .with_attribute("id", message.id.to_string())
        .with_children(subject.map(|subject| child("subject", subject)))
        .with_children(body.map(|body| child("body", body)))
        .with_child(StanzaId { by: message.room.to_string(), id: message.id.to_string() }.to_element());
    Cow::Owned(native::write_message(&element))
}

/// The subject as who comes in is told it, also that there is none (§7.2.15).
fn subject(link: &Link, room: &str, subject: Option<&RoomSubject>) -> Element {
    let from = subject.map_or(room.to_owned(), |subject| format!("{room}/{}", subject.by));
    let text = subject.map_or("", |subject| subject.text.as_str());
    let delay = subject.map(|subject| {
        Delay { from: Some(room.to_owned()), stamp: stamp(subject.at), reason: None }.to_element()
    });
    Element::new("message", namespace::CLIENT)
        .with_attribute("from", from)
        .with_attribute("to", link.full_jid())
        .with_attribute("type", "groupchat")
        .with_child(Element::new("subject", namespace::CLIENT).with_text(text))
        .with_children(delay)
}

fn presence(
    link: &Link,
    told: &RoomPresence,
    own: bool,
    sees_address: bool,
    entry: Option<EntryNews>,
    out: &mut Vec<u8>,
) {
    let gone = told.departure.is_some();
    let stanza = Element::new("presence", namespace::CLIENT)
        .with_attribute("from", format!("{}/{}", told.room, told.nickname))
        .with_attribute("to", link.full_jid())
        .with_optional_attribute("type", gone.then_some("unavailable"));
    let mut bytes = Vec::with_capacity(512);
    match &told.presence.native {
        Some(native) => with_native(&stanza, native, &mut bytes),
        None => stanza.with_children(presence_children(&told.presence)).write(&mut bytes, namespace::CLIENT),
    }
    // The tag is left open for what the room says.
    if bytes.ends_with(END_TAG) {
        bytes.truncate(bytes.len() - END_TAG.len());
    } else {
        bytes.truncate(bytes.len() - "/>".len());
        bytes.push(b'>');
    }
    occupant(told, own, sees_address, entry).write(&mut bytes, namespace::CLIENT);
    let id = link.door.hub.occupant_id(&told.room, &told.address);
    rooms::occupant_id(&id).write(&mut bytes, namespace::CLIENT);
    bytes.extend_from_slice(END_TAG);
    out.extend_from_slice(&bytes);
}

/// What the room says of somebody in it (§15.6.2).
fn occupant(told: &RoomPresence, own: bool, sees_address: bool, entry: Option<EntryNews>) -> Element {
    let (code, nick, ended) = match &told.departure {
        None | Some(Departure::Left) => (None, None, None),
        Some(Departure::Renamed(nickname)) => (Some(Status::NewName), Some(nickname.to_string()), None),
        Some(Departure::Kicked) => (Some(Status::Kicked), None, None),
        Some(Departure::Banned) => (Some(Status::Banned), None, None),
        Some(Departure::MembershipEnded) => (Some(Status::NoMember), None, None),
        Some(Departure::ServiceStopped) => (Some(Status::ServiceStopped), None, None),
        Some(Departure::MembersOnly) => (Some(Status::MembersOnly), None, None),
        Some(Departure::Ended { instead }) => {
            let instead = instead.as_ref().map(|instead| instead.as_str());
            (None, None, Some(user::ended(instead, told.reason.as_deref())))
        }
    };
    let entry = entry.unwrap_or_default();
    let statuses = [
        entry.address_shown.then_some(Status::AddressShown),
        own.then_some(Status::Own),
        entry.created.then_some(Status::Created),
        entry.renamed.then_some(Status::Renamed),
        code,
    ];
    let statuses: Vec<Status> = statuses.into_iter().flatten().collect();
    let item = Item {
        affiliation: Some(told.affiliation.as_str()),
        role: Some(told.role.as_str()),
        jid: sees_address.then(|| format!("{}/{}", told.address, told.resource)),
        nick,
        actor: told.by.as_ref().map(ToString::to_string),
        reason: told.reason.clone().filter(|_| ended.is_none()),
    };
    user::element(Some(&item), &statuses, ended)
}
