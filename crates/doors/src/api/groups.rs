//! Groups: sets of people that the administrator names.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use domain::{Group, GroupName};

pub use ::api::groups::{GroupView, NewGroup};

use super::{
    Problem, Service,
    caller::Caller,
    page::{Page, PageQuery, Place},
    request::{Input, Parameters},
};

/// `GET /groups`: all groups with their members, by name: a list of `{"name": …, "members": [ADDRESS, …]}`.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Parameters(query): Parameters<PageQuery>,
    place: Place,
) -> Result<Page<GroupView>, Problem> {
    let view = |Group { name, members }| GroupView { name, members };
    let all = service.hub.groups().await?.into_iter().map(view).collect();
    Page::of(all, |group: &GroupView| group.name.to_string(), &query, &place)
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
