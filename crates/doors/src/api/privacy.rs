//! Privacy: who may write to a person, and who sees that they read, type or are there.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use domain::Privacy;

use super::{Problem, Service, caller::Caller, request::Input};

/// `GET /accounts/NAME/privacy`: a [`Privacy`].
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<Privacy>, Problem> {
    let address = service.hub.account_named(&name)?.address.clone();
    Ok(Json(service.hub.privacy(&address)))
}

/// `PUT /accounts/NAME/privacy`: the whole [`Privacy`]; what is left out is as it is by default. Answered with it.
pub(super) async fn set(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(privacy): Input<Privacy>,
) -> Result<Json<Privacy>, Problem> {
    service.hub.set_privacy(&caller.actor, &name, privacy).await?;
    show(State(service), Path(name)).await
}
