//! The keys by which what the service has signed can be checked.

use std::sync::Arc;

use axum::{Json, Router, extract::State, routing::get};
use hub::{Hub, PublicKey};

pub use ::api::keys::{KeyView, KeysView, WELL_KNOWN_PATH};

use super::{Problem, Service, caller::Caller};

/// `GET /.well-known/messngr/keys`, for a door that everybody may ask: there is nothing secret in it.
pub fn well_known(hub: Arc<Hub>) -> Router {
    let answer = async |State(hub): State<Arc<Hub>>| Json(keys_of(&hub));
    Router::new().route(WELL_KNOWN_PATH, get(answer)).with_state(hub)
}

/// `GET /alert-keys`: the same.
pub(super) async fn list(State(service): State<Arc<Service>>) -> Json<KeysView> {
    Json(keys_of(&service.hub))
}

/// `POST /alert-keys`: a new key is made, and signs from now on. Answered with all keys.
pub(super) async fn rotate(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<Json<KeysView>, Problem> {
    service.hub.rotate_alert_key(&caller.actor).await?;
    Ok(Json(keys_of(&service.hub)))
}

fn keys_of(hub: &Hub) -> KeysView {
    let view = |key: PublicKey| {
        let PublicKey { kty, crv, kid, usage, alg, x } = key;
        KeyView { kty, crv, kid, usage, alg, x }
    };
    KeysView { keys: hub.public_keys().into_iter().map(view).collect() }
}
