//! Messages in an account's name.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::{Address, Audience, Sender, Target};
use hub::{HubError, MessageDraft};
use serde::{Deserialize, Serialize};

use super::{Problem, Service, caller::Caller, request::Input};

/// `POST /messages`: the same words to each person of an audience. Answered with [`MessagesTaken`] when all of them
/// are the service's: nothing of it is lost after that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// Whom it is for: `everyone`, `user:NAME` or `NAME`, `group:NAME`, separated by commas.
    pub to: Audience,
    /// What it says: 1 to 65,536 bytes.
    pub text: String,
    /// The sender's own id: 1 to 200 bytes. A message with an id that the same sender has used before is taken as a
    /// repetition, and nobody gets it twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagesTaken {
    /// How many people it is for.
    pub recipients: usize,
}

const TEXT_BYTES_MAX: usize = 65_536;
const ID_BYTES_MAX: usize = 200;

pub(super) async fn send(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(new): Input<NewMessage>,
) -> Result<Json<MessagesTaken>, Problem> {
    if let Some(Target::Computer(computer)) =
        new.to.targets().iter().find(|target| matches!(target, Target::Computer(_)))
    {
        let why =
            format!("messages to computers such as {computer} go to /net-messages (`messngr net send`)");
        return Err(Problem::invalid(why));
    }
    if new.id.as_ref().is_some_and(|id| !(1..=ID_BYTES_MAX).contains(&id.len())) {
        return Err(Problem::invalid(format!("an id has 1 to {ID_BYTES_MAX} bytes")));
    }
    checked_text(&new.text)?;
    let sender = caller.speaks_as(&service.hub, &format!("message to {}", new.to)).await?;
    let recipients = to_audience(&service, sender, &new.to, new.text, new.id).await?;
    Ok(Json(MessagesTaken { recipients }))
}

/// Refuses a text that is empty or too long.
pub(crate) fn checked_text(text: &str) -> Result<(), Problem> {
    match domain::displayable(text).trim().len() {
        0 => Err(Problem::invalid("the message is empty")),
        _ if text.len() > TEXT_BYTES_MAX => {
            Err(Problem::invalid(format!("a message has at most {TEXT_BYTES_MAX} bytes")))
        }
        _ => Ok(()),
    }
}

/// Sends, and returns how many people it was for: at least one.
pub(super) async fn to_audience(
    service: &Service,
    sender: Address,
    to: &Audience,
    text: String,
    sender_id: Option<String>,
) -> Result<usize, Problem> {
    let draft = MessageDraft { sender: Sender::Account { address: sender }, text, sender_id };
    match service.hub.send_to_audience(to, draft).await? {
        0 => Err(HubError::NobodyThere { audience: to.to_string() }.into()),
        recipients => Ok(recipients),
    }
}
