//! The event stream, up to where HTTP ends ([`events`](crate::events)).

use std::sync::Arc;

use ::api::events::{OpenEvents, TICKET_PARAMETER, Ticket};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::Response,
};
use hub::ProofMark;

use super::{Peer, Problem, Service, request::Parameters};
use crate::{
    events::{self, TICKET_SECONDS},
    web::{Arrived, WebSocket},
};

/// `GET /events`: a WebSocket on which [`::api::events::Event`] and [`::api::events::Command`] are said.
pub(super) async fn open(
    State(service): State<Arc<Service>>,
    peer: Proven,
    Parameters(query): Parameters<OpenEvents>,
    socket: WebSocket,
) -> Result<Response, Problem> {
    let Proven { peer, mark, arrived } = peer;
    let events = service.events().clone();
    let opened = events::open(&events, (&peer, mark), arrived.source, query).await?;
    let (upgrade, answer) = socket.accept();
    arrived.follow(Box::pin(opened.serve(events, upgrade)));
    Ok(answer)
}

/// `POST /events/ticket`.
pub(super) async fn ticket(
    State(service): State<Arc<Service>>,
    Proven { peer, mark, arrived }: Proven,
) -> Result<Json<Ticket>, Problem> {
    let tickets = service.events().tickets();
    let ticket = tickets.make(service.hub().environment(), (peer, mark), arrived.source)?;
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
    /// Before they proved it.
    mark: ProofMark,
    arrived: Arrived,
}

impl FromRequestParts<Arc<Service>> for Proven {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Service>) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>().cloned().ok_or_else(Problem::unknown_caller)?;
        let arrived = parts.extensions.get::<Arrived>().cloned();
        let nowhere = || Problem::forbidden("the event stream is for people and programs on the network");
        let mark = parts.extensions.get::<ProofMark>().copied().ok_or_else(nowhere)?;
        Ok(Self { peer, mark, arrived: arrived.ok_or_else(nowhere)? })
    }
}

impl FromRequestParts<Arc<Service>> for WebSocket {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Service>) -> Result<Self, Problem> {
        Self::of(parts)
    }
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
