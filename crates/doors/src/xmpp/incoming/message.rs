use std::sync::Arc;

use domain::{Address, Content, Message, MessageKind, Native, Protocol, Refusal, Sender};
use hub::{HubError, Item, Origin};
use xmpp::{
    Element,
    extension::{carbons, chat_states::ChatState, markers::MarkerKind},
    jid::{BareJid, Jid},
    native,
    stanza::{self, Condition, MessageContent, StanzaError},
};

use super::super::{
    addresses::{domain_jid, full_jid},
    alert,
    conversation::Conversation,
};

/// A message from the client (RFC 6121 §5, §8.5).
pub(super) async fn handle(conversation: &mut Conversation, message: stanza::Message, number: u32) {
    let own = conversation.session.address().clone();
    let to = message.to.clone().or_else(|| Jid::new(own.as_str()).ok());
    let Some(to) = to else { return };
    let recipient = Address::parse(to.to_bare().as_str());
    let result = match recipient {
        Ok(recipient) if conversation.door.hub.is_alerts_address(&recipient) => {
            alert::answered(conversation, &message).await
        }
        Ok(recipient) if recipient.domain() == conversation.door.hub.domain() => {
            return to_person(conversation, message, recipient, &to, number).await;
        }
        // That somebody is typing needs no answer, wherever it was meant to go.
        _ if !message.content().is_durable() => Ok(()),
        _ => Err(elsewhere(conversation, &to)),
    };
    if let Err(error) = result {
        answer(conversation, &message.element, &error);
    }
}

/// Refuses what is not for a person here.
fn elsewhere(conversation: &Conversation, to: &Jid) -> StanzaError {
    let (host, own) = (to.domain().as_str(), conversation.door.hub.domain());
    if host == own {
        return StanzaError::new(Condition::ServiceUnavailable)
            .with_text("the service itself takes no messages");
    }
    if host.strip_suffix(own).is_some_and(|rest| rest.ends_with('.')) {
        return StanzaError::new(Condition::ServiceUnavailable)
            .with_text("this sender cannot be answered by chat");
    }
    StanzaError::new(Condition::RemoteServerNotFound)
        .with_text("this service reaches people on its own network only")
}

async fn to_person(
    conversation: &Conversation,
    message: stanza::Message,
    recipient: Address,
    to: &Jid,
    number: u32,
) {
    let kind = match message.kind {
        stanza::MessageKind::Chat => MessageKind::Chat,
        stanza::MessageKind::Normal => MessageKind::Normal,
        stanza::MessageKind::Headline => MessageKind::Headline,
        stanza::MessageKind::Groupchat | stanza::MessageKind::Error => {
            return to_session(conversation, message, recipient, to, number);
        }
    };
    let origin = origin(conversation, &message, number);
    let Some(message) = accept(conversation, message, recipient, kind) else { return };
    let resource = to.resource().map(|resource| resource.as_str());
    conversation.door.hub.send(message, resource, origin).await;
}

/// Errors and what rooms say go to the one session that they name (RFC 6121 §8.5.2.1.1, §8.5.3).
fn to_session(
    conversation: &Conversation,
    message: stanza::Message,
    recipient: Address,
    to: &Jid,
    number: u32,
) {
    let origin = origin(conversation, &message, number);
    let Some(mut message) = accept(conversation, message, recipient, MessageKind::Normal) else {
        return;
    };
    // Neither can wait for anybody.
    Arc::make_mut(&mut message).content = Content::Fleeting;
    let given = match to.resource() {
        Some(resource) => conversation.door.hub.send_to_session(&message, resource.as_str(), &origin),
        None => Err(HubError::Refused(Refusal::NoSuchRecipient)),
    };
    if let Err(error) = given {
        conversation.session.push(Item::Refused { message, error });
    }
}

fn origin(conversation: &Conversation, message: &stanza::Message, number: u32) -> Origin {
    let copied = carbons::is_eligible(&message.element, message.kind);
    let hints = stanza::Hints::read(&message.element);
    Origin { session: conversation.session.clone(), number, copied, archived: !hints.no_permanent_store }
}

/// The message as the hub takes it.
fn accept(
    conversation: &Conversation,
    message: stanza::Message,
    recipient: Address,
    kind: MessageKind,
) -> Option<Arc<Message>> {
    let content = message.content();
    let hub = &conversation.door.hub;
    let own = conversation.session.address();
    let (id, by) = (hub.environment().message_id(), BareJid::new(recipient.as_str()).ok()?);
    let mut element = message.element;
    if element.attribute("to").is_none() {
        element.set_attribute("to", own.as_str());
    }
    native::make_forwardable(&mut element, &domain_jid(hub.domain())?, &full_jid(&conversation.session)?);
    native::insert_stanza_id(&mut element, &by, &id.to_string());
    let native = Native { protocol: Protocol::Xmpp, bytes: native::write_message(&element).into() };
    let message = Message {
        id,
        sender: Sender::Account { address: own.clone() },
        recipient,
        kind,
        sender_id: content.origin_id.clone().filter(|id| !id.is_empty()),
        content: said(content),
        native: Some(native),
        accepted_at: hub.environment().now(),
    };
    Some(Arc::new(message))
}

/// What a message says, in the words of the house.
fn said(content: MessageContent) -> Content {
    if !content.is_durable() {
        let only_typing = content.chat_state.is_some() && !content.carries_content;
        let composing = content.chat_state == Some(ChatState::Composing);
        return if only_typing { Content::Typing { composing } } else { Content::Fleeting };
    }
    if let Some(body) = content.body() {
        return Content::Text { body: body.to_owned(), subject: content.subject().map(str::to_owned) };
    }
    if let Some(marker) = content.marker {
        return Content::Receipt { seen: marker.kind >= MarkerKind::Displayed, of: marker.id };
    }
    match content.receipt_received {
        Some(of) => Content::Receipt { of, seen: false },
        None => Content::Other,
    }
}

fn answer(conversation: &Conversation, element: &Element, error: &StanzaError) {
    if let Some(reply) = error.reply_to(element) {
        conversation.send(&reply);
    }
}
