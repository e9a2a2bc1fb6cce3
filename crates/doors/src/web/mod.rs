//! The door of HTTP: the browser client, the interface (`api`) for it, for programs and for people on the network, the
//! files that people send each other, and the two documents by which clients find the other doors.
//!
//! It speaks HTTPS, and plain HTTP only where nobody but this machine can hear it. A request is looked at in this
//! order, and what one step refuses the next does not see: the network it comes from (before a byte is read; behind a
//! proxy, `forwarded`), whom it is for and which page sent it (`guard`), who asks (`who`), what they may do (the
//! route), its body.

mod arrived;
mod browser;
mod codes;
mod connection;
pub mod files;
mod forwarded;
mod guard;
mod headers;
mod health;
mod host_meta;
mod metrics;
mod pages;
pub mod publish;
mod stall;
mod traffic;
mod transfers;
mod upgraded;
mod web_socket;
mod who;

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{Router, middleware::from_fn_with_state};
use domain::{AllowedNetworks, Topic};
use tokio::net::TcpStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use arrived::Arrived;
pub use browser::{BrowserClient, BrowserFile};
pub use guard::KnownHosts;
pub use host_meta::{host_meta, host_meta_json};
pub(crate) use upgraded::directions;
pub(crate) use web_socket::WebSocket;

use self::publish::{DoorProver, Publishing};
use crate::{
    api::{self, Prover, Service},
    network::{self, Admitted, Gate, Listener},
    tls::configuration::Tls,
};

/// What the door has to know from the configuration.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// The service's own domain.
    pub domain: String,
    /// What else clients may call the service by.
    pub hosts: Vec<String>,
    /// Where XMPP clients that begin with TLS are answered.
    pub direct_tls: Vec<SocketAddr>,
    /// The proxies that are believed when they say whose connection they forward.
    pub proxies: AllowedNetworks,
    /// Who may read what is measured, beside this machine.
    pub metrics_allowed: AllowedNetworks,
    /// What programs publish to.
    pub topics: Vec<Topic>,
    /// How long clients may take.
    pub patience: Patience,
    /// What people open in a browser.
    pub browser_client: BrowserClient,
}

/// How long a client may take for each thing before its connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the TLS handshake.
    pub handshake: Duration,
    /// To say the head of a request; also until the next request comes on a connection that is kept.
    pub head: Duration,
    /// To take the next piece of an answer.
    pub taking: Duration,
    /// To take the rest of an answer when the service stops.
    pub stopping: Duration,
}

impl Default for Patience {
    /// 10 s for the handshake, half a minute for a head, a minute for a piece of an answer, 5 s when the service stops.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { handshake: seconds(10), head: seconds(30), taking: seconds(60), stopping: seconds(5) }
    }
}

/// Who can hear what is said on a listener's connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// Nobody: it is encrypted from the first byte.
    Tls,
    /// This machine: the listener has a loopback address, and nothing is encrypted.
    ThisMachine,
    /// Everybody on the way: old machines know no encryption of today. Codes are entered there, and nothing else.
    Nobody,
}

/// The door.
pub struct WebDoor {
    tls: Arc<Tls>,
    gate: Arc<Gate>,
    settings: WebSettings,
    hosts: KnownHosts,
    prover: Arc<Prover>,
    service: Arc<Service>,
    health: health::Health,
    traffic: traffic::Traffic,
    description: OnceLock<pages::Description>,
}

impl WebDoor {
    /// A door to the interface of this service.
    pub fn new(tls: Arc<Tls>, gate: Arc<Gate>, settings: WebSettings, service: Arc<Service>) -> Arc<Self> {
        let hosts = KnownHosts::new(std::iter::once(&settings.domain).chain(&settings.hosts));
        let prover = Arc::new(Prover::new(service.hub().clone(), gate.clone()));
        service.set_gate(gate.clone());
        let (health, traffic, description) = Default::default();
        Arc::new(Self { tls, gate, settings, hosts, prover, service, health, traffic, description })
    }

    /// Answers clients until `stop`; each connection is one of `tasks`, for one request after the other.
    pub async fn serve(
        self: Arc<Self>,
        listener: Listener,
        secrecy: Secrecy,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) {
        let (gate, stopping) = (self.gate.clone(), stop.clone());
        let router = match secrecy {
            Secrecy::Tls | Secrecy::ThisMachine => self.router(&stop),
            Secrecy::Nobody => codes::router(&self).layer(from_fn_with_state(self.clone(), headers::secure)),
        };
        let handler = move |stream: TcpStream, admitted: Admitted| {
            let (door, router, stop) = (self.clone(), router.clone(), stopping.clone());
            async move { connection::serve(&door, stream, admitted, secrecy, router, stop).await }
        };
        network::serve(listener, gate, tasks, stop, handler).await;
    }

    /// Everything that is answered. Only the two documents may be read from pages of other places.
    fn router(self: &Arc<Self>, stop: &CancellationToken) -> Router {
        let hub = self.service.hub().clone();
        let prover = DoorProver::new(hub.clone(), self.prover.clone());
        let publishing = Publishing::new(hub, &self.gate, self.settings.topics.clone(), prover, stop.clone());
        // Whoever publishes is known before they are counted: what strangers ask for is not theirs.
        let published = api::paced(publish::router(publishing.clone()), self.service.clone())
            .route_layer(from_fn_with_state(publishing, publish::identify));
        let guarded = api::router(self.service.clone())
            .merge(api::paced(pages::router(self.clone()), self.service.clone()))
            .layer(from_fn_with_state(self.clone(), who::identify))
            // Publishers show their tokens in other places too, and are answered in the form that they know.
            .merge(published)
            // Whoever reaches us may check what we have signed.
            .merge(api::keys::well_known(self.service.hub().clone()))
            .layer(from_fn_with_state(self.clone(), guard::refuse_strangers))
            .layer(from_fn_with_state(self.clone(), forwarded::believe));
        // Who puts or fetches a file has an address that nobody can guess.
        let files = files::router(self.service.hub().clone())
            .layer(from_fn_with_state(self.clone(), guard::refuse_strangers))
            .layer(from_fn_with_state(self.clone(), forwarded::believe));
        // Links to the browser client stand on pages of every place, and what it consists of is no secret.
        let browser = browser::router(self.settings.browser_client)
            .layer(from_fn_with_state(self.clone(), guard::refuse_other_names))
            .layer(from_fn_with_state(self.clone(), forwarded::believe));
        guarded
            .merge(files)
            .merge(browser)
            .merge(codes::router(self))
            .merge(host_meta::router(self.clone()))
            .layer(from_fn_with_state(self.clone(), headers::secure))
    }
}

impl std::fmt::Debug for WebDoor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("WebDoor").field("settings", &self.settings).finish_non_exhaustive()
    }
}
