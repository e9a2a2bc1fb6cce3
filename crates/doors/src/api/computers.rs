//! What NET SEND does: a message to whoever has a name.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::{Audience, Computer, Recipient, Target};
use hub::HubError;
use serde::{Deserialize, Serialize};

use super::{
    Problem, Service,
    caller::Caller,
    messages::{checked_text, to_audience},
    request::Input,
};

/// `POST /net-messages`: a message to a person here, or to a computer that takes messenger messages. Answered with
/// [`NetMessageTaken`] when the service, or the computer, has taken it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewNetMessage {
    /// The name to call. Without `host`: an account, by its name or its NetBIOS spelling in any case. With it: the
    /// computer's or user's NetBIOS name, 1 to 15 characters.
    pub name: String,
    /// The computer: `HOST` or `HOST:PORT`, an IP address or a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// What it says: 1 to 65,536 bytes.
    pub text: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetMessageTaken {
    /// Who has it: `user:ADDRESS` or `computer:NAME@HOST`.
    pub recipient: Recipient,
    /// The characters that the computer's code page lacks, and that were replaced by others.
    pub replaced: Vec<char>,
}

pub(super) async fn send(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(new): Input<NewNetMessage>,
) -> Result<Json<NetMessageTaken>, Problem> {
    checked_text(&new.text)?;
    let hub = &service.hub;
    let Some(host) = new.host else {
        let account = match hub.account_named(&new.name) {
            Ok(account) => (*account).clone(),
            Err(unknown) => hub.store().account_by_netbios(&new.name).await?.ok_or(unknown)?,
        };
        let to = Audience::new(vec![Target::User(account.address.to_string())]).map_err(HubError::from)?;
        let sender = caller.speaks_as(hub, &format!("message to {to}")).await?;
        to_audience(&service, sender, &to, new.text, None).await?;
        let recipient = Recipient::Account(account.address);
        return Ok(Json(NetMessageTaken { recipient, replaced: Vec::new() }));
    };
    let computer: Computer = format!("{}@{host}", new.name).parse().map_err(HubError::Audience)?;
    let sender = caller.speaks_as(hub, &format!("message to computer:{computer}")).await?;
    let replaced = hub.send_to_computer(&sender, computer.clone(), new.text).await?;
    Ok(Json(NetMessageTaken { recipient: Recipient::Computer(computer), replaced }))
}
