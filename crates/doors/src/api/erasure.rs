//! What the service keeps about a person: given out, or taken away.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};

pub use ::api::erasure::ErasedView;

use super::{Problem, Service, caller::Caller};

/// The most bytes of an export.
const EXPORT_BYTES_MAX: usize = 200 << 20;

pub(super) async fn erase(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<ErasedView>, Problem> {
    let pseudonym = service.hub.erase_account(&caller.actor, &name).await?;
    Ok(Json(ErasedView { pseudonym }))
}

/// `GET /accounts/NAME/export`: everything that is kept about a person, one JSON object a line (`application/x-ndjson`)
/// with its `kind`: account, group, right, contact, absence, room, file, message, room-message, receipt, audit. At most
/// 200 MiB.
pub(super) async fn export(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let mut lines = Vec::new();
    let mut failed = None;
    let take = |kept| {
        if let Err(error) = serde_json::to_writer(&mut lines, &kept) {
            failed = Some(error.to_string());
        }
        lines.push(b'\n');
        failed.is_none() && lines.len() <= EXPORT_BYTES_MAX
    };
    service.hub.export_account(&caller.actor, &name, take).await?;
    if let Some(why) = failed {
        return Err(Problem::unavailable(why));
    }
    if lines.len() > EXPORT_BYTES_MAX {
        return Err(Problem::too_large(EXPORT_BYTES_MAX));
    }
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response())
}
