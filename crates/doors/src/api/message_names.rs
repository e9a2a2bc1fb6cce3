//! Message names: `net name`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::MessageName;
use hub::HubError;

pub use ::api::message_names::{MessageNameView, NewMessageName};

use super::{
    Problem, Service,
    caller::Caller,
    page::{Page, PageQuery, Place},
    request::{Input, Parameters},
};

/// `GET /message-names`: all of them by name, the computer's own too.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Parameters(query): Parameters<PageQuery>,
    place: Place,
) -> Result<Page<MessageNameView>, Problem> {
    let hub = &service.hub;
    let mut names: Vec<_> = hub
        .message_names()
        .into_iter()
        .map(|(name, to)| MessageNameView { name, to, computer: false })
        .collect();
    // A host can be called what no computer of Windows can.
    if let Ok(name) = hub.settings().machine_name.parse() {
        names.push(MessageNameView { name, to: None, computer: true });
    }
    names.sort_by(|one, other| one.name.cmp(&other.name));
    Page::of(names, |view: &MessageNameView| view.name.to_string(), &query, &place)
}

/// `PUT /message-names/NAME`.
pub(super) async fn add(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(new): Input<NewMessageName>,
) -> Result<Json<MessageNameView>, Problem> {
    let name = message_name(&name)?;
    let by = caller.speaks_as(&service.hub, &format!("message name {name}")).await?;
    service.hub.add_message_name(&by, name.clone(), new.to.clone()).await?;
    Ok(Json(MessageNameView { name, to: new.to, computer: false }))
}

/// `DELETE /message-names/NAME`: answered with 204.
pub(super) async fn delete(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let name = message_name(&name)?;
    let by = caller.speaks_as(&service.hub, &format!("message name {name}")).await?;
    service.hub.delete_message_name(&by, name).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn message_name(text: &str) -> Result<MessageName, Problem> {
    Ok(text.parse::<MessageName>().map_err(HubError::from)?)
}
