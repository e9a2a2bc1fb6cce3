//! Groups: sets of people that the administrator names.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{Group, GroupName};
use serde::{Deserialize, Serialize};

use super::{Problem, Service, caller::Caller, request::Input};

/// `POST /groups`: a group to be made. Answered with 201.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// Its name: 1 to 64 letters, digits, `-`, `_` or `.`.
    pub name: GroupName,
}

/// `GET /groups`: all groups with their members, by name: a list of `{"name": …, "members": [ADDRESS, …]}`.
pub(super) async fn list(State(service): State<Arc<Service>>) -> Result<Json<Vec<Group>>, Problem> {
    Ok(Json(service.hub.groups().await?))
}

pub(super) async fn add(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(new): Input<NewGroup>,
) -> Result<StatusCode, Problem> {
    service.hub.add_group(&caller.actor, new.name).await?;
    Ok(StatusCode::CREATED)
}

/// `DELETE /groups/NAME`: the group; its members stay. Answered with 204.
pub(super) async fn remove(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    service.hub.remove_group(&caller.actor, group_name(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /groups/NAME/members/PERSON`: the person is in the group. Answered with 204, also where they were.
pub(super) async fn join(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path((name, person)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    set_member(&service, &caller, &name, &person, true).await
}

/// `DELETE /groups/NAME/members/PERSON`: the person is not in the group. Answered with 204, also where they were
/// not.
pub(super) async fn leave(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path((name, person)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    set_member(&service, &caller, &name, &person, false).await
}

async fn set_member(
    service: &Service,
    caller: &Caller,
    name: &str,
    person: &str,
    member: bool,
) -> Result<StatusCode, Problem> {
    service.hub.set_member(&caller.actor, group_name(name)?, person, member).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn group_name(text: &str) -> Result<GroupName, Problem> {
    text.parse().map_err(|error: domain::GroupNameError| Problem::invalid(error.to_string()))
}
