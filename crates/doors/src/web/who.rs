//! Who asks, where they say it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Arrived, WebDoor};
use crate::api::{Peer, Problem, cookie, ticket_in};

/// Puts whoever has proven themselves among the extensions of the request. Whoever has tried and not done it is refused
/// whatever the request is for; one that says nothing passes, and each route knows whether that is enough.
pub(super) async fn identify(State(door): State<Arc<WebDoor>>, mut request: Request, next: Next) -> Response {
    let mut said = request.headers().get_all(header::AUTHORIZATION).iter().cloned();
    let (first, another) = (said.next(), said.next().is_some());
    drop(said);
    let Some(value) = first else {
        let peer = match by_ticket(&door, &request) {
            Some(peer) => Ok(Some(peer)),
            None => by_cookie(&door, &request),
        };
        return match peer {
            Ok(peer) => {
                if let Some(peer) = peer {
                    request.extensions_mut().insert(peer);
                }
                next.run(request).await
            }
            Err(problem) => problem.into_response(),
        };
    };
    let arrived = request.extensions().get::<Arrived>().cloned();
    match prove(&door, arrived, &value, another).await {
        Ok(peer) => {
            request.extensions_mut().insert(peer);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Who has made the ticket that a request shows, where it shows a good one: browsers can say nothing else when they
/// open the event stream.
fn by_ticket(door: &WebDoor, request: &Request) -> Option<Peer> {
    let ticket = ticket_in(request.uri().path(), request.uri().query()?)?;
    let arrived = request.extensions().get::<Arrived>()?;
    let now = door.service.hub().environment().now();
    let peer = door.service.events().tickets().take(now, &ticket, arrived.source)?;
    arrived.signed_in();
    Some(peer)
}

/// Who has signed in with the browser that asks. A cookie that is no longer good says nothing: a page may show it when
/// its person signs in anew.
fn by_cookie(door: &WebDoor, request: &Request) -> Result<Option<Peer>, Problem> {
    let Some(arrived) = request.extensions().get::<Arrived>() else { return Ok(None) };
    let (method, path) = (request.method(), request.uri().path());
    let Some(secret) = cookie::shown(method, path, request.headers(), arrived)? else { return Ok(None) };
    let peer = door.prover.by_cookie(&secret, arrived.source);
    if peer.is_some() {
        arrived.signed_in();
    }
    Ok(peer)
}

async fn prove(
    door: &WebDoor,
    arrived: Option<Arrived>,
    value: &HeaderValue,
    another: bool,
) -> Result<Peer, Problem> {
    let arrived = arrived.ok_or_else(Problem::unknown_caller)?;
    if another {
        return Err(Problem::not_proven("Authorization is said once"));
    }
    let peer = door.prover.by_header(value, arrived.source).await?;
    arrived.signed_in();
    Ok(peer)
}
