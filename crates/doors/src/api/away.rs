//! Absences: that a person is away, and what those who write are told.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{Absence, Standing};
use hub::Hub;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Problem, Service, caller::Caller, request::Input};

/// `PUT /accounts/NAME/away`: the person is away from now on. Everybody who writes is told once; set anew, everybody
/// may be told once more. Answered with the [`AwayView`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAbsence {
    /// What those who write are told, at most 1,000 characters. Empty: that the person is away.
    #[serde(default)]
    pub text: String,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// `GET /accounts/NAME/away`: how a person is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwayView {
    /// How the person is away; null where they are not.
    pub absence: Option<Absence>,
    /// How available they are, all their sessions and the absence taken together.
    pub standing: Standing,
}

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

fn current(hub: &Hub, name: &str) -> Result<Json<AwayView>, Problem> {
    let address = hub.account_named(name)?.address.clone();
    Ok(Json(AwayView { absence: hub.absence(&address), standing: hub.standing(&address) }))
}
