//! Gotify's interface: publishing with a token alone, and reading by pages and over a WebSocket. Facts:
//! <https://gotify.net/api-docs>.
//!
//! Gotify knows no topics, only applications with a token each. Here an application is a topic, and a token publishes
//! to the topic that is called as the token is; else to the only one that it may publish to. Where that says nothing,
//! the topic stands in the path: `/TOPIC/message`.

mod document;
mod error;
mod form;
mod read;
mod send;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use super::Publishing;

/// The paths of this interface.
pub(super) fn routes() -> Router<Arc<Publishing>> {
    Router::new()
        .route("/message", post(send::to_own_topic).get(read::messages))
        .route("/{topic}/message", post(send::to_topic))
        .route("/application", get(read::applications))
        .route("/application/{id}/message", get(read::messages_of_application))
        .route("/stream", get(read::read_on))
        .route("/current/user", get(read::user))
        .route("/version", get(read::version))
}
