use std::sync::Arc;

use ::api::events::{Event, FileView, ReplyView};
use domain::{Address, Content, Message, MessageKind, Native, Protocol, Sender, displayable};
use hub::{HubError, Item, Origin, RoomDraft, Session};
use store::Keep;
use xmpp::{
    Element,
    extension::{chat_states::ChatState, markers, receipts, rooms},
    jid::{BareJid, FullJid},
    namespace, native,
};

use super::{super::link::Link, rich};
use crate::api::{Problem, checked_text};

/// The longest subject, and the longest id of another message, in bytes.
const SUBJECT_BYTES_MAX: usize = 1_000;
const MARK_BYTES_MAX: usize = 1_000;

/// Words to a person. What becomes of them is put into the session's outbox.
pub(super) async fn words(
    link: &Link,
    number: u32,
    id: String,
    to: &str,
    text: &str,
    Beside { subject, reply, file, source }: Beside,
) -> Result<(), Problem> {
    let is_old_machine = is_old_machine(link, to);
    // What has only a file says where it is, for clients that know no more.
    let text = match &file {
        Some(file) if text.is_empty() => file.url.clone(),
        Some(file) if is_old_machine => format!("{text}\n{}", file.url),
        _ => text.to_owned(),
    };
    checked_text(&text)?;
    let subject = subject.as_deref();
    if subject.is_some_and(|subject| subject.len() > SUBJECT_BYTES_MAX) {
        return Err(Problem::invalid(format!("a subject has at most {SUBJECT_BYTES_MAX} bytes")));
    }
    let subject = subject.map(|subject| displayable(subject).into_owned());
    let content = Content::Text { body: displayable(&text).into_owned(), subject };
    let elements = rich::belongings(reply, file)?;
    let resource = source.filter(|_| is_old_machine);
    send_to(link, number, Some(id), To { person: to, resource: resource.as_deref() }, content, elements).await
}

/// What stands beside words.
pub(super) struct Beside {
    pub(super) subject: Option<String>,
    pub(super) reply: Option<ReplyView>,
    pub(super) file: Option<FileView>,
    pub(super) source: Option<String>,
}

/// To whom something goes, and to which of their devices alone.
struct To<'a> {
    person: &'a str,
    resource: Option<&'a str>,
}

/// That somebody is typing, or is not any more.
pub(super) async fn typing(link: &Link, number: u32, to: &str, composing: bool) -> Result<(), Problem> {
    send_with(link, number, None, to, Content::Typing { composing }, Vec::new()).await
}

/// That a message has come, or was read.
pub(super) async fn receipt(
    link: &Link,
    number: u32,
    id: Option<String>,
    to: &str,
    of: String,
    seen: bool,
) -> Result<(), Problem> {
    checked_mark(&of)?;
    send_with(link, number, id, to, Content::Receipt { of, seen }, Vec::new()).await
}

/// Refuses what can be no mark of a message.
pub(super) fn checked_mark(of: &str) -> Result<(), Problem> {
    if (1..=MARK_BYTES_MAX).contains(&of.len()) && displayable(of) == of {
        return Ok(());
    }
    Err(Problem::invalid(format!("a mark has 1 to {MARK_BYTES_MAX} bytes")))
}

fn is_old_machine(link: &Link, to: &str) -> bool {
    let domain = link.events.hub.domain();
    Address::within(to, domain).is_ok_and(|to| domain::is_unverified_host(to.domain(), domain))
}

/// Refuses to change, or to take back, what an old machine has shown.
pub(super) fn check_can_be_changed(link: &Link, to: &str) -> Result<(), Problem> {
    if is_old_machine(link, to) {
        return Err(Problem::invalid("what an old machine has shown can be neither changed nor taken back"));
    }
    Ok(())
}

/// Sends. What is said by `elements` too is written as XMPP writes it; `content` is what the rules read of it.
pub(super) async fn send_with(
    link: &Link,
    number: u32,
    sender_id: Option<String>,
    to: &str,
    content: Content,
    elements: Vec<Element>,
) -> Result<(), Problem> {
    send_to(link, number, sender_id, To { person: to, resource: None }, content, elements).await
}

