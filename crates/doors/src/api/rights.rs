//! Rights: who may send alerts to whom, and who may read reports.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};

pub use ::api::rights::{RightChange, RightsView};

use super::{Problem, Service, caller::Caller, request::Input};

pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<RightsView>, Problem> {
    current(&service, &name)
}

pub(super) async fn grant(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(change): Input<RightChange>,
) -> Result<Json<RightsView>, Problem> {
    service.hub.grant(&caller.actor, &name, change.right).await?;
    current(&service, &name)
}

pub(super) async fn revoke(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(change): Input<RightChange>,
) -> Result<Json<RightsView>, Problem> {
    service.hub.revoke(&caller.actor, &name, &change.right).await?;
    current(&service, &name)
}

fn current(service: &Service, name: &str) -> Result<Json<RightsView>, Problem> {
    let account = service.hub.account_named(name)?;
    let rights = service.hub.rights(&account.address).to_vec();
    Ok(Json(RightsView { administrator: account.administrator, rights }))
}
