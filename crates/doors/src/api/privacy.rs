//! Privacy: who may write to a person, and who sees that they read, type or are there.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};

pub use ::api::privacy::PrivacyView;

use super::{Problem, Service, caller::Caller, request::Input};

/// `GET /accounts/NAME/privacy`.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<PrivacyView>, Problem> {
    let address = service.hub.account_named(&name)?.address.clone();
    Ok(Json(PrivacyView(service.hub.privacy(&address))))
}

/// `PUT /accounts/NAME/privacy`: the whole of it; what is left out is as it is by default. Answered with it.
pub(super) async fn set(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(PrivacyView(privacy)): Input<PrivacyView>,
) -> Result<Json<PrivacyView>, Problem> {
    service.hub.set_privacy(&caller.actor, &name, privacy).await?;
    show(State(service), Path(name)).await
}

/// `GET /me/privacy`.
pub(super) async fn show_own(
    service: State<Arc<Service>>,
    caller: Caller,
) -> Result<Json<PrivacyView>, Problem> {
    show(service, Path(caller.name())).await
}

/// `PUT /me/privacy`.
pub(super) async fn set_own(
    service: State<Arc<Service>>,
    caller: Caller,
    privacy: Input<PrivacyView>,
) -> Result<Json<PrivacyView>, Problem> {
    let name = Path(caller.name());
    set(service, caller, name, privacy).await
}
