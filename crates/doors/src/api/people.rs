//! What is the asker's own: their contacts, whom they have blocked, their messages and alerts.

use std::sync::Arc;

use ::api::events::MessageView;
use ::api::people::{
    Blocks, ContactView, EraseOwn, History, HistoryQuery, Me, PeopleQuery, PersonView, PutContact, Report,
    Subscribe,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{Account, Address, MessageId, displayable, room::Affiliation};
use hub::{HistorySearch, Hub, HubError};
use store::{ArchiveQuery, Found};

use super::{
    Problem, Service,
    caller::Caller,
    erasure,
    request::{Input, Parameters},
};
use crate::events::{message_view, room_message_view};

/// The longest name of a contact and of a label, in bytes, and how many labels one contact has.
const NAME_BYTES_MAX: usize = 200;
const LABELS_MAX: usize = 20;

/// How many messages a page of the history has.
const PAGE: usize = 50;
const PAGE_MAX: usize = 200;

/// How many people are found where nobody says how many, and at most.
const FOUND: usize = 20;
const FOUND_MAX: usize = 100;

/// The longest reason of a report, in bytes.
const WHY_BYTES_MAX: usize = 1_000;

/// `GET /me`.
pub(super) async fn me(State(service): State<Arc<Service>>, caller: Caller) -> Result<Json<Me>, Problem> {
    let Account { address, netbios, administrator, accepts_unverified, .. } =
        (*own(&service, &caller)?).clone();
    Ok(Json(Me { address, netbios, administrator, accepts_unverified }))
}

/// `GET /contacts`.
pub(super) async fn contacts(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<Json<Vec<ContactView>>, Problem> {
    let own = own(&service, &caller)?;
    let contacts = service.hub.contacts(&own.address).await?;
    Ok(Json(contacts.iter().map(ContactView::from).collect()))
}

/// `GET /contacts/requests`: who has asked to see the asker's presence and has no answer.
pub(super) async fn contact_requests(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<Json<Vec<PersonView>>, Problem> {
    let own = own(&service, &caller)?;
    let asking = service.hub.contact_requests(&own.address).await?;
    Ok(Json(asking.into_iter().map(|address| PersonView { address }).collect()))
}

/// `GET /people`: people by letters of their names.
pub(super) async fn find(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Parameters(PeopleQuery { search, limit }): Parameters<PeopleQuery>,
) -> Result<Json<Vec<PersonView>>, Problem> {
    let own = own(&service, &caller)?;
    let limit = limit.unwrap_or(FOUND);
    if !(1..=FOUND_MAX).contains(&limit) {
        return Err(Problem::invalid(format!("a page has 1 to {FOUND_MAX} people")));
    }
    let found = service.hub.find_people(&own.address, &search, limit);
    Ok(Json(found.into_iter().map(|account| PersonView { address: account.address.clone() }).collect()))
}

/// `POST /me/reports`: shows a suspicious message to the administrators.
pub(super) async fn report(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(Report { message, why }): Input<Report>,
) -> Result<StatusCode, Problem> {
    if why.len() > WHY_BYTES_MAX {
        return Err(Problem::invalid(format!("what is wrong is said in at most {WHY_BYTES_MAX} bytes")));
    }
    let own = own(&service, &caller)?;
    service.hub.report_message(&own.address, message, &why).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /me/export`: everything that is kept about the asker.
pub(super) async fn export(service: State<Arc<Service>>, caller: Caller) -> Result<Response, Problem> {
    let name = Path(caller.name());
    erasure::export(service, caller, name).await
}

/// `POST /me/erase`: removes the asker's own account and everything of its own.
pub(super) async fn erase(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(EraseOwn { name }): Input<EraseOwn>,
) -> Result<StatusCode, Problem> {
    let own = own(&service, &caller)?;
    if address(&service, &name)? != own.address {
        return Err(Problem::invalid("whoever removes their account gives its own name"));
    }
    service.hub.erase_account(&caller.actor, own.address.as_str()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /contacts/ADDRESS`.
pub(super) async fn put_contact(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(put): Input<PutContact>,
) -> Result<StatusCode, Problem> {
    let own = own(&service, &caller)?;
    let other = address(&service, &name)?;
    if other == own.address {
        return Err(Problem::invalid("you are not on your own list"));
    }
    let fits = |text: &String| (1..=NAME_BYTES_MAX).contains(&text.len()) && displayable(text) == *text;
    if put.labels.len() > LABELS_MAX || !put.labels.iter().chain(&put.name).all(fits) {
        return Err(Problem::invalid(format!(
            "a name and each of at most {LABELS_MAX} labels have 1 to {NAME_BYTES_MAX} bytes, without control \
             characters and marks of direction"
        )));
    }
    let PutContact { name, mut labels } = put;
    labels.sort_unstable();
    labels.dedup();
    service.hub.put_contact(&own.address, other, name, labels).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /contacts/ADDRESS`: neither sees the other's presence after that.
pub(super) async fn remove_contact(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let own = own(&service, &caller)?;
    let other = address(&service, &name)?;
    match service.hub.remove_contact(&own.address, &other).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::missing(format!("{other} is not on your list"))),
    }
}

/// `POST /contacts/ADDRESS/subscription`.
pub(super) async fn subscribe(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(Subscribe { action }): Input<Subscribe>,
) -> Result<StatusCode, Problem> {
    let own = own(&service, &caller)?;
    service.hub.subscription(&own.address, &address(&service, &name)?, action, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /blocks`.
pub(super) async fn blocks(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<Json<Blocks>, Problem> {
    let own = own(&service, &caller)?;
    let blocked = service.hub.blocks_of(&own.address).jids().map(str::to_owned).collect();
    Ok(Json(Blocks { blocked }))
}

/// `PUT /blocks/ADDRESS`: nothing goes to or comes from them any more.
pub(super) async fn block(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let own = own(&service, &caller)?;
    service.hub.block(&own.address, vec![address(&service, &name)?.to_string()]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /blocks/ADDRESS`.
pub(super) async fn unblock(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let own = own(&service, &caller)?;
    service.hub.unblock(&own.address, vec![address(&service, &name)?.to_string()]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /history`.
pub(super) async fn history(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Parameters(query): Parameters<HistoryQuery>,
) -> Result<Json<History>, Problem> {
    let own = own(&service, &caller)?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid(format!("a page has 1 to {PAGE_MAX} messages")));
    }
    let id = |text: Option<String>| -> Result<Option<MessageId>, Problem> {
        let parsed = text.map(|text| text.parse::<MessageId>()).transpose();
        parsed.map_err(|_| Problem::invalid("before and after are ids of messages"))
    };
    if let Some(text) = query.search {
        let with = query.with.map(|name| address(&service, &name)).transpose()?;
        let before = id(query.before)?;
        let search = HistorySearch { text, with, before, limit };
        let found = service.hub.search_history(&own.address, search).await?;
        // Newest first is how they are found.
        let messages = found.found.iter().rev().map(|found| said(found, &own.address, &service.hub));
        return Ok(Json(History { messages: messages.collect(), complete: found.complete }));
    }
    let (before, after) = (Vec::from_iter(id(query.before)?), Vec::from_iter(id(query.after)?));
    let with = query.with.map(|name| address(&service, &name)).transpose()?;
    if let Some(room) = with.as_ref().filter(|with| service.hub.is_rooms_domain(with.domain())) {
        let (before, after) = (before.into_iter().next(), after.into_iter().next());
        let (messages, complete) = service.hub.history(&own.address, room, before, after, limit).await?;
        let messages = messages.iter().map(|found| said(found, &own.address, &service.hub)).collect();
        return Ok(Json(History { messages, complete }));
    }
    let from_end = after.is_empty();
    let wanted =
        ArchiveQuery { with, before, after, from_end, ..ArchiveQuery::of(own.address.clone(), limit) };
    let page = service.hub.archive(wanted).await?;
    let messages = page.messages.iter().map(|message| message_view(message)).collect();
    Ok(Json(History { messages, complete: page.complete }))
}

/// Whose it all is: at the administration socket the account that is named, otherwise the asker's own.
pub(super) fn own(service: &Service, caller: &Caller) -> Result<Arc<Account>, Problem> {
    Ok(service.hub.account_named(&caller.name())?)
}

fn address(service: &Service, name: &str) -> Result<Address, Problem> {
    Ok(Address::within(name, service.hub.domain()).map_err(HubError::from)?)
}

pub(super) fn said(found: &Found, person: &Address, hub: &Hub) -> MessageView {
    match found {
        Found::Message(message) => message_view(message),
        Found::InRoom(message) => {
            let sees = hub.room_people(person, &message.room).is_ok_and(|(room, _)| {
                room.configuration.shows_addresses || room.affiliation >= Affiliation::Administrator
            });
            room_message_view(message, person, sees)
        }
    }
}
