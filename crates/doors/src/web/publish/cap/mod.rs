//! The Common Alerting Protocol, version 1.2: `POST /cap/TOPIC` takes a document, `GET /cap/TOPIC/ID` gives one.

mod incoming;
mod outgoing;

use std::sync::Arc;

use ::cap::{Alert, MEDIA_TYPE};
use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::{AlertId, AlertStatus, Topic};
use hub::{Published, Recalled};
use serde::Serialize;

use self::incoming::Step;
use super::{Asked, Denied, Publishing, body};
use crate::api::Problem;

/// The paths of this interface.
pub(super) fn routes() -> Router<Arc<Publishing>> {
    Router::new().route("/cap/{topic}", post(take)).route("/cap/{topic}/{id}", get(give))
}

/// What became of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Taken {
    /// The alert that people are told; none where the document is not for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<AlertId>,
    /// Where it stands: `in-force`, `planned`, or `waiting` for somebody's release.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<AlertStatus>,
    /// Whether it was taken before.
    repeated: bool,
    /// How many earlier alerts were called off.
    recalled: usize,
    /// Why nobody is told anything, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    nothing: Option<&'static str>,
}

/// `POST /cap/TOPIC`.
async fn take(
    State(publishing): State<Arc<Publishing>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let asked = Asked::of(&publishing, &parts).await?;
    let topic = publishing.topic(&name, &asked)?;
    let by = publishing.recaller(topic, &asked)?;
    let bytes = body::whole(body, ::cap::BYTES_MAX).await?;
    let alert = Alert::read(&bytes).map_err(|error| Denied::invalid(error.to_string()))?;
    let mut taken = Taken::default();
    for step in incoming::steps(&alert, publishing.hub.environment().now()) {
        match step {
            Step::Publish { key, notice } => {
                let published = publishing.publish(topic, &asked, Some(key), *notice).await?;
                taken.alert = Some(published.publication().alert);
                taken.status = publishing.status(&published).await;
                taken.repeated = matches!(published, Published::Repeated(_));
            }
            Step::Recall { key } => {
                let recalled = publishing.hub.recall(topic, &by, &key).await.map_err(Denied::from)?;
                taken.recalled += usize::from(recalled == Recalled::CalledOff);
            }
            Step::Nothing { why } => taken.nothing = Some(why),
        }
    }
    let status = if taken.alert.is_some() && !taken.repeated { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(taken)).into_response())
}

/// `GET /cap/TOPIC/ID`: an alert that was published to this topic, or that it was called off.
async fn give(
    State(publishing): State<Arc<Publishing>>,
    Path((name, id)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let asked = Asked::of(&publishing, &request.into_parts().0).await?;
    let topic: &Topic = publishing.topic(&name, &asked)?;
    Publishing::check_reader(topic, &asked)?;
    let missing =
        || Denied::NotFound(format!("no alert of this id was published to the topic {}", topic.name));
    let id: AlertId = id.strip_suffix(".xml").unwrap_or(&id).parse().map_err(|_| missing())?;
    let publication = publishing.hub.publication_of(id).await.map_err(Denied::from)?;
    publication
        .filter(|publication| publication.topic == topic.name && !publication.scheduled)
        .ok_or_else(missing)?;
    let alert = publishing.hub.alert(id).await.map_err(Denied::from)?;
    let document = outgoing::document(&alert, publishing.hub.domain()).and_then(|document| document.write());
    let document = document.map_err(|error| {
        tracing::error!(alert = %id, %error, "an alert cannot be written in the Common Alerting Protocol");
        Denied::invalid("this alert cannot be written in the Common Alerting Protocol")
    })?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], document).into_response())
}
