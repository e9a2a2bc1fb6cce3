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
//! | `GET PUT DELETE /accounts/NAME/away` | [`away`] |
//! | `GET PUT /accounts/NAME/privacy` | [`privacy`] |
//! | `GET POST /groups`, `DELETE /groups/NAME`, `PUT DELETE /groups/NAME/members/PERSON` | [`groups`] |
//! | `GET /sessions` | [`sessions`] |
//! | `POST /messages` | [`messages`] |
//! | `POST /net-messages` | [`computers`] |
//! | `GET POST /alerts`, `GET PUT DELETE /alerts/ID`, `POST /alerts/ID/send`, `/release`, `/again`, `/cancel` | [`alerts`] |
//! | `GET /alerts/ID/report` | [`alerts::ReportView`] |
//! | `GET /audience /audience/groups` | [`audience`] |
//! | `GET /templates`, `GET PUT DELETE /templates/NAME`, `POST /templates/NAME/alerts` | [`templates`] |
//! | `GET /schedules`, `PUT DELETE /schedules/NAME`, `POST /schedules/NAME/pause`, `/resume` | [`schedules`] |
//! | `GET /notices` | [`notices`] |
//! | `GET POST /alert-keys` | [`keys`] |
//! | `POST /accounts/NAME/erase`, `GET /accounts/NAME/export` | [`erasure`] |
//! | `GET POST /accounts/NAME/rights`, `POST /accounts/NAME/rights/revoke` | [`rights`] |
//! | `GET /audit`, `GET /audit/verification` | [`audit`] |
//! | `GET POST /tokens`, `DELETE /tokens/ID` | [`tokens`] |
//! | `GET /events`, `POST /events/ticket` | the event stream |
//! | `POST /session/scram`, `POST /session/scram/EXCHANGE`, `GET DELETE /session` | signing in with a browser |
//! | `GET DELETE /me/sessions`, `DELETE /me/sessions/ID` | where a person is signed in |
//! | `GET /me /me/alerts /me/notices /contacts /contacts/requests /people /blocks /history` and what changes them | [`people`] |
//! | `GET /conversations` | what was said last with whom, and what is unread |
//! | `GET POST /rooms`, `GET /rooms/ADDRESS`, `PUT DELETE /rooms/ADDRESS/membership`, `PUT /rooms/ADDRESS/members/PERSON` | rooms |
//! | `POST /me/reports /me/erase /files`, `GET /me/export` | [`people`] |
//! | `GET POST /conditions`, `POST /conditions/clear` | [`conditions`] |
//! | `GET /status`, `GET /configuration`, `GET /ca`, `POST /backup` | [`service`], [`backup`] |
//! | `GET /sources/refused`, `DELETE /sources/refused/ADDRESS` | who is refused or has to wait now |
//!
//! A token and a person speak as their own account. At the administration socket the header `Messngr-As: NAME` (UTF-8)
//! says in whose name messages and alerts are sent; without it, in `admin`'s.

pub mod accounts;
mod alert_draft;
mod alert_report;
pub mod alerts;
pub mod audience;
pub mod audit;
pub mod away;
pub mod backup;
mod caller;
pub mod computers;
pub mod conditions;
pub mod erasure;
mod events;
mod files;
pub mod groups;
mod history;
pub mod keys;
pub mod message_names;
pub mod messages;
pub mod notices;
mod openapi;
mod own_alerts;
mod pace;
mod page;
pub mod people;
mod people_routes;
pub mod privacy;
pub mod problem;
mod prover;
mod request;
pub mod rights;
mod rooms;
mod routes;
pub mod schedules;
pub mod service;
mod session;
pub mod sessions;
mod sources;
mod table;
pub mod templates;
pub mod tokens;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state};
pub use caller::{IN_THE_NAME_OF, Peer};
pub(crate) use events::ticket_in;
pub(crate) use messages::checked_text;
pub use problem::Problem;
pub(crate) use prover::Prover;
pub(crate) use request::collect;
pub use service::{About, ConfigurationInForce, Listening, Service};
pub(crate) use session::cookie;

pub use crate::events::EventLimits;

/// The routes on which the header `Idempotency-Key` is looked at.
const REPEATABLE: [&str; 3] = ["/messages", "/alerts", "/templates/{name}/alerts"];

/// All of it, under `/api/v1`. Doors serve it after they have proven who the peer is.
pub fn router(service: Arc<Service>) -> Router {
    let routes = table::routes().into_router().route_layer(from_fn_with_state(service.clone(), pace::keep));
    Router::new()
        .nest(::api::ROOT, routes)
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .with_state(service)
}

/// The same limits for other routes of the same door.
pub(crate) fn paced(router: Router, service: Arc<Service>) -> Router {
    router.route_layer(from_fn_with_state(service, pace::keep))
}

/// The description of the interface, for programs: an OpenAPI document.
pub(crate) fn description(version: &str) -> serde_json::Value {
    openapi::document(table::routes().listed(), version)
}
