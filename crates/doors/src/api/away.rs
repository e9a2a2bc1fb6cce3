//! Absences: that a person is away, and what those who write are told.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use hub::Hub;

pub use ::api::away::{AwayView, NewAbsence};

use super::{Problem, Service, caller::Caller, request::Input};

pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<AwayView>, Problem> {
    current(&service.hub, &name)
}

pub(super) async fn set(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(new): Input<NewAbsence>,
) -> Result<Json<AwayView>, Problem> {
    service.hub.set_absence(&caller.actor, &name, &new.text, new.until).await?;
    current(&service.hub, &name)
}

/// `DELETE /accounts/NAME/away`: the person is back. Answered with 204.
pub(super) async fn end(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    service.hub.end_absence(&caller.actor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /me/away`.
pub(super) async fn show_own(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<Json<AwayView>, Problem> {
    current(&service.hub, &caller.name())
}

/// `PUT /me/away`.
pub(super) async fn set_own(
    service: State<Arc<Service>>,
    caller: Caller,
    new: Input<NewAbsence>,
) -> Result<Json<AwayView>, Problem> {
    let name = Path(caller.name());
    set(service, caller, name, new).await
}

/// `DELETE /me/away`.
pub(super) async fn end_own(service: State<Arc<Service>>, caller: Caller) -> Result<StatusCode, Problem> {
    let name = Path(caller.name());
    end(service, caller, name).await
}

fn current(hub: &Hub, name: &str) -> Result<Json<AwayView>, Problem> {
    let address = hub.account_named(name)?.address.clone();
    Ok(Json(AwayView { absence: hub.absence(&address), standing: hub.standing(&address) }))
}
