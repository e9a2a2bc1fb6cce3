//! Alertmanager's webhook, version 4. Facts: <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>.
//!
//! Each alert that fires is published once, under its fingerprint, however often Alertmanager repeats it; when it is
//! resolved, it is called off. What was not taken is asked for again: Alertmanager repeats what was answered with 5xx.

mod payload;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
    routing::post,
};
use domain::{AlertStatus, Topic};
use hub::{Published, Recalled};
use serde::Serialize;

use self::payload::{Payload, Step};
use super::{Asked, Denied, Publishing, body};
use crate::api::Problem;

/// The most bytes of a request.
const BODY_BYTES_MAX: usize = 1_048_576;

/// The paths of this interface.
pub(super) fn routes() -> Router<Arc<Publishing>> {
    Router::new().route("/alertmanager/{topic}", post(take))
}

/// What became of the alerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Taken {
    /// So many are new.
    published: usize,
    /// So many were published before.
    repeated: usize,
    /// So many of both wait for somebody's release.
    #[serde(skip_serializing_if = "is_none")]
    waiting: usize,
    /// So many were called off.
    recalled: usize,
    /// So many were resolved that nobody knew, or that had ended before.
    over_before: usize,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

async fn take(
    State(publishing): State<Arc<Publishing>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let asked = Asked::of(&publishing, &parts).await?;
    let topic = publishing.topic(&name, &asked)?;
    if asked.caller.is_none() {
        return Err(Denied::not_proven().into());
    }
    let payload = Payload::read(&body::whole(body, BODY_BYTES_MAX).await?).map_err(Denied::Invalid)?;
    let mut taken = Taken::default();
    for step in payload.steps() {
        carry_out(&publishing, topic, &asked, step, &mut taken).await?;
    }
    Ok(Json(taken).into_response())
}

async fn carry_out(
    publishing: &Publishing,
    topic: &Topic,
    asked: &Asked,
    step: Step,
    taken: &mut Taken,
) -> Result<(), Denied> {
    let count = match step {
        Step::Publish { key, notice } => {
            let published = publishing.publish(topic, asked, Some(key), *notice).await?;
            let waits = publishing.status(&published).await == Some(AlertStatus::Waiting);
            taken.waiting += usize::from(waits);
            match published {
                Published::New(_) => &mut taken.published,
                Published::Repeated(_) => &mut taken.repeated,
            }
        }
        Step::Recall { key } => {
            let by = publishing.recaller(topic, asked)?;
            match publishing.hub.recall(topic, &by, &key).await? {
                Recalled::CalledOff => &mut taken.recalled,
                Recalled::OverBefore | Recalled::Unknown => &mut taken.over_before,
            }
        }
    };
    *count += 1;
    Ok(())
}
