//! Rooms, for whoever asks: which there are, who is in them, coming and going.

use std::{collections::BTreeMap, sync::Arc};

use ::api::rooms::{NewRoom, RoomMember, RoomView};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{
    Account, Address, Content, Message, MessageKind, Native, Presence, Protocol, Sender,
    room::{Affiliation, RoomConfiguration},
};
use hub::{Hub, HubError, RoomPerson, Session};
use xmpp::{
    Element,
    extension::rooms::{direct_invitation, user},
    namespace, native,
};

use super::{Problem, Service, caller::Caller, request::Input};
use crate::events::rooms;

/// How many rooms that everybody finds a list has.
const LISTED_MAX: usize = 500;

/// How many members a room is made with.
const MEMBERS_MAX: usize = 100;

/// `GET /rooms`: those that the asker belongs to or is in, and those that everybody finds, by address.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<Json<Vec<RoomView>>, Problem> {
    let (hub, own) = (&service.hub, own(&service, &caller)?);
    let kept = hub.kept_rooms(&own.address).await?;
    let listed = hub.listed_rooms(None, LISTED_MAX).into_iter();
    let mut all: BTreeMap<Address, hub::RoomView> = listed.map(|room| (room.address.clone(), room)).collect();
    all.extend(hub.rooms_of(&own.address).into_iter().map(|room| (room.address.clone(), room)));
    Ok(Json(all.into_values().map(|room| view(room, &kept, Vec::new())).collect()))
}

/// `GET /rooms/ADDRESS`: one of them, and who is in it and belongs to it.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<RoomView>, Problem> {
    let own = own(&service, &caller)?;
    shown(&service.hub, &own, &room(&service, &name)?).await.map(Json)
}

/// `POST /rooms`: makes one, in which the asker is and which stays.
pub(super) async fn make(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(NewRoom { name, title, description, open, members }): Input<NewRoom>,
) -> Result<(StatusCode, Json<RoomView>), Problem> {
    let (hub, own) = (&service.hub, own(&service, &caller)?);
    if members.len() > MEMBERS_MAX {
        return Err(Problem::invalid(format!("a room is made with at most {MEMBERS_MAX} members")));
    }
    let people: Vec<Arc<Account>> =
        members.iter().map(|name| hub.account_named(name)).collect::<Result<_, _>>()?;
    let address = room(&service, &name)?;
    let session = somewhere(hub, &own)?;
    if hub.room(&address, &session).is_ok() || hub.room_people(&own.address, &address).is_ok() {
        return Err(Problem::conflict(format!("there is a room {address} already")));
    }
    rooms::enter(hub, &session, &address).await?;
    let configuration = RoomConfiguration {
        title,
        description,
        persistent: true,
        listed: open,
        members_only: !open,
        members_invite: true,
        ..RoomConfiguration::default()
    };
    if let Err(error) = hub.configure_room(&session, &address, configuration).await {
        hub.leave_room(&session, &address, Presence::default()).await;
        return Err(error.into());
    }
    hub.keep_room(&own.address, &address, true).await?;
    rooms::enter_everywhere(hub, &own.address, &address).await?;
    for person in people.iter().filter(|person| person.address != own.address) {
        ask_in(hub, &session, &address, &person.address).await?;
    }
    Ok((StatusCode::CREATED, Json(shown(hub, &own, &address).await?)))
}

