use std::sync::Arc;

use domain::{Address, Content, Message, MessageKind, Native, Protocol, Refusal, Sender};
use hub::{HubError, Item, Origin};
use store::Keep;
use xmpp::{
    Element,
    extension::{automatic, carbons, chat_states::ChatState, markers::MarkerKind},
    jid::{BareJid, Jid},
    native,
    stanza::{self, Condition, MessageContent, StanzaError},
};

use super::{
    super::{
        addresses::{domain_jid, elsewhere, full_jid},
        alert,
        conversation::Conversation,
    },
    own_id::own_id,
    rooms,
};

/// A message from the client (RFC 6121 §5, §8.5).
pub(super) async fn handle(conversation: &mut Conversation, message: stanza::Message, number: u32) {
    let own = conversation.session.address().clone();
    let to = message.to.clone().or_else(|| Jid::new(own.as_str()).ok());
    let Some(to) = to else { return };
    if rooms::are_meant(conversation, &to) {
        return rooms::message(conversation, message, &to, number).await;
    }
    let recipient = Address::parse(to.to_bare().as_str());
    let result = match recipient {
        Ok(recipient) if conversation.door.hub.is_alerts_address(&recipient) => {
            alert::answered(conversation, &message, number).await
        }
        Ok(recipient) if recipient.domain() == conversation.door.hub.domain() => {
            return to_person(conversation, message, recipient, &to, number).await;
        }
        Ok(recipient) if domain::is_unverified_host(recipient.domain(), conversation.door.hub.domain()) => {
            match for_old_machine(&message) {
                Ok(()) => return to_person(conversation, message, recipient, &to, number).await,
                Err(error) => Err(error),
            }
        }
        // That somebody is typing needs no answer, wherever it was meant to go.
        _ if !message.content().is_durable() => Ok(()),
        _ => Err(refusal(conversation, &to)),
    };
    if let Err(error) = result {
        answer(conversation, &message.element, &error);
    }
}

/// Refuses what an old machine would show as something else than it is: the words beside what it does not understand.
fn for_old_machine(message: &stanza::Message) -> Result<(), StanzaError> {
    let content = message.content();
    let why = if content.encrypted {
        "an old machine reads nothing encrypted: switch encryption off for this conversation"
    } else if content.correction_of.is_some() || content.retraction_of.is_some() {
        "what an old machine has shown can be neither changed nor taken back"
    } else {
        return Ok(());
    };
    Err(StanzaError::new(Condition::NotAcceptable).with_text(why))
}

/// Why nobody gets what is not for a person here.
fn refusal(conversation: &Conversation, to: &Jid) -> StanzaError {
    elsewhere(conversation.door.hub.domain(), to).unwrap_or_else(|| {
        StanzaError::new(Condition::ServiceUnavailable).with_text("the service itself takes no messages")
    })
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
    let content = message.content();
    let resource = to.resource().map(|resource| resource.as_str());
    let hub = &conversation.door.hub;
    let may_be_kept =
        content.is_durable() && kind != MessageKind::Headline && !content.hints.no_permanent_store;
    let keep = if may_be_kept { hub.keep(&conversation.session, &recipient, resource) } else { Keep::NOBODY };
    let now_or_never = content.hints.no_store && content.carries_content && kind != MessageKind::Headline;
    let origin = Origin { keep, now_or_never, ..origin(conversation, &message, number) };
    let Some(message) = accept(conversation, message, recipient, kind, keep) else { return };
    hub.send(message, resource, origin).await;
}

/// Errors and what rooms say go to the one session that they name (RFC 6121 §8.5.2.1.1, §8.5.3).
fn to_session(
    conversation: &Conversation,
    message: stanza::Message,
    recipient: Address,
    to: &Jid,
    number: u32,
) {
    let (origin, is_error) =
        (origin(conversation, &message, number), message.kind == stanza::MessageKind::Error);
    let message = accept(conversation, message, recipient, MessageKind::Normal, Keep::NOBODY);
    let Some(mut message) = message else { return };
    // Neither can wait for anybody.
    Arc::make_mut(&mut message).content = Content::Fleeting;
    let given = match to.resource() {
        Some(resource) => conversation.door.hub.send_to_session(&message, resource.as_str(), &origin),
        None => Err(HubError::Refused(Refusal::NoSuchRecipient)),
    };
    // An error is never answered (RFC 6120 §8.3.1).
    if let Err(error) = given
        && !is_error
    {
        conversation.session.push(Item::Refused { message, error });
    }
}

fn origin(conversation: &Conversation, message: &stanza::Message, number: u32) -> Origin {
    let copied = carbons::is_eligible(&message.element, message.kind);
    let session = conversation.session.clone();
    Origin { session, number, copied, keep: Keep::NOBODY, now_or_never: false }
}

/// The message as the hub takes it, with its id where the recipient keeps it.
fn accept(
    conversation: &Conversation,
    message: stanza::Message,
    recipient: Address,
    kind: MessageKind,
    keep: Keep,
) -> Option<Arc<Message>> {
    let content = message.content();
    let (encrypted, origin_id) = (content.encrypted, content.origin_id.clone());
    // These name what they are about, which is no text.
    let named = [&content.correction_of, &content.retraction_of].map(Clone::clone);
    let named: Vec<String> =
        named.into_iter().flatten().chain(content.reactions.iter().map(|one| one.id.clone())).collect();
    let hints = content.hints;
    let content = said(content);
    let sender_id = own_id(origin_id.as_deref(), &content, encrypted, &|show| {
        message.texts(&mut *show);
        named.iter().for_each(|id| show(id));
    });
    let hub = &conversation.door.hub;
    let own = conversation.session.address();
    let (id, by) = (hub.environment().message_id(), BareJid::new(recipient.as_str()).ok()?);
    let mut element = message.element;
    // What asks to be kept nowhere, or no longer than it takes to deliver it, asks for no answer either.
    let automatic = automatic::is_marked(&element) || hints.no_store || hints.no_permanent_store;
    if element.attribute("to").is_none() {
        element.set_attribute("to", own.as_str());
    }
    native::make_forwardable(&mut element, &domain_jid(hub.domain())?, &full_jid(&conversation.session)?);
    if keep.recipient {
        native::insert_stanza_id(&mut element, &by, &id.to_string());
    }
    let native = Native { protocol: Protocol::Xmpp, bytes: native::write_message(&element).into() };
    let message = Message {
        id,
        sender: Sender::Account { address: own.clone() },
        recipient,
        kind,
        sender_id,
        content,
        automatic,
        native: Some(native),
        accepted_at: hub.environment().now(),
    };
    Some(Arc::new(message))
}

/// What a message says, in the words of the house.
pub(super) fn said(content: MessageContent) -> Content {
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
