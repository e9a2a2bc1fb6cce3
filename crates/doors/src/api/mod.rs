//! HTTP with JSON under `/api/v1`: what administers the service, and what it speaks to programs.
//!
//! Whoever is let in is proven before a request gets here: a door puts the [`Peer`] among the request's extensions,
//! and a request without one is refused. Errors are `application/problem+json` (RFC 9457). Bodies have at most 1 MiB;
//! fields that a request does not know are refused, so that a misspelled one is not overlooked.
//!
//! | method and path | what it does |
//! |---|---|
//! | `GET POST /accounts`, `GET PATCH DELETE /accounts/NAME`, `PUT /accounts/NAME/password` | [`accounts`] |
//! | `GET POST /groups`, `DELETE /groups/NAME`, `PUT DELETE /groups/NAME/members/PERSON` | [`groups`] |
//! | `GET /sessions` | [`sessions`] |
//! | `POST /messages` | [`messages`] |
//! | `POST /net-messages` | [`computers`] |
//! | `GET POST /alerts`, `GET /alerts/ID`, `GET /alerts/ID/report`, `POST /alerts/ID/cancel` | [`alerts`] |
//! | `GET /audit`, `GET /audit/verification` | [`audit`] |
//! | `GET /status`, `GET /configuration`, `GET /ca`, `POST /backup` | [`service`], [`backup`] |
//!
//! The header `Messngr-As: NAME` (UTF-8) says in whose name messages and alerts are sent; without it, in `admin`'s.

pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod backup;
mod caller;
pub mod computers;
pub mod groups;
pub mod history;
pub mod messages;
pub mod problem;
mod request;
pub mod service;
pub mod sessions;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn,
    routing::{delete, get, post, put},
};

pub use caller::{IN_THE_NAME_OF, Peer};
pub use problem::Problem;
pub use service::{About, ConfigurationInForce, Listening, Service};

/// All of it, under `/api/v1`. Doors serve it after they have proven who the peer is.
pub fn router(service: Arc<Service>) -> Router {
    let routes = Router::new()
        .route("/accounts", get(accounts::list).post(accounts::add))
        .route("/accounts/{name}", get(accounts::show).patch(accounts::change).delete(accounts::remove))
        .route("/accounts/{name}/password", put(accounts::set_password))
        .route("/groups", get(groups::list).post(groups::add))
        .route("/groups/{name}", delete(groups::remove))
        .route("/groups/{name}/members/{person}", put(groups::join).delete(groups::leave))
        .route("/sessions", get(sessions::list))
        .route("/messages", post(messages::send))
        .route("/net-messages", post(computers::send))
        .route("/alerts", get(alerts::list).post(alerts::send))
        .route("/alerts/{id}", get(alerts::show))
        .route("/alerts/{id}/report", get(alerts::report))
        .route("/alerts/{id}/cancel", post(alerts::cancel))
        .route("/audit", get(audit::list))
        .route("/audit/verification", get(audit::verify))
        .route("/status", get(service::status))
        .route("/configuration", get(service::configuration))
        .route("/ca", get(service::ca))
        .route("/backup", post(backup::write));
    Router::new()
        .nest("/api/v1", routes)
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(from_fn(request::take_body))
        .layer(from_fn(caller::require_peer))
        .with_state(service)
}
