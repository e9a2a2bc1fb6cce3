//! The keys by which what the service has signed can be checked.

use std::sync::Arc;

use axum::{Json, Router, extract::State, routing::get};
use hub::{Hub, PublicKey};
use serde::{Deserialize, Serialize};

use super::{Problem, Service, caller::Caller};

/// Where everybody finds the keys, outside the interface.
pub const WELL_KNOWN_PATH: &str = "/.well-known/messngr/keys";

/// A JSON Web Key Set (RFC 7517 §5): every key that alerts and the audit log were signed with, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysView {
    /// The keys.
    pub keys: Vec<PublicKey>,
}

/// `GET /.well-known/messngr/keys`, for a door that everybody may ask: there is nothing secret in it.
pub fn well_known(hub: Arc<Hub>) -> Router {
    let answer = async |State(hub): State<Arc<Hub>>| Json(KeysView { keys: hub.public_keys() });
    Router::new().route(WELL_KNOWN_PATH, get(answer)).with_state(hub)
}

/// `GET /alert-keys`: the same.
pub(super) async fn list(State(service): State<Arc<Service>>) -> Json<KeysView> {
    Json(KeysView { keys: service.hub.public_keys() })
}

/// `POST /alert-keys`: a new key is made, and signs from now on. Answered with all keys.
pub(super) async fn rotate(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<Json<KeysView>, Problem> {
    service.hub.rotate_alert_key(&caller.actor).await?;
    Ok(Json(KeysView { keys: service.hub.public_keys() }))
}
