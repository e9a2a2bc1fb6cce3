//! Messages in an account's name.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::{Address, Audience, Sender, Target};
use hub::{HubError, MessageDraft};

pub use ::api::messages::{MessagesTaken, NewMessage};

use super::{
    Problem, Service,
    caller::Caller,
    request::{IdempotencyKey, Input},
};

const TEXT_BYTES_MAX: usize = 65_536;

pub(super) async fn send(
    State(service): State<Arc<Service>>,
    caller: Caller,
    key: IdempotencyKey,
    Input(new): Input<NewMessage>,
) -> Result<Json<MessagesTaken>, Problem> {
    if let Some(Target::Computer(computer)) =
        new.to.targets().into_iter().find(|target| matches!(target, Target::Computer(_)))
    {
        let why =
            format!("messages to computers such as {computer} go to /net-messages (`messngr net send`)");
        return Err(Problem::invalid(why));
    }
    if new.to.targets().into_iter().any(|target| names_old_machine(target, service.hub.domain())) {
        let why = "who has written from an old machine is answered in that conversation, by a client or the event \
                   stream; messages that begin one go to /net-messages (`messngr net send`)";
        return Err(Problem::invalid(why));
    }
    let id = key.or(new.id)?;
    checked_text(&new.text)?;
    let sender = caller.speaks_as(&service.hub, &format!("message to {}", new.to)).await?;
    let recipients = to_audience(&service, sender, &new.to, new.text, id).await?;
    Ok(Json(MessagesTaken { recipients }))
}

fn names_old_machine(target: &Target, domain: &str) -> bool {
    let host = |name: &str| name.split_once('@').map(|(_, host)| host.to_owned());
    matches!(target, Target::User(name) if host(name).is_some_and(|host| domain::is_unverified_host(&host, domain)))
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
