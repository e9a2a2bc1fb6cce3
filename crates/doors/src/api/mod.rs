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
//! | `GET POST /alerts`, `GET /alerts/ID`, `GET /alerts/ID/report`, `POST /alerts/ID/cancel` | [`alerts`] |
//! | `GET /audit`, `GET /audit/verification` | [`audit`] |
//! | `GET POST /tokens`, `DELETE /tokens/ID` | [`tokens`] |
//! | `GET /events`, `POST /events/ticket` | the event stream |
//! | `GET /me /me/sessions /me/alerts /contacts /blocks /history` and what changes them | [`people`] |
//! | `GET /status`, `GET /configuration`, `GET /ca`, `POST /backup` | [`service`], [`backup`] |
//!
//! A token and a person speak as their own account. At the administration socket the header `Messngr-As: NAME` (UTF-8)
//! says in whose name messages and alerts are sent; without it, in `admin`'s.

pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod backup;
mod caller;
pub mod computers;
mod events;
pub mod groups;
pub mod messages;
pub mod people;
pub mod problem;
mod prover;
mod request;
mod routes;
pub mod service;
pub mod sessions;
pub mod tokens;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use axum::Router;
pub use caller::{IN_THE_NAME_OF, Peer};
use domain::Need::{Administer, Anyone, Chat, Publish, Read};
pub(crate) use events::ticket_in;
pub(crate) use messages::checked_text;
pub use problem::Problem;
pub(crate) use prover::Prover;
use routes::Routes;
pub use service::{About, ConfigurationInForce, Listening, Service};

pub use crate::events::EventLimits;

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
        .get("/alerts/{id}/report", Read, alerts::report)
        .post("/alerts/{id}/cancel", Publish, alerts::cancel)
        .get("/audit", Administer, audit::list)
        .get("/audit/verification", Administer, audit::verify)
        .get("/tokens", Administer, tokens::list)
        .post("/tokens", Administer, tokens::add)
        .delete("/tokens/{id}", Administer, tokens::remove)
        .get("/status", Read, service::status)
        .get("/configuration", Administer, service::configuration)
        .get("/ca", Anyone, service::ca)
        .post("/backup", Administer, backup::write)
        .get("/events", Chat, events::open)
        .post("/events/ticket", Chat, events::ticket)
        .get("/me", Chat, people::me)
        .get("/me/sessions", Chat, people::sessions)
        .delete("/me/sessions/{device}", Chat, people::sign_out)
        .get("/me/alerts", Chat, people::alerts)
        .get("/contacts", Chat, people::contacts)
        .put("/contacts/{address}", Chat, people::put_contact)
        .delete("/contacts/{address}", Chat, people::remove_contact)
        .post("/contacts/{address}/subscription", Chat, people::subscribe)
        .get("/blocks", Chat, people::blocks)
        .put("/blocks/{address}", Chat, people::block)
        .delete("/blocks/{address}", Chat, people::unblock)
        .get("/history", Chat, people::history)
}
