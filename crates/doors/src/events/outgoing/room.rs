use ::api::events::{Event, MessageView};
use domain::{Address, MessageKind, Protocol, displayable, room::RoomMessage};
use hub::{RoomItem, RoomPresence};

use super::{super::link::Link, message::content_view, rich};

/// What a room says.
pub(super) fn told(link: &Link, item: &RoomItem) -> Event {
    match item {
        RoomItem::Presence { presence, own, sees_address, .. } => {
            self::presence(presence, *own, *sees_address)
        }
        RoomItem::Message { message, late, sees_address } => match message.new_subject() {
            Some(subject) => about(link, &message.room, Some(subject)),
            None => Event::Message {
                message: room_message_view(message, link.session.address(), *sees_address),
                late: *late,
            },
        },
        RoomItem::Subject { room, subject } => {
            let subject = subject.as_ref().map(|subject| subject.text.as_str());
            about(link, room, Some(subject.unwrap_or_default()))
        }
        RoomItem::Configured { room, .. } => about(link, room, None),
    }
}

/// Something said in a room, as one who was there sees it.
pub(crate) fn room_message_view(message: &RoomMessage, person: &Address, sees_address: bool) -> MessageView {
    let own = message.sender == *person;
    let native = message.native.as_ref().filter(|native| native.protocol == Protocol::Xmpp);
    let stanza = native.and_then(|native| xmpp::native::read_message(&native.bytes));
    let content = stanza.as_ref().and_then(|stanza| rich::content(&message.content, stanza));
    let from = match own || sees_address {
        true => message.sender.to_string(),
        false => format!("{}/{}", message.room, message.nickname),
    };
    MessageView {
        id: message.id,
        from,
        verified: true,
        source: None,
        protocol: None,
        to: message.room.clone(),
        kind: MessageKind::Chat,
        at: message.accepted_at,
        room: Some(message.room.to_string()),
        nickname: Some(message.nickname.to_string()),
        own,
        encrypted: stanza.as_ref().is_some_and(rich::is_encrypted),
        // What is said of something in a room names the id that the room gave it (XEP-0461 §3.1, XEP-0444 §4.2).
        mark: message.id.to_string(),
        content: content.unwrap_or_else(|| content_view(&message.content)),
    }
}

fn about(link: &Link, room: &Address, subject: Option<&str>) -> Event {
    let hub = &link.events.hub;
    let view = hub.room(room, &link.session).ok();
    Event::Room {
        address: room.clone(),
        title: view.map(|view| displayable(&view.configuration.title).into_owned()),
        subject: subject.map(|subject| displayable(subject).into_owned()),
        joined: Some(hub.has_entered(&link.session, room)),
    }
}

fn presence(told: &RoomPresence, own: bool, sees_address: bool) -> Event {
    Event::RoomPresence {
        room: told.room.clone(),
        nickname: told.nickname.to_string(),
        address: sees_address.then(|| told.address.clone()),
        affiliation: told.affiliation.as_str().to_owned(),
        role: told.role.as_str().to_owned(),
        show: told.departure.is_none().then_some(told.presence.show),
        text: told.presence.text.as_deref().map(|text| displayable(text).into_owned()),
        own,
    }
}
