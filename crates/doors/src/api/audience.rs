//! How many people an audience has.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::Audience;
use serde::{Deserialize, Serialize};

use super::{Problem, Service, request::Parameters};

/// The query of `GET /audience`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// The audience, as alerts name it.
    expression: Audience,
}

/// `GET /audience?expression=AUDIENCE`: whom it would reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudienceView {
    /// The people in it.
    pub people: usize,
    /// Those of them who have a client that is there now.
    pub reachable: usize,
    /// The machines in it.
    pub computers: usize,
}

pub(super) async fn count(
    State(service): State<Arc<Service>>,
    Parameters(which): Parameters<Which>,
) -> Result<Json<AudienceView>, Problem> {
    let count = service.hub.count_audience(&which.expression).await?;
    Ok(Json(AudienceView { people: count.people, reachable: count.reachable, computers: count.computers }))
}
