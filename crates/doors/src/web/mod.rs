//! The door of the browser's protocol, by which clients find the others: two documents over HTTPS, and nothing else.

mod host_meta;
pub mod publish;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use host_meta::{host_meta, host_meta_json};

use crate::{
    network::{self, Admitted, Gate, Listener},
    tls::configuration::{Application, Tls},
};

/// How long a client has for its handshake, its request and taking the answer, together.
const CONNECTION_MAX: Duration = Duration::from_secs(10);

/// The most bytes of a request's head.
const HEAD_BYTES_MAX: usize = 8_192;

/// What the door has to know from the configuration.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// The service's own domain.
    pub domain: String,
    /// Where XMPP clients that begin with TLS are answered.
    pub direct_tls: Vec<SocketAddr>,
}

/// The door.
pub struct WebDoor {
    tls: Arc<Tls>,
    gate: Arc<Gate>,
    settings: Arc<WebSettings>,
}

impl WebDoor {
    /// A door that tells where the others are.
    pub fn new(tls: Arc<Tls>, gate: Arc<Gate>, settings: WebSettings) -> Arc<Self> {
        Arc::new(Self { tls, gate, settings: Arc::new(settings) })
    }

    /// Answers clients until `stop`; each connection is one of `tasks`, for one request.
    pub async fn serve(self: Arc<Self>, listener: Listener, tasks: TaskTracker, stop: CancellationToken) {
        let (gate, stopping) = (self.gate.clone(), stop.clone());
        let router = router();
        let handler = move |stream: TcpStream, admitted: Admitted| {
            let (door, router, stop) = (self.clone(), router.clone(), stopping.clone());
            async move {
                let answered = tokio::time::timeout(CONNECTION_MAX, door.answer(stream, router));
                stop.run_until_cancelled(answered).await;
                // The place that the connection has among all connections is given back when it is over.
                drop(admitted);
            }
        };
        network::serve(listener, gate, tasks, stop, handler).await;
    }

    async fn answer(&self, stream: TcpStream, router: Router) {
        let (Ok(peer), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return };
        let acceptor = TlsAcceptor::from(self.tls.current().configuration(Application::Http));
        let stream = match acceptor.accept(stream).await {
            Ok(stream) => stream,
            Err(error) => return tracing::debug!(%peer, %error, "a TLS handshake failed"),
        };
        let asked = Asked { settings: self.settings.clone(), local };
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .max_buf_size(HEAD_BYTES_MAX)
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.layer(Extension(asked))))
            .without_shutdown()
            .await;
        match served {
            Ok(parts) => drop(parts.io.into_inner().shutdown().await),
            Err(error) => tracing::debug!(%peer, %error, "a web connection broke off"),
        }
    }
}

impl std::fmt::Debug for WebDoor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("WebDoor").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What an answer depends on.
#[derive(Clone, Debug)]
struct Asked {
    settings: Arc<WebSettings>,
    /// The address of ours that the client reached: it can reach the other doors there too.
    local: SocketAddr,
}

fn router() -> Router {
    let answer = |kind: &'static str, text: String| {
        // Browser clients of every origin may read these two documents (XEP-0156 §3.1), and nothing else is here.
        ([(CONTENT_TYPE, kind), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")], text).into_response()
    };
    let xml = move || async move { answer("application/xrd+xml", host_meta()) };
    let json = move |Extension(asked): Extension<Asked>| async move {
        let Asked { settings, local } = asked;
        answer("application/json", host_meta_json(&settings.domain, local.ip(), &settings.direct_tls))
    };
    Router::new().route("/.well-known/host-meta", get(xml)).route("/.well-known/host-meta.json", get(json))
}
