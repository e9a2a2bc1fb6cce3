//! How many people an audience has, and which groups there are to choose from.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::Audience;
use schemars::JsonSchema;
use serde::Deserialize;

pub use ::api::audience::{AudienceGroups, AudienceView};

use super::{Problem, Service, caller::Caller, request::Parameters};

/// The query of `GET /audience`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// The audience, as alerts name it.
    #[schemars(with = "String")]
    expression: Audience,
}

pub(super) async fn count(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Parameters(which): Parameters<Which>,
) -> Result<Json<AudienceView>, Problem> {
    let count = service.hub.count_audience_of(&caller.peer.alert_sight()?, &which.expression).await?;
    Ok(Json(AudienceView { people: count.people, reachable: count.reachable, computers: count.computers }))
}

/// `GET /audience/groups`.
pub(super) async fn groups(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<Json<AudienceGroups>, Problem> {
    let groups = service.hub.groups_seen(&caller.peer.alert_sight()?).await?;
    Ok(Json(AudienceGroups { groups }))
}
