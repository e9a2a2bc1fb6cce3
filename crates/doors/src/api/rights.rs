//! Rights: who may send alerts to whom, and who may read reports.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use domain::Right;
use serde::{Deserialize, Serialize};

use super::{Problem, Service, caller::Caller, request::Input};

/// `POST /accounts/NAME/rights` and `POST /accounts/NAME/rights/revoke`: a right that is given or taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RightChange {
    /// `publish:AUDIENCE`, `publish:AUDIENCE:SEVERITY` or `audit`.
    pub right: Right,
}

/// `GET /accounts/NAME/rights`, and what the others are answered with: what an account may do beside what everybody
/// may. Administrators may do everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightsView {
    /// Whether it is an administrator's.
    pub administrator: bool,
    /// The rights.
    pub rights: Vec<Right>,
}

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
