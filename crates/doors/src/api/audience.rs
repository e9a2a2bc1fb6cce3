//! How many people an audience has.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::Audience;
use schemars::JsonSchema;
use serde::Deserialize;

pub use ::api::audience::AudienceView;

use super::{Problem, Service, request::Parameters};

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
    Parameters(which): Parameters<Which>,
) -> Result<Json<AudienceView>, Problem> {
    let count = service.hub.count_audience(&which.expression).await?;
    Ok(Json(AudienceView { people: count.people, reachable: count.reachable, computers: count.computers }))
}
