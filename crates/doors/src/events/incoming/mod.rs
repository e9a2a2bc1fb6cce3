//! What a client says: one file for each kind of command.

mod alert;
mod message;
mod people;
mod rich;

use std::sync::Arc;

use ::api::events::{Command, Event};

use super::{
    close::{Close, NEVER_SENT},
    link::Link,
};
use crate::api::Problem;

/// How the conversation goes on.
pub(super) enum Next {
    /// As before.
    Listen,
    /// Another connection has taken the session over.
    Lost,
    /// The client does what no client does.
    Wrong(Close),
}

/// The longest id of a client's own, in bytes.
const ID_BYTES_MAX: usize = 200;

/// Deals with one message of the WebSocket.
pub(super) async fn said(link: &Arc<Link>, text: &str) -> Next {
    let command = match serde_json::from_str(text) {
        Ok(command) => command,
        Err(error) => {
            refuse(link, id_in(text), Problem::invalid(error.to_string()));
            return Next::Listen;
        }
    };
    // Only a connection that still serves the session may count for it.
    let Some(number) = link.session.received(link.connection) else { return Next::Lost };
    if let Command::Ack { seq } = command {
        return acknowledged(link, seq);
    }
    if let Some(id) = id_of(&command)
        && !(1..=ID_BYTES_MAX).contains(&id.len())
    {
        refuse(link, None, Problem::invalid(format!("an id has 1 to {ID_BYTES_MAX} bytes")));
        return Next::Listen;
    }
    let id = id_of(&command).map(str::to_owned);
    match done(link, command, number).await {
        Ok(Some(event)) => link.tell(&event),
        Ok(None) => {}
        Err(problem) => refuse(link, id, problem),
    }
    Next::Listen
}

/// What the client is to be told at once, if anything.
async fn done(link: &Arc<Link>, command: Command, number: u32) -> Result<Option<Event>, Problem> {
    let told = |id: Option<String>| id.map(|id| Event::Done { id });
    match command {
        Command::Ack { .. } => Ok(None),
        Command::Message { id, to, text, subject, reply, file, source } => {
            let beside = message::Beside { subject, reply, file, source };
            message::words(link, number, id, &to, &text, beside).await?;
            Ok(None)
        }
        Command::Reaction { to, of, emoji, id } => {
            rich::reaction(link, number, id, &to, of, emoji).await?;
            Ok(None)
        }
        Command::Correction { to, of, text, id } => {
            rich::correct(link, number, id, &to, of, &text).await?;
            Ok(None)
        }
        Command::Retraction { to, of, id } => {
            rich::retract(link, number, id, &to, of).await?;
            Ok(None)
        }
        Command::Typing { to, composing } => {
            message::typing(link, number, &to, composing).await?;
            Ok(None)
        }
        Command::Received { to, of, id } => {
            message::receipt(link, number, id, &to, of, false).await?;
            Ok(None)
        }
        Command::Read { to, of, id } => {
            message::receipt(link, number, id, &to, of, true).await?;
            Ok(None)
        }
        Command::Presence { show, text, id } => {
            people::presence(link, show, text.as_deref()).await?;
            Ok(told(id))
        }
        Command::Subscription { to, action, id } => {
            people::subscription(link, &to, action).await?;
            Ok(told(id))
        }
        Command::Confirm { alert, choice, id } => alert::confirm(link, alert, &choice, id).await.map(Some),
        Command::Seen { alert, id } => {
            alert::seen(link, alert).await?;
            Ok(told(id))
        }
        Command::Report { alert, watch, .. } => alert::watch(link, alert, watch).await,
        Command::Active { active } => {
            link.session.set_inactive(!active);
            Ok(None)
        }
    }
}

/// The client has everything up to a number. One that is acknowledged already says nothing new.
fn acknowledged(link: &Link, seq: u32) -> Next {
    let outbox = &link.session.outbox;
    let (last, written) = (outbox.acknowledged_count(), outbox.written_count());
    if last.wrapping_sub(seq) < u32::MAX / 2 {
        return Next::Listen;
    }
    if seq.wrapping_sub(last) > written.wrapping_sub(last) {
        return Next::Wrong(NEVER_SENT);
    }
    link.events.hub.acknowledge(&link.session, seq);
    Next::Listen
}

fn id_of(command: &Command) -> Option<&str> {
    match command {
        Command::Message { id, .. } => Some(id),
        Command::Reaction { id, .. }
        | Command::Correction { id, .. }
        | Command::Retraction { id, .. }
        | Command::Received { id, .. }
        | Command::Read { id, .. }
        | Command::Presence { id, .. }
        | Command::Subscription { id, .. }
        | Command::Confirm { id, .. }
        | Command::Seen { id, .. }
        | Command::Report { id, .. } => id.as_deref(),
        Command::Ack { .. } | Command::Typing { .. } | Command::Active { .. } => None,
    }
}

/// The id in what is no command that we know, so that whoever waits for an answer has one.
fn id_in(text: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Unknown {
        id: String,
    }
    let Unknown { id } = serde_json::from_str(text).ok()?;
    (1..=ID_BYTES_MAX).contains(&id.len()).then_some(id)
}

fn refuse(link: &Link, id: Option<String>, problem: Problem) {
    link.tell(&Event::Refused { id, problem: problem.document() });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_command_is_answered_under_its_id_if_that_is_one() {
        assert_eq!(id_in(r#"{"type":"dance","id":"7","to":5}"#).as_deref(), Some("7"));
        let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(ID_BYTES_MAX + 1));
        for text in ["", "[]", r#"{"type":"dance"}"#, r#"{"id":7}"#, r#"{"id":""}"#, &long] {
            assert_eq!(id_in(text), None, "{text}");
        }
    }
}
