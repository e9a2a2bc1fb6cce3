//! The event stream, up to where HTTP ends ([`events`](crate::events)).

use std::sync::Arc;

use ::api::events::{OpenEvents, TICKET_PARAMETER, Ticket};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use hyper::upgrade::OnUpgrade;

use super::{Peer, Problem, Service, request::Parameters};
use crate::{
    events::{self, TICKET_SECONDS},
    web::Arrived,
};

/// A connection that can be given up for a WebSocket, and what the client's key is answered with (RFC 6455 §4.2).
pub(super) struct WebSocket {
    upgrade: OnUpgrade,
    accept: String,
}

/// `GET /events`: a WebSocket on which [`::api::events::Event`] and [`::api::events::Command`] are said.
pub(super) async fn open(
    State(service): State<Arc<Service>>,
    peer: Proven,
    Parameters(query): Parameters<OpenEvents>,
    WebSocket { upgrade, accept }: WebSocket,
) -> Result<Response, Problem> {
    let Proven { peer, arrived } = peer;
    let events = service.events().clone();
    let opened = events::open(&events, &peer, arrived.source, query).await?;
    arrived.follow(Box::pin(opened.serve(events, upgrade)));
    let headers = [
        (header::UPGRADE, "websocket".to_owned()),
        (header::CONNECTION, "Upgrade".to_owned()),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ];
    Ok((StatusCode::SWITCHING_PROTOCOLS, headers).into_response())
}

/// `POST /events/ticket`.
pub(super) async fn ticket(
    State(service): State<Arc<Service>>,
    Proven { peer, arrived }: Proven,
) -> Result<Json<Ticket>, Problem> {
    let tickets = service.events().tickets();
    let ticket = tickets.make(service.hub().environment(), peer, arrived.source)?;
    Ok(Json(Ticket { ticket, expires_in_seconds: TICKET_SECONDS }))
}

/// The ticket that a request shows in its query, where it may: at the event stream.
pub(crate) fn ticket_in(path: &str, query: &str) -> Option<String> {
    let at_the_stream = path.strip_prefix(::api::ROOT).is_some_and(|rest| rest == "/events");
    let mut said = query.split('&').filter_map(|pair| pair.split_once('='));
    let ticket = said.find(|(name, _)| *name == TICKET_PARAMETER).map(|(_, ticket)| ticket.to_owned());
    ticket.filter(|_| at_the_stream)
}

/// Somebody who has come over the network and has proven who they are.
pub(super) struct Proven {
    peer: Peer,
    arrived: Arrived,
}

impl FromRequestParts<Arc<Service>> for Proven {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Service>) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>().cloned().ok_or_else(Problem::unknown_caller)?;
        let arrived = parts.extensions.get::<Arrived>().cloned();
        let nowhere = || Problem::forbidden("the event stream is for people and programs on the network");
        Ok(Self { peer, arrived: arrived.ok_or_else(nowhere)? })
    }
}

impl FromRequestParts<Arc<Service>> for WebSocket {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Service>) -> Result<Self, Problem> {
        let headers = &parts.headers;
        let says = |name, word| says(headers, &name, word);
        if !says(header::CONNECTION, "upgrade")
            || !says(header::UPGRADE, "websocket")
            || !says(header::SEC_WEBSOCKET_VERSION, websocket::VERSION)
        {
            return Err(Problem::not_a_web_socket());
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY).and_then(|key| key.to_str().ok());
        let accept = websocket::accept(key.unwrap_or_default())
            .map_err(|error| Problem::invalid(error.to_string()))?;
        let upgrade = parts.extensions.remove::<OnUpgrade>().ok_or_else(Problem::not_a_web_socket)?;
        Ok(Self { upgrade, accept })
    }
}

/// Whether a header has a word among those that it lists.
fn says(headers: &HeaderMap, name: &header::HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|said| said.trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_looked_for_at_the_stream_alone() {
        let found = |path, query| ticket_in(path, query);
        assert_eq!(found("/api/v1/events", "device=a&ticket=abc").as_deref(), Some("abc"));
        assert_eq!(found("/api/v1/events", "device=a"), None);
        assert_eq!(found("/api/v1/events/ticket", "ticket=abc"), None);
        assert_eq!(found("/api/v1/messages", "ticket=abc"), None);
    }
}
