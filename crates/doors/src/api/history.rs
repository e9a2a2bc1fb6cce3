//! A person's own conversations: with whom they are, what was said last, and how much of it they have not read.

use std::sync::Arc;

use ::api::people::ConversationView;
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Problem, Service,
    caller::Caller,
    people::{own, said},
    request::Parameters,
};

/// How many conversations there are where nobody says how many, and at most.
const LIMIT: usize = 100;
const LIMIT_MAX: usize = 200;

/// The query of `GET /conversations`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// How many at most: 1 to 200; 100 where left out.
    limit: Option<usize>,
}

/// `GET /conversations`: the one with the newest message first.
pub(super) async fn conversations(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Parameters(Which { limit }): Parameters<Which>,
) -> Result<Json<Vec<ConversationView>>, Problem> {
    let limit = limit.unwrap_or(LIMIT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid(format!("limit is 1 to {LIMIT_MAX}")));
    }
    let (hub, own) = (&service.hub, own(&service, &caller)?);
    let views = hub.conversations(&own.address, limit).await?;
    let view = |view: hub::ConversationView| ConversationView {
        last: view.last.as_ref().map(|last| said(last, &own.address, hub)),
        with: view.with,
        is_room: view.is_room,
        changed: view.changed,
        title: view.title,
        unread: view.unread,
        read_at: view.read_at,
    };
    Ok(Json(views.into_iter().map(view).collect()))
}
