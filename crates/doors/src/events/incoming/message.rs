use std::sync::Arc;

use domain::{Address, Content, Message, MessageKind, Sender, displayable};
use hub::{HubError, Origin};
use store::Keep;

use super::super::link::Link;
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
    subject: Option<&str>,
) -> Result<(), Problem> {
    checked_text(text)?;
    if subject.is_some_and(|subject| subject.len() > SUBJECT_BYTES_MAX) {
        return Err(Problem::invalid(format!("a subject has at most {SUBJECT_BYTES_MAX} bytes")));
    }
    let subject = subject.map(|subject| displayable(subject).into_owned());
    let content = Content::Text { body: displayable(text).into_owned(), subject };
    send(link, number, Some(id), to, content).await
}

/// That somebody is typing, or is not any more.
pub(super) async fn typing(link: &Link, number: u32, to: &str, composing: bool) -> Result<(), Problem> {
    send(link, number, None, to, Content::Typing { composing }).await
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
    if !(1..=MARK_BYTES_MAX).contains(&of.len()) || displayable(&of) != of {
        return Err(Problem::invalid(format!("a mark has 1 to {MARK_BYTES_MAX} bytes")));
    }
    send(link, number, id, to, Content::Receipt { of, seen }).await
}

async fn send(
    link: &Link,
    number: u32,
    sender_id: Option<String>,
    to: &str,
    content: Content,
) -> Result<(), Problem> {
    let hub = &link.events.hub;
    let recipient = Address::within(to, hub.domain()).map_err(HubError::from)?;
    let (id, accepted_at) = hub.environment().message_id_and_time();
    let message = Message {
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
    let origin = Origin { session: link.session.clone(), number, copied: true, keep, now_or_never: false };
    hub.send(Arc::new(message), None, origin).await;
    Ok(())
}
