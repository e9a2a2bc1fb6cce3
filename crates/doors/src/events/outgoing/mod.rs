//! What is written to a client: one file for each kind of item.

mod alert;
mod message;
mod people;
mod rich;
mod room;

use std::io::Write;

use ::api::events::Event;
use hub::Item;
pub(crate) use message::message_view;
pub(crate) use room::room_message_view;

use super::link::Link;

/// Writes one item as the client is to read it, in one frame, with its number where it has one.
pub(super) fn write(link: &Link, position: u32, item: &Item, out: &mut Vec<u8>) {
    let said = match item {
        Item::Uncounted(json) if json.is_empty() => return,
        Item::Uncounted(json) => return websocket::write_text(json, out),
        Item::Message(delivery) => message::delivered(delivery),
        Item::Carbon { message, direction, .. } => message::copied(message, *direction),
        Item::Accepted(message) => message::accepted(message),
        Item::Refused { message, error } => message::refused(message, error),
        Item::Presence(notice) => people::presence(notice),
        Item::Subscription { from, action, .. } => {
            Event::Subscription { from: from.clone(), action: *action }
        }
        Item::Contact { contact, .. } => Event::Contact((&**contact).into()),
        Item::ContactRemoved { address, .. } => Event::ContactRemoved { address: address.clone() },
        Item::Blocks(change) => people::blocks(change),
        Item::Alert(alert) => alert::raised(link, alert),
        Item::AlertAgain { alert, number } => alert::again(alert, *number),
        Item::AlertAnswered { alert, choice, device } => alert::answered(alert, choice, device),
        Item::AlertEnded(alert) => alert::ended(link, alert),
        Item::Room(item) => room::told(link, item),
        // What only clients of another protocol read is not for this one.
        Item::Native(_) | Item::Filler | Item::Acknowledgement(_) => Event::Filler,
    };
    event(item.is_counted().then_some(position), &said, out);
}

/// Writes one event in one frame.
pub(super) fn event(seq: Option<u32>, event: &Event, out: &mut Vec<u8>) {
    let json = serde_json::to_vec(event).unwrap_or_default();
    match (seq, json.split_first()) {
        (Some(seq), Some((_, rest))) => {
            let mut numbered = Vec::with_capacity(json.len() + 18);
            // Writing to a list does not fail.
            drop(write!(numbered, "{{\"seq\":{seq},"));
            numbered.extend_from_slice(rest);
            websocket::write_text(&numbered, out);
        }
        _ => websocket::write_text(&json, out),
    }
}
