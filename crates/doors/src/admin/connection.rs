use std::{pin::pin, time::Duration};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;

use crate::api::Peer;

/// How long the head of a request may take to come.
const HEAD_MAX: Duration = Duration::from_secs(10);

/// The most bytes of a request's head, and of what is read at once.
const BUFFER_BYTES_MAX: usize = 65_536;

/// How long a request that is being answered may still take when the service stops.
const DRAIN_MAX: Duration = Duration::from_secs(5);

/// Answers one request by this connection. The body's size and time are limited by the interface itself.
pub(super) async fn serve(stream: UnixStream, peer: Peer, router: Router, stop: CancellationToken) {
    // The router is one for all connections: to layer it for each would copy every route.
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_MAX)
        .max_buf_size(BUFFER_BYTES_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(DRAIN_MAX, connection).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection of the administration socket broke off");
    }
}
