use std::sync::Arc;

use bytes::Bytes;
use domain::{Address, Content, Message, MessageKind, Native, Protocol, Refusal, Sender};
use hub::{HubError, Item, Origin};
use xmpp::{
    Element,
    extension::{blocking, carbons, markers::MarkerKind},
    jid::{BareJid, Jid},
    namespace, native,
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
    let Some((message, refused)) = accept(conversation, message, recipient, kind) else { return };
    let session = conversation.session.clone();
    let done = move |result: Result<hub::Sent, HubError>| {
        if let Err(error) = result
            && let Some(reply) = refusal(&error).reply_to(&refused)
        {
            session.push(Item::Native(Bytes::from(reply.to_bytes(namespace::CLIENT))));
        }
    };
    let resource = to.resource().map(|resource| resource.as_str());
    conversation.door.hub.send(message, resource, Some(origin), done).await;
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
    let Some((mut message, refused)) = accept(conversation, message, recipient, MessageKind::Normal) else {
        return;
    };
    // Neither can wait for anybody.
    Arc::make_mut(&mut message).content = Content::Fleeting;
    let given = match to.resource() {
        Some(resource) => conversation.door.hub.send_to_session(&message, resource.as_str(), &origin),
        None => Err(HubError::Refused(Refusal::NoSuchRecipient)),
    };
    if let Err(error) = given {
        // Errors are never answered with errors (RFC 6120 §8.3.1).
        answer(conversation, &refused, &refusal(&error));
    }
}

fn origin(conversation: &Conversation, message: &stanza::Message, number: u32) -> Origin {
    let copied = carbons::is_eligible(&message.element, message.kind);
    let hints = stanza::Hints::read(&message.element);
    Origin { session: conversation.session.clone(), number, copied, archived: !hints.no_permanent_store }
}

/// The message as the hub takes it, and what is needed of it to refuse it.
fn accept(
    conversation: &Conversation,
    message: stanza::Message,
    recipient: Address,
    kind: MessageKind,
) -> Option<(Arc<Message>, Element)> {
    let content = message.content();
    let hub = &conversation.door.hub;
    let own = conversation.session.address();
    let (id, by) = (hub.environment().message_id(), BareJid::new(recipient.as_str()).ok()?);
    let mut element = message.element;
    let refused = envelope(&element);
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
    Some((Arc::new(message), refused))
}

/// What a message says, in the words of the house.
fn said(content: MessageContent) -> Content {
    if !content.is_durable() {
        let only_typing = content.chat_state.is_some() && !content.carries_content;
        return if only_typing { Content::Typing } else { Content::Fleeting };
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

fn refusal(error: &HubError) -> StanzaError {
    match error {
        HubError::Refused(Refusal::Blocked) => blocking::refusal(),
        HubError::Refused(_) => Condition::ServiceUnavailable.into(),
        HubError::Full { .. } => StanzaError::new(Condition::ResourceConstraint).with_text(error.to_string()),
        other => {
            tracing::warn!(error = %other, "a message was not taken");
            StanzaError::new(Condition::ResourceConstraint)
                .with_text("the service cannot store this now; try again")
        }
    }
}

fn answer(conversation: &Conversation, element: &Element, error: &StanzaError) {
    if let Some(reply) = error.reply_to(element) {
        conversation.send(&reply);
    }
}

/// The stanza without its content: what a refusal needs.
fn envelope(element: &Element) -> Element {
    ["type", "id", "from", "to"]
        .into_iter()
        .fold(Element::new("message", namespace::CLIENT), |envelope, name| {
            envelope.with_optional_attribute(name, element.attribute(name))
        })
}
