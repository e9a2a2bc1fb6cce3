//! Who asks, where they say it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hub::{Hub, ProofMark};

use super::{Arrived, WebDoor};
use crate::api::{Peer, Problem, cookie, ticket_in};

/// Puts whoever has proven themselves among the extensions of the request. Whoever has tried and not done it is refused
/// whatever the request is for; one that says nothing passes, and each route knows whether that is enough.
pub(super) async fn identify(State(door): State<Arc<WebDoor>>, mut request: Request, next: Next) -> Response {
    let mut said = request.headers().get_all(header::AUTHORIZATION).iter().cloned();
    let (first, another) = (said.next(), said.next().is_some());
    drop(said);
    // What is changed while somebody proves who they are counts as changed afterwards.
    let mark = door.service.hub().proof_mark();
    request.extensions_mut().insert(mark);
    let Some(value) = first else {
        let found = match by_ticket(&door, &request) {
            Ok(Some(found)) => Ok(Some(found)),
            Ok(None) => by_cookie(&door, &request).map(|peer| peer.map(|peer| (peer, mark))),
            Err(problem) => Err(problem),
        };
        return match found {
            Ok(found) => {
                if let Some((peer, mark)) = found {
                    request.extensions_mut().insert(peer);
                    request.extensions_mut().insert(mark);
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
fn by_ticket(door: &WebDoor, request: &Request) -> Result<Option<(Peer, ProofMark)>, Problem> {
    let ticket = request.uri().query().and_then(|query| ticket_in(request.uri().path(), query));
    let (Some(ticket), Some(arrived)) = (ticket, request.extensions().get::<Arrived>()) else {
        return Ok(None);
    };
    let hub = door.service.hub();
    let taken = door.service.events().tickets().take(hub.environment().now(), &ticket, arrived.source);
    // Half a minute is long enough for a token to be removed, or a password to be changed.
    let peer = taken.and_then(|(peer, mark)| still_good(hub, peer, mark).map(|peer| (peer, mark)));
    if let Some((peer, _)) = &peer {
        count(arrived, peer)?;
    }
    Ok(peer)
}

/// Counts the connection as one of whoever has proven themselves.
pub(super) fn count(arrived: &Arrived, peer: &Peer) -> Result<(), Problem> {
    let counted = peer.account().map_or(Ok(()), |account| arrived.signed_in(&account.address));
    counted.map_err(|refusal| Problem::unavailable(refusal.to_string()))
}

/// Somebody who has proven who they are after this mark, as they are now; none where it counts no more.
pub(super) fn still_good(hub: &Hub, mut peer: Peer, mark: ProofMark) -> Option<Peer> {
    let now = hub.account(&peer.account()?.address)?;
    if !hub.proof_stands(&now.address, mark) {
        return None;
    }
    match &mut peer {
        Peer::Token { token, account, rights, .. } => {
            *rights = hub.rights(&now.address);
            *account = now;
            hub.api_token_stands(token.id).then_some(peer)
        }
        Peer::Person { account, rights, browser, .. } => {
            let signed_out = browser.is_some_and(|id| !hub.browser_session_stands(&now.address, id));
            *rights = hub.rights(&now.address);
            *account = now;
            (!signed_out).then_some(peer)
        }
        Peer::AdministrationSocket { .. } => None,
    }
}

/// Who has signed in with the browser that asks. A cookie that is no longer good says nothing: a page may show it when
/// its person signs in anew.
fn by_cookie(door: &WebDoor, request: &Request) -> Result<Option<Peer>, Problem> {
    let Some(arrived) = request.extensions().get::<Arrived>() else { return Ok(None) };
    let (method, path) = (request.method(), request.uri().path());
    let Some(secret) = cookie::shown(method, path, request.headers(), arrived)? else { return Ok(None) };
    let peer = door.prover.by_cookie(&secret, arrived.source);
    if let Some(peer) = &peer {
        count(arrived, peer)?;
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
    count(&arrived, &peer)?;
    Ok(peer)
}
