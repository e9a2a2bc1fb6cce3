//! What NET SEND does: a message to whoever has a name.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::{Address, Audience, Computer, Recipient, Sender, Target};
use hub::{Hub, HubError};

pub use ::api::computers::{NetMessageTaken, NewNetMessage};

use super::{
    Problem, Service,
    caller::Caller,
    messages::{checked_text, to_audience},
    request::Input,
};

/// Whom a name means.
enum To {
    /// Everybody who is signed in here.
    SignedIn,
    /// All computers of a domain or workgroup; without a name, of the service's own, and everybody who is signed in.
    Workgroup(Option<String>),
    /// Somebody here.
    Person(Address),
    /// Those who get what is sent to a name of this computer.
    Appointed(Audience),
    /// Whoever answers to the name.
    Computer(Computer),
}

pub(super) async fn send(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(new): Input<NewNetMessage>,
) -> Result<Json<NetMessageTaken>, Problem> {
    checked_text(&new.text)?;
    let hub = &service.hub;
    let to = meant(hub, &new).await?;
    if matches!(to, To::SignedIn | To::Workgroup(_)) {
        caller.may_publish_to(&Audience::new(vec![Target::Everyone]).map_err(HubError::from)?)?;
    }
    let sender = caller.speaks_as(hub, &format!("message to {}", occasion(&to))).await?;
    let mut taken = NetMessageTaken { recipient: None, workgroup: None, people: None, replaced: Vec::new() };
    match to {
        To::SignedIn => taken.people = Some(to_signed_in(hub, sender, new.text).await?),
        To::Workgroup(group) => {
            let sent = hub.send_to_computers_of(&sender, group, new.text.clone()).await?;
            if sent.own {
                taken.people = Some(to_signed_in(hub, sender, new.text).await?);
            }
            (taken.workgroup, taken.replaced) = (Some(sent.group), sent.replaced);
        }
        To::Person(address) => {
            let to = Audience::new(vec![Target::User(address.to_string())]).map_err(HubError::from)?;
            to_audience(&service, sender, &to, new.text, None).await?;
            taken.recipient = Some(Recipient::Account(address));
        }
        To::Appointed(to) => {
            taken.people = Some(to_audience(&service, sender, &to, new.text, None).await?);
        }
        To::Computer(computer) => {
            taken.replaced = hub.send_to_computer(&sender, computer.clone(), new.text).await?;
            taken.recipient = Some(Recipient::Computer(computer));
        }
    }
    Ok(Json(taken))
}

/// Who is meant: somebody here before somebody elsewhere.
async fn meant(hub: &Hub, new: &NewNetMessage) -> Result<To, Problem> {
    let computer = |text: String| Ok::<_, Problem>(To::Computer(text.parse().map_err(HubError::Audience)?));
    if let Some(host) = &new.host {
        return computer(format!("{}@{host}", new.name));
    }
    let upper = new.name.to_ascii_uppercase();
    match upper.as_str() {
        "*" | "/DOMAIN" => return Ok(To::Workgroup(None)),
        "/USERS" => return Ok(To::SignedIn),
        _ => {}
    }
    if let Some(group) = upper.strip_prefix("/DOMAIN:") {
        return Ok(To::Workgroup(Some(group.to_owned())));
    }
    if let Some(to) = hub.appointed_for(&new.name) {
        return Ok(To::Appointed(to));
    }
    let unknown = match hub.account_named(&new.name) {
        Ok(account) => return Ok(To::Person(account.address.clone())),
        Err(unknown) => unknown,
    };
    if let Some(account) = hub.store().account_by_netbios(&new.name).await? {
        return Ok(To::Person(account.address));
    }
    // Without a way to the network nobody else can be meant.
    if hub.has_computer_gateway() { computer(new.name.clone()) } else { Err(unknown.into()) }
}

async fn to_signed_in(hub: &Hub, sender: Address, text: String) -> Result<usize, Problem> {
    Ok(hub.send_to_signed_in(Sender::Account { address: sender }, text).await?)
}

fn occasion(to: &To) -> String {
    match to {
        To::SignedIn => "everybody who is signed in".to_owned(),
        To::Workgroup(None) => "the workgroup".to_owned(),
        To::Workgroup(Some(group)) => format!("the workgroup {}", domain::displayable(group)),
        To::Person(address) => address.to_string(),
        To::Appointed(to) => to.to_string(),
        To::Computer(computer) => format!("computer:{computer}"),
    }
}