async fn send_to(
    link: &Link,
    number: u32,
    sender_id: Option<String>,
    To { person: to, resource }: To<'_>,
    content: Content,
    elements: Vec<Element>,
) -> Result<(), Problem> {
    let hub = &link.events.hub;
    let recipient = Address::within(to, hub.domain()).map_err(HubError::from)?;
    if let Content::Receipt { of, seen } = &content
        && domain::hears_no_receipts(&recipient, hub.domain())
    {
        // Nobody is there to be told: up to where somebody has read is their own.
        if *seen && let Ok(message) = of.parse() {
            hub.mark_read(link.session.address(), &recipient, message).await?;
            hub.tell_read(&link.session, &recipient, message);
        }
        if let Some(id) = sender_id {
            link.tell(&Event::Done { id });
        }
        return Ok(());
    }
    if hub.is_rooms_domain(recipient.domain()) {
        return in_room(link, number, sender_id, recipient, content, elements).await;
    }
    let (id, accepted_at) = hub.environment().message_id_and_time();
    let mut message = Message {
        id,
        sender: Sender::Account { address: link.session.address().clone() },
        recipient,
        kind: MessageKind::Chat,
        content,
        automatic: false,
        native: None,
        sender_id,
        accepted_at,
    };
    let keep =
        if message.is_durable() { hub.keep(&link.session, &message.recipient, None) } else { Keep::NOBODY };
    if !elements.is_empty() {
        message.native = native(&link.session, &message, elements, keep);
    }
    let origin = Origin { session: link.session.clone(), number, copied: true, keep, now_or_never: false };
    hub.send(Arc::new(message), resource, origin).await;
    Ok(())
}

/// The same to all who are in a room: they are told who and where by the room.
async fn in_room(
    link: &Link,
    number: u32,
    sender_id: Option<String>,
    room: Address,
    content: Content,
    mut elements: Vec<Element>,
) -> Result<(), Problem> {
    let (hub, session) = (&link.events.hub, &link.session);
    let (id, accepted_at) = hub.environment().message_id_and_time();
    match &content {
        Content::Typing { composing } => {
            let state = if *composing { ChatState::Composing } else { ChatState::Paused };
            elements.push(state.to_element());
        }
        // Up to where somebody has read is their own there.
        Content::Receipt { of, seen } => {
            if *seen && let Ok(message) = of.parse() {
                hub.mark_read(session.address(), &room, message).await?;
                hub.tell_read(session, &room, message);
            }
            if let Some(id) = sender_id {
                link.tell(&Event::Done { id });
            }
            return Ok(());
        }
        _ => {}
    }
    elements.push(rooms::occupant_id(&hub.occupant_id(&room, session.address())));
    let by = BareJid::new(room.as_str()).map_err(|error| Problem::invalid(error.to_string()))?;
    let child = |name, text: &str| Element::new(name, namespace::CLIENT).with_text(text);
    let mut stanza = Element::new("message", namespace::CLIENT)
        .with_attribute("type", "groupchat")
        .with_attribute("id", id.to_string());
    if let Content::Text { body, subject } = &content {
        stanza = stanza
            .with_children(subject.as_deref().map(|subject| child("subject", subject)))
            .with_child(child("body", body));
    }
    stanza = stanza.with_children(elements);
    native::insert_stanza_id(&mut stanza, &by, &id.to_string());
    let native = Native { protocol: Protocol::Xmpp, bytes: native::write_message(&stanza).into() };
    let draft = RoomDraft { id, content, native: Some(native), sender_id: sender_id.clone(), accepted_at };
    let origin =
        Origin { session: session.clone(), number, copied: false, keep: Keep::NOBODY, now_or_never: false };
    let answer = Box::new(move |result: Result<(), &HubError>| {
        let event = match result {
            Ok(()) => Event::Accepted { id: sender_id?, message: id, at: accepted_at },
            Err(error) => Event::Refused { id: sender_id, problem: Problem::from(error.clone()).document() },
        };
        serde_json::to_vec(&event).ok().map(|json| Item::Uncounted(json.into()))
    });
    hub.say_in_room(&room, draft, origin, answer).await;
    Ok(())
}

/// The message as a client of XMPP would have sent it. Its id is the service's: what is said of it later names that.
fn native(session: &Session, message: &Message, elements: Vec<Element>, keep: Keep) -> Option<Native> {
    let id = message.id.to_string();
    let child = |name, text: &str| Element::new(name, namespace::CLIENT).with_text(text);
    // A device may have a name that no address of XMPP can hold.
    let full = FullJid::new(&format!("{}/{}", session.address(), session.resource()));
    let from = full.map_or_else(|_| session.address().to_string(), |full| full.as_str().to_owned());
    let mut stanza = Element::new("message", namespace::CLIENT)
        .with_attribute("from", from)
        .with_attribute("to", message.recipient.as_str())
        .with_attribute("type", "chat")
        .with_attribute("id", id.as_str());
    if let Content::Text { body, subject } = &message.content {
        stanza = stanza
            .with_children(subject.as_deref().map(|subject| child("subject", subject)))
            .with_child(child("body", body))
            .with_children([receipts::request(), markers::markable()]);
    }
    stanza = stanza.with_children(elements);
    if keep.recipient {
        native::insert_stanza_id(&mut stanza, &BareJid::new(message.recipient.as_str()).ok()?, &id);
    }
    Some(Native { protocol: Protocol::Xmpp, bytes: native::write_message(&stanza).into() })
}
