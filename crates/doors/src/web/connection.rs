//! One connection to its end.

use std::pin::pin;

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
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{Arrived, Patience, Secrecy, WebDoor, stall::Stall};
use crate::{network::Admitted, tls::configuration::Application, transport};

/// The most bytes of a request's head, and of what is read at once.
const HEAD_BYTES_MAX: usize = 16_384;

pub(super) async fn serve(
    door: &WebDoor,
    stream: TcpStream,
    admitted: Admitted,
    secrecy: Secrecy,
    router: Router,
    stop: CancellationToken,
) {
    let (source, patience) = (admitted.address(), door.settings.patience);
    let Ok(local) = stream.local_addr() else { return };
    let arrived = Arrived::new(local, secrecy, admitted);
    let ended = match secrecy {
        Secrecy::ThisMachine | Secrecy::Nobody => {
            Box::pin(answer(stream, arrived.clone(), router, patience, &stop)).await
        }
        Secrecy::Tls => {
            let configuration = door.tls.current().configuration(Application::Http);
            let handshake = Box::pin(timeout(patience.handshake, transport::accept(stream, &configuration)));
            match stop.run_until_cancelled(handshake).await {
                Some(Ok(Ok((stream, _)))) => {
                    Box::pin(answer(stream, arrived.clone(), router, patience, &stop)).await
                }
                Some(Ok(Err(error))) => return tracing::debug!(%source, %error, "a TLS handshake failed"),
                Some(Err(_)) | None => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%source, %error, "a web connection broke off");
    }
    // Whoever takes the connection over also learns that it is gone already.
    if let Some(next) = arrived.take_next() {
        next.await;
    }
}

/// Answers requests until the client has no more, takes too long, or the service stops: then the one that is being
/// answered is answered still.
async fn answer<S>(
    stream: S,
    arrived: Arrived,
    router: Router,
    patience: Patience,
    stop: &CancellationToken,
) -> Result<(), hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // The router is one for all connections: to layer it for each would copy every route.
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(arrived.clone());
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(Stall::new(stream, patience.taking)), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            timeout(patience.stopping, connection).await.unwrap_or(Ok(()))
        }
    }
}
