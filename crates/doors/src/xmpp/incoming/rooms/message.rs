use std::sync::Arc;

use bytes::Bytes;
use domain::{Content, Message, MessageKind, Native, Protocol, Sender};
use hub::{Item, Origin, RoomAnswer, RoomDraft};
use store::Keep;
use xmpp::{
    Element,
    extension::rooms::{self, user},
    jid::{BareJid, Jid},
    namespace, native,
    stanza::{self, Condition, StanzaError},
};

use super::{
    super::super::{
        addresses::{domain_jid, full_jid},
        conversation::Conversation,
    },
    answer, errand, refusal, room_of,
};
use crate::xmpp::incoming::{message::said, own_id::own_id};

/// What is said in a room, privately or to all, and what a room is to carry (XEP-0045 §7.4, §7.5, §7.8).
pub(in super::super) async fn handle(
    conversation: &Conversation,
    message: stanza::Message,
    to: &Jid,
    number: u32,
) {
    let wrong = match (message.kind, to.resource()) {
        (stanza::MessageKind::Error, _) => return,
        (stanza::MessageKind::Groupchat, None) => return to_all(conversation, message, to, number).await,
        (stanza::MessageKind::Groupchat, Some(_)) => {
            StanzaError::new(Condition::BadRequest).with_text("what is for all goes to the room itself")
        }
        (_, Some(nickname)) => {
            return privately(conversation, message, to, nickname.as_str(), number).await;
        }
        (_, None) => match user::Errand::read(&message.element) {
            Some(errand) => return errand::handle(conversation, &message, to, errand).await,
            None if !message.content().is_durable() => return,
            None => StanzaError::new(Condition::BadRequest).with_text("what is for all is of type groupchat"),
        },
    };
    answer(conversation, &message.element, &wrong);
}

async fn to_all(conversation: &Conversation, message: stanza::Message, to: &Jid, number: u32) {
    let hub = &conversation.door.hub;
    let (room, by) = match (room_of(to), BareJid::new(to.to_bare().as_str())) {
        (Ok(room), Ok(by)) => (room, by),
        _ => return answer(conversation, &message.element, &Condition::ItemNotFound.into()),
    };
    let Some(mut element) = forwardable(conversation, &message) else { return };
    let (id, accepted_at) = hub.environment().message_id_and_time();
    element.push(rooms::occupant_id(&hub.occupant_id(&room, conversation.session.address())));
    element.remove_attribute("from");
    element.remove_attribute("to");
    native::insert_stanza_id(&mut element, &by, &id.to_string());
    let content = message.content();
    let (origin_id, encrypted) = (content.origin_id.clone(), content.encrypted);
    let content = match content.subject() {
        Some(subject) if content.body().is_none() && content.is_durable() => {
            let subject = domain::displayable(subject).into_owned();
            Content::Text { body: String::new(), subject: Some(subject) }
        }
        _ => said(content),
    };
    let draft = RoomDraft {
        id,
        sender_id: own_id(origin_id.as_deref(), &content, encrypted, &|show| message.texts(&mut *show)),
        content,
        native: Some(Native { protocol: Protocol::Xmpp, bytes: native::write_message(&element).into() }),
        accepted_at,
    };
    let refuse = refuse(conversation, &message.element);
    hub.say_in_room(&room, draft, origin(conversation, number), refuse).await;
}

/// A private word goes to the person behind the name, under the name of who says it.
async fn privately(
    conversation: &Conversation,
    message: stanza::Message,
    to: &Jid,
    nickname: &str,
    number: u32,
) {
    let hub = &conversation.door.hub;
    let behind = room_of(to).and_then(|room| {
        let behind = hub.behind_nickname(&room, &conversation.session, nickname);
        behind.map(|(own, other)| (room, own, other)).map_err(|error| refusal(&error))
    });
    let (room, own, other) = match behind {
        Ok(behind) => behind,
        Err(error) => return answer(conversation, &message.element, &error),
    };
    let (Some(mut element), Some(full)) = (forwardable(conversation, &message), full_jid(&other)) else {
        return;
    };
    let (id, accepted_at) = hub.environment().message_id_and_time();
    element.set_attribute("from", format!("{room}/{own}"));
    element.set_attribute("to", full.as_str());
    element.push(user::mark());
    element.push(rooms::occupant_id(&hub.occupant_id(&room, conversation.session.address())));
    let content = message.content();
    let (origin_id, encrypted) = (content.origin_id.clone(), content.encrypted);
    let automatic = content.hints.no_store || content.hints.no_permanent_store;
    let content = said(content);
    let word = Message {
        id,
        sender: Sender::Account { address: conversation.session.address().clone() },
        recipient: other.address().clone(),
        kind: MessageKind::Chat,
        sender_id: own_id(origin_id.as_deref(), &content, encrypted, &|show| message.texts(&mut *show)),
        content,
        automatic,
        native: Some(Native { protocol: Protocol::Xmpp, bytes: native::write_message(&element).into() }),
        accepted_at,
    };
    let refuse = refuse(conversation, &message.element);
    hub.whisper(Arc::new(word), other.resource(), origin(conversation, number), refuse).await;
}

/// The stanza without what its sender may not say.
fn forwardable(conversation: &Conversation, message: &stanza::Message) -> Option<Element> {
    let mut element = message.element.clone();
    let domain = domain_jid(conversation.door.hub.domain())?;
    native::make_forwardable(&mut element, &domain, &full_jid(&conversation.session)?);
    element.retain_children(|child| {
        let namespace = child.namespace().as_str();
        !namespace.starts_with(namespace::MUC) && namespace != namespace::OCCUPANT_ID
    });
    Some(element)
}

/// What is said in rooms is copied to nobody's other sessions, and in nobody's own archive.
fn origin(conversation: &Conversation, number: u32) -> Origin {
    let session = conversation.session.clone();
    Origin { session, number, copied: false, keep: Keep::NOBODY, now_or_never: false }
}

/// How the sender is told of a refusal: by what came, without its content.
fn refuse(conversation: &Conversation, element: &Element) -> RoomAnswer {
    let from = conversation.full_jid();
    let head = Element::new("message", namespace::CLIENT)
        .with_optional_attribute("type", element.attribute("type"))
        .with_optional_attribute("id", element.attribute("id"))
        .with_optional_attribute("to", element.attribute("to"))
        .with_attribute("from", from);
    Box::new(move |result| {
        let reply = refusal(result.err()?).reply_to(&head)?;
        Some(Item::Native(Bytes::from(reply.to_bytes(namespace::CLIENT))))
    })
}
