//! What NET SEND does: a message to whoever has a name.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::{Audience, Computer, Recipient, Target};
use hub::HubError;

pub use ::api::computers::{NetMessageTaken, NewNetMessage};

use super::{
    Problem, Service,
    caller::Caller,
    messages::{checked_text, to_audience},
    request::Input,
};

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
