//! HTTP with JSON under `/api/v1`: what administers the service, and what it speaks to programs.
//!
//! Whoever is let in is proven before a request gets here: a door puts the [`Peer`] among the request's extensions,
//! and a request without one is refused. Each route says what it needs: a token has scopes
//! ([`domain::Scope`]), a person who has shown a password may do what is theirs, an administrator and the
//! administration socket everything. Errors are `application/problem+json` (RFC 9457). Bodies have at most 1 MiB;
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
//! | `GET POST /tokens`, `DELETE /tokens/ID` | [`tokens`] |
//! | `GET /status`, `GET /configuration`, `GET /ca`, `POST /backup` | [`service`], [`backup`] |
//!
//! A token and a person speak as their own account. At the administration socket the header `Messngr-As: NAME` (UTF-8)
//! says in whose name messages and alerts are sent; without it, in `admin`'s.

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
mod prover;
mod request;
pub mod rights;
mod routes;
pub mod schedules;
pub mod service;
pub mod sessions;
pub mod templates;
pub mod tokens;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use axum::Router;
pub use caller::{IN_THE_NAME_OF, Peer};
use domain::Need::{Administer, Anyone, Chat, Publish, Read};
pub use problem::Problem;
pub(crate) use prover::Prover;
use routes::Routes;
pub use service::{About, ConfigurationInForce, Listening, Service};

/// All of it, under `/api/v1`. Doors serve it after they have proven who the peer is.
pub fn router(service: Arc<Service>) -> Router {
    Router::new()
        .nest("/api/v1", routes().into_router())
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .with_state(service)
}

/// Every route, and what whoever asks has to be allowed.
fn routes() -> Routes {
    Routes::default()
        .get("/accounts", Administer, accounts::list)
        .post("/accounts", Administer, accounts::add)
        .get("/accounts/{name}", Administer, accounts::show)
        .patch("/accounts/{name}", Administer, accounts::change)
        .delete("/accounts/{name}", Administer, accounts::remove)
        .put("/accounts/{name}/password", Administer, accounts::set_password)
        .get("/groups", Administer, groups::list)
        .post("/groups", Administer, groups::add)
        .delete("/groups/{name}", Administer, groups::remove)
        .put("/groups/{name}/members/{person}", Administer, groups::join)
        .delete("/groups/{name}/members/{person}", Administer, groups::leave)
        .get("/sessions", Administer, sessions::list)
        .post("/messages", Chat, messages::send)
        .post("/net-messages", Chat, computers::send)
        .get("/alerts", Read, alerts::list)
        .post("/alerts", Publish, alerts::send)
        .get("/alerts/{id}", Read, alerts::show)
        .put("/alerts/{id}", Publish, alerts::change)
        .delete("/alerts/{id}", Publish, alerts::delete)
        .get("/alerts/{id}/report", Read, alert_report::report)
        .post("/alerts/{id}/send", Publish, alerts::send_draft)
        .post("/alerts/{id}/release", Publish, alerts::release)
        .post("/alerts/{id}/cancel", Publish, alerts::cancel)
        .get("/audience", Read, audience::count)
        .get("/templates", Read, templates::list)
        .get("/templates/{name}", Read, templates::show)
        .put("/templates/{name}", Administer, templates::put)
        .delete("/templates/{name}", Administer, templates::remove)
        .post("/templates/{name}/alerts", Publish, templates::send)
        .get("/schedules", Read, schedules::list)
        .put("/schedules/{name}", Publish, schedules::put)
        .delete("/schedules/{name}", Publish, schedules::remove)
        .post("/schedules/{name}/pause", Publish, schedules::pause)
        .post("/schedules/{name}/resume", Publish, schedules::resume)
        .get("/notices", Read, notices::list)
        .get("/alert-keys", Anyone, keys::list)
        .post("/alert-keys", Administer, keys::rotate)
        .get("/accounts/{name}/rights", Administer, rights::list)
        .post("/accounts/{name}/rights", Administer, rights::grant)
        .post("/accounts/{name}/rights/revoke", Administer, rights::revoke)
        .post("/accounts/{name}/erase", Administer, erasure::erase)
        .get("/accounts/{name}/export", Administer, erasure::export)
        .get("/audit", Administer, audit::list)
        .get("/audit/verification", Administer, audit::verify)
        .get("/tokens", Administer, tokens::list)
        .post("/tokens", Administer, tokens::add)
        .delete("/tokens/{id}", Administer, tokens::remove)
        .get("/status", Read, service::status)
        .get("/configuration", Administer, service::configuration)
        .get("/ca", Anyone, service::ca)
        .post("/backup", Administer, backup::write)
}
