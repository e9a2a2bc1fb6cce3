//! Sessions: who is there now.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::{Address, Protocol, Show};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Service;

/// One live connection of a person's client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Whose.
    pub address: Address,
    /// The client's name for itself.
    pub resource: String,
    /// By which protocol.
    pub protocol: Protocol,
    /// From which network address.
    pub source: String,
    /// Since when.
    pub since: Timestamp,
    /// How available; none where the client is connected and has said nothing.
    pub show: Option<Show>,
    /// The person's status text, as they wrote it.
    pub text: Option<String>,
    /// Whether it is given messages as they come: it is available, and has everything that waited.
    pub receives: bool,
}

/// `GET /sessions`: all of them, by address and name.
pub(super) async fn list(State(service): State<Arc<Service>>) -> Json<Vec<SessionView>> {
    Json(service.hub.sessions().into_iter().map(SessionView::from).collect())
}

impl From<hub::SessionView> for SessionView {
    fn from(session: hub::SessionView) -> Self {
        Self {
            address: session.address,
            resource: session.resource,
            protocol: session.protocol,
            source: session.source,
            since: session.since,
            show: session.show,
            text: session.text,
            receives: session.receives,
        }
    }
}