/// `PUT /rooms/ADDRESS/membership`: the asker wants to be in it, by each of their browsers.
pub(super) async fn join(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let (hub, own) = (&service.hub, own(&service, &caller)?);
    let address = room(&service, &name)?;
    hub.room_people(&own.address, &address)?;
    rooms::enter_everywhere(hub, &own.address, &address).await?;
    hub.keep_room(&own.address, &address, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /rooms/ADDRESS/membership`: the asker wants to be in it no longer.
pub(super) async fn leave(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let (hub, own) = (&service.hub, own(&service, &caller)?);
    let address = room(&service, &name)?;
    hub.keep_room(&own.address, &address, false).await?;
    rooms::leave_everywhere(hub, &own.address, &address).await;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /rooms/ADDRESS/members/PERSON`: asks somebody in, who belongs to it from then on where only members enter.
pub(super) async fn invite(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path((name, person)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (hub, own) = (&service.hub, own(&service, &caller)?);
    let address = room(&service, &name)?;
    let session = somewhere(hub, &own)?;
    let person = hub.account_named(&person)?;
    ask_in(hub, &session, &address, &person.address).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has the room ask somebody in: it waits for who is away. Who has blocked the asker hears nothing of it.
async fn ask_in(hub: &Hub, session: &Arc<Session>, room: &Address, person: &Address) -> Result<(), HubError> {
    let invitation = hub.invite(session, room, person).await?;
    let password = invitation.configuration.password.as_deref();
    let by = if invitation.configuration.shows_addresses {
        session.address().to_string()
    } else {
        format!("{room}/{}", invitation.by)
    };
    let (id, accepted_at) = hub.environment().message_id_and_time();
    let element = Element::new("message", namespace::CLIENT)
        .with_attribute("from", room.as_str())
        .with_attribute("to", person.as_str())
        .with_attribute("id", id.to_string())
        .with_child(user::carried("invite", &by, None, password))
        .with_child(direct_invitation(room.as_str(), password, None));
    let message = Message {
        id,
        sender: Sender::Account { address: session.address().clone() },
        recipient: person.clone(),
        kind: MessageKind::Normal,
        content: Content::Other,
        automatic: false,
        native: Some(Native { protocol: Protocol::Xmpp, bytes: native::write_message(&element).into() }),
        sender_id: None,
        accepted_at,
    };
    hub.send_and_wait(message).await.map(drop)
}

/// A session of the asker's by which they act in rooms.
fn somewhere(hub: &Hub, own: &Account) -> Result<Arc<Session>, Problem> {
    let session = hub.sessions_by(&own.address, Protocol::Web).into_iter().next();
    session.ok_or_else(|| Problem::conflict("open the event stream first, and say that you are there"))
}

async fn shown(hub: &Hub, own: &Account, address: &Address) -> Result<RoomView, Problem> {
    let kept = hub.kept_rooms(&own.address).await?;
    let (room, people) = hub.room_people(&own.address, address)?;
    Ok(view(room, &kept, people))
}

fn view(room: hub::RoomView, kept: &[Address], people: Vec<RoomPerson>) -> RoomView {
    let affiliation = room.affiliation.max(Affiliation::None);
    RoomView {
        joined: kept.contains(&room.address),
        address: room.address,
        title: room.configuration.title,
        description: room.configuration.description,
        subject: room.subject,
        members_only: room.configuration.members_only,
        persistent: room.configuration.persistent,
        affiliation: affiliation.as_str().to_owned(),
        present: room.nicknames.len(),
        members: people.into_iter().map(member).collect(),
    }
}

fn member(person: RoomPerson) -> RoomMember {
    RoomMember {
        address: person.address,
        present: person.nickname.is_some(),
        nickname: person.nickname.map(|nickname| nickname.to_string()),
        affiliation: person.affiliation.as_str().to_owned(),
        role: person.role.as_str().to_owned(),
    }
}

fn own(service: &Service, caller: &Caller) -> Result<Arc<Account>, Problem> {
    Ok(service.hub.account_named(&caller.name())?)
}

/// The address of a room by its name or its whole address.
fn room(service: &Service, name: &str) -> Result<Address, Problem> {
    let address = Address::within(name, &service.hub.rooms_domain()).map_err(HubError::from)?;
    if service.hub.is_rooms_domain(address.domain()) {
        return Ok(address);
    }
    Err(Problem::missing(format!("rooms are in {}", service.hub.rooms_domain())))
}
