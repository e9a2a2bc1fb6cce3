//! Addresses that are refused or have to wait now, and letting one in again.

use std::{net::IpAddr, sync::Arc};

use ::api::service::{RefusedFor, RefusedSourceView};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use jiff::Timestamp;

use super::{Problem, Service, caller::Caller, pace::Waiting};
use crate::network::{Cause, RefusedSource};

/// How many are listed at most.
const LISTED_MAX: usize = 1_000;

/// `GET /sources/refused`: by address.
pub(super) async fn refused(State(service): State<Arc<Service>>) -> Json<Vec<RefusedSourceView>> {
    let now = service.hub.environment().now();
    let of_gate = service.gate().map(|gate| gate.refused_sources(LISTED_MAX)).unwrap_or_default();
    let of_pace = service.pace.waiting(tokio::time::Instant::now().into_std());
    let mut found: Vec<RefusedSourceView> = of_gate.into_iter().map(|source| at_gate(source, now)).collect();
    found.extend(of_pace.into_iter().map(|waiting| at_pace(waiting, now)));
    found.sort_by_key(|source| source.address);
    found.truncate(LISTED_MAX);
    Json(found)
}

/// `DELETE /sources/refused/ADDRESS`: it may try again at once.
pub(super) async fn let_in(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(address): Path<String>,
) -> Result<StatusCode, Problem> {
    let address: IpAddr =
        address.parse().map_err(|_| Problem::invalid("the address is one of IPv4 or IPv6"))?;
    let address = address.to_canonical();
    let at_gate = service.gate().is_some_and(|gate| gate.let_in_again(address));
    let at_pace = service.pace.forget(address, tokio::time::Instant::now().into_std());
    if !at_gate && !at_pace {
        return Err(Problem::missing(format!("{address} does not have to wait")));
    }
    service.hub.note(&caller.actor, "source.let-in", &address.to_string(), "").await?;
    Ok(StatusCode::NO_CONTENT)
}

fn at_gate(
    RefusedSource { address, cause, left, refused }: RefusedSource,
    now: Timestamp,
) -> RefusedSourceView {
    let why = match cause {
        Cause::Outside => RefusedFor::Network,
        Cause::Connections => RefusedFor::Connections,
        Cause::SignIns => RefusedFor::SignIns,
        Cause::Messages => RefusedFor::Messages,
        Cause::Publications => RefusedFor::Publications,
        Cause::Codes => RefusedFor::Codes,
    };
    let until = left.and_then(|left| now.checked_add(left).ok());
    RefusedSourceView { address, why, until, refused }
}

fn at_pace(Waiting { address, left, refused }: Waiting, now: Timestamp) -> RefusedSourceView {
    let until = now.checked_add(left).ok();
    RefusedSourceView { address, why: RefusedFor::Requests, until, refused: Some(refused) }
}
