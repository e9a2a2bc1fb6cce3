//! ntfy's interface: publishing with plain text, headers and JSON, and reading a topic as lines, as events of the
//! server, as plain text and over a WebSocket. Facts: <https://docs.ntfy.sh/publish/> and
//! <https://docs.ntfy.sh/subscribe/api/>.

mod actions;
mod delay;
mod document;
mod error;
mod fields;
mod json;
mod priority;
mod publish;
mod selection;
mod subscribe;

use std::sync::Arc;

use axum::{Router, routing::get};

use super::Publishing;

/// The paths of this interface.
pub(super) fn routes() -> Router<Arc<Publishing>> {
    Router::new()
        .route("/", axum::routing::post(publish::json).put(publish::json))
        .route("/{topic}", axum::routing::post(publish::text).put(publish::text))
        .route("/{topic}/publish", get(publish::trigger))
        .route("/{topic}/send", get(publish::trigger))
        .route("/{topic}/trigger", get(publish::trigger))
        .route("/{topic}/json", get(subscribe::json))
        .route("/{topic}/sse", get(subscribe::sse))
        .route("/{topic}/raw", get(subscribe::raw))
        .route("/{topic}/ws", get(subscribe::ws))
        .route("/{topic}/auth", get(subscribe::auth))
}
