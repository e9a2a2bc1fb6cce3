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
//! | `GET POST /alerts`, `GET PUT DELETE /alerts/ID`, `POST /alerts/ID/send`, `/release`, `/cancel` | [`alerts`] |
//! | `GET /alerts/ID/report` | [`alerts::ReportView`] |
//! | `GET /audience` | [`audience`] |
//! | `GET /templates`, `GET PUT DELETE /templates/NAME`, `POST /templates/NAME/alerts` | [`templates`] |
//! | `GET /schedules`, `PUT DELETE /schedules/NAME`, `POST /schedules/NAME/pause`, `/resume` | [`schedules`] |
//! | `GET /notices` | [`notices`] |
//! | `GET POST /alert-keys` | [`keys`] |
//! | `POST /accounts/NAME/erase`, `GET /accounts/NAME/export` | [`erasure`] |
//! | `GET POST /accounts/NAME/rights`, `POST /accounts/NAME/rights/revoke` | [`rights`] |
//! | `GET /audit`, `GET /audit/verification` | [`audit`] |
//! | `GET /status`, `GET /configuration`, `GET /ca`, `POST /backup` | [`service`], [`backup`] |
//!
//! The header `Messngr-As: NAME` (UTF-8) says in whose name messages and alerts are sent; without it, in `admin`'s.

pub mod accounts;
mod alert_document;
mod alert_report;
pub mod alerts;
pub mod audience;
pub mod audit;
pub mod backup;
mod caller;
pub mod computers;
pub mod erasure;
pub mod groups;
pub mod keys;
pub mod messages;
pub mod notices;
pub mod problem;
mod request;
pub mod rights;
pub mod schedules;
pub mod service;
pub mod sessions;
pub mod templates;

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
        .route("/alerts/{id}", get(alerts::show).put(alerts::change).delete(alerts::delete))
        .route("/alerts/{id}/report", get(alert_report::report))
        .route("/alerts/{id}/send", post(alerts::send_draft))
        .route("/alerts/{id}/release", post(alerts::release))
        .route("/alerts/{id}/cancel", post(alerts::cancel))
        .route("/audience", get(audience::count))
        .route("/templates", get(templates::list))
        .route("/templates/{name}", get(templates::show).put(templates::put).delete(templates::remove))
        .route("/templates/{name}/alerts", post(templates::send))
        .route("/schedules", get(schedules::list))
        .route("/schedules/{name}", put(schedules::put).delete(schedules::remove))
        .route("/schedules/{name}/pause", post(schedules::pause))
        .route("/schedules/{name}/resume", post(schedules::resume))
        .route("/notices", get(notices::list))
        .route("/alert-keys", get(keys::list).post(keys::rotate))
        .route("/accounts/{name}/rights", get(rights::list).post(rights::grant))
        .route("/accounts/{name}/rights/revoke", post(rights::revoke))
        .route("/accounts/{name}/erase", post(erasure::erase))
        .route("/accounts/{name}/export", get(erasure::export))
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
