//! What stands beside the interface, for whoever is on the network: its description, how the service is, what can be
//! measured.

mod html;
mod reference;
mod status;

use std::sync::Arc;

use ::api::service::SWITCHED_OFF;
use axum::{
    Extension, Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

pub(super) use self::html::Text;
use super::{Arrived, WebDoor, forwarded::X_FORWARDED_FOR, metrics};
use crate::api::{self, Problem};

/// What a page may load: its style, from here.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("style.css");

/// All of it.
pub(super) fn router(door: Arc<WebDoor>) -> Router {
    Router::new()
        .route("/api", get(reference))
        .route("/api/openapi.json", get(document))
        .route(
            "/api/style.css",
            get(|| async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE) }),
        )
        .route("/status", get(status))
        .route("/health", get(|| async { Json(json!({ "alive": true })) }))
        .route("/ready", get(ready))
        .route("/metrics", get(measured))
        .route("/ca.pem", get(authority))
        .with_state(door)
}

/// The description of the interface, for people and for programs. It is made when it is first asked for, and kept as
/// it is sent: as a tree of values it takes megabytes.
pub(super) struct Description {
    reference: Bytes,
    document: Bytes,
}

impl Description {
    fn of(door: &WebDoor) -> &Self {
        door.description.get_or_init(|| {
            let document = api::description(&door.service.status().about.version);
            let reference = reference::reference(&document).into();
            Self { reference, document: document.to_string().into() }
        })
    }
}

async fn reference(State(door): State<Arc<WebDoor>>) -> Response {
    html(StatusCode::OK, Description::of(&door).reference.clone())
}

async fn document(State(door): State<Arc<WebDoor>>) -> Response {
    let document = Description::of(&door).document.clone();
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

async fn status(State(door): State<Arc<WebDoor>>) -> Response {
    let works = door.health.judge(door.service.hub()).await.is_whole();
    let status = door.service.status();
    let text = status::status(&status.domain, &status.listening, works, &door.service.maintenance());
    html(StatusCode::OK, text)
}

/// The service's own authority, as browsers take it in.
async fn authority(State(door): State<Arc<WebDoor>>) -> Response {
    let pem = door.service.authority().certificate_pem().to_owned();
    ([(header::CONTENT_TYPE, "application/x-x509-ca-cert")], pem).into_response()
}

/// 200 where what is sent is kept, people can sign in and every door that is to be open is; otherwise 503.
async fn ready(State(door): State<Arc<WebDoor>>) -> (StatusCode, Json<Value>) {
    let wellness = door.health.judge(door.service.hub()).await;
    let listening = door.service.status().listening;
    let closed: Vec<&str> = listening
        .iter()
        .filter(|row| row.address.is_none() && row.problem.as_deref() != Some(SWITCHED_OFF))
        .map(|row| row.setting.as_str())
        .collect();
    let ready = wellness.is_whole() && closed.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let said = json!({
        "ready": ready,
        "store": wellness.store,
        "threads": wellness.threads,
        "not_listening": closed,
    });
    (status, Json(said))
}

async fn measured(
    State(door): State<Arc<WebDoor>>,
    Extension(arrived): Extension<Arrived>,
    headers: HeaderMap,
) -> Response {
    // What a proxy on this machine forwards has not come from it.
    let is_forwarded = headers.contains_key(header::FORWARDED) || headers.contains_key(X_FORWARDED_FOR);
    let is_own = arrived.source.is_loopback() && !is_forwarded;
    if !is_own && !door.settings.metrics_allowed.contains(arrived.source) {
        let why =
            "what is measured is read on the service's own machine; `[metrics] allowed` lets others read it";
        return Problem::forbidden(why).into_response();
    }
    ([(header::CONTENT_TYPE, metrics::MEDIA_TYPE)], metrics::text(&door)).into_response()
}

fn html(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut answer =
        (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text.into()).into_response();
    let policy = HeaderValue::from_static(PAGE_POLICY);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    answer
}
