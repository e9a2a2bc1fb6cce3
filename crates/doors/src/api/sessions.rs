//! Sessions: who is there now.

use std::sync::Arc;

use axum::extract::State;

pub use ::api::sessions::SessionView;

use super::{
    Problem, Service,
    page::{Page, PageQuery, Place},
    request::Parameters,
};

/// `GET /sessions`: all of them, by address and name.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Parameters(query): Parameters<PageQuery>,
    place: Place,
) -> Result<Page<SessionView>, Problem> {
    let key = |session: &SessionView| format!("{}/{}", session.address, session.resource);
    Page::of(service.hub.sessions().into_iter().map(view).collect(), key, &query, &place)
}

/// A session as the interface shows it.
fn view(session: hub::SessionView) -> SessionView {
    SessionView {
        address: session.address,
        resource: session.resource,
        protocol: session.protocol,
        source: session.source,
        connected: session.connected,
        since: session.since,
        show: session.show,
        text: session.text,
        receives: session.receives,
    }
}
