use ::api::events::{ContentView, Direction, Event, MessageView};
use domain::{Content, Message, Sender, displayable};
use hub::{CarbonDirection, Delivery, HubError};

use super::rich;
use crate::api::Problem;

pub(super) fn delivered(delivery: &Delivery) -> Event {
    Event::Message { message: message_view(&delivery.message), late: delivery.late }
}

pub(super) fn copied(message: &Message, direction: CarbonDirection) -> Event {
    let direction = match direction {
        CarbonDirection::Received => Direction::Received,
        CarbonDirection::Sent => Direction::Sent,
    };
    Event::Carbon { direction, message: message_view(message) }
}

pub(super) fn accepted(message: &Message) -> Event {
    let id = message.sender_id.clone().unwrap_or_default();
    Event::Accepted { id, message: message.id, at: message.accepted_at }
}

pub(super) fn refused(message: &Message, error: &HubError) -> Event {
    Event::Refused { id: message.sender_id.clone(), problem: Problem::from(error.clone()).document() }
}

/// A message in words that do not mislead, by whichever protocol it came.
pub(crate) fn message_view(message: &Message) -> MessageView {
    let (from, verified, source, protocol) = match &message.sender {
        Sender::Account { address } => (address.to_string(), true, None, None),
        Sender::Service => (message.recipient.domain().to_owned(), true, None, None),
        Sender::Unverified { name, source, protocol } => {
            let source = source.to_canonical().to_string();
            (displayable(name).into_owned(), false, Some(source), Some(*protocol))
        }
    };
    let stanza = rich::stanza(message);
    // The id by which a sender who speaks XMPP knows a message (XEP-0184 §5.2, XEP-0333 §4).
    let mark = stanza.as_ref().and_then(|stanza| stanza.attribute("id")).map(str::to_owned);
    let content = stanza.as_ref().and_then(|stanza| rich::content(&message.content, stanza));
    MessageView {
        id: message.id,
        from,
        verified,
        source,
        protocol,
        to: message.recipient.clone(),
        kind: message.kind,
        at: message.accepted_at,
        room: None,
        nickname: None,
        own: false,
        encrypted: stanza.as_ref().is_some_and(rich::is_encrypted),
        mark: mark.unwrap_or_else(|| message.id.to_string()),
        content: content.unwrap_or_else(|| content_view(&message.content)),
    }
}

pub(super) fn content_view(content: &Content) -> ContentView {
    match content {
        Content::Text { body, subject } => ContentView::Text {
            text: displayable(body).into_owned(),
            subject: subject.as_deref().map(|subject| displayable(subject).into_owned()),
            reply: None,
            file: None,
        },
        Content::Receipt { of, seen } => ContentView::Receipt { of: of.clone(), seen: *seen },
        Content::Typing { composing } => ContentView::Typing { composing: *composing },
        Content::Other => ContentView::Other,
        Content::Fleeting => ContentView::Fleeting,
    }
}
