//! The service itself: how it is, what is configured, and whom clients have to trust.

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use axum::{Json, extract::State};
use hub::Hub;
use parking_lot::RwLock;
use schemars::JsonSchema;
use serde::Deserialize;

pub use ::api::service::{
    About, AuthorityView, ConfigurationInForce, GateView, Listening, RefusedFor, RefusedSourceView,
    SWITCHED_OFF, SettingView, Status,
};

use super::{Problem, pace::Pace, request::Parameters, session::Exchanges};
use crate::{
    events::{EventLimits, Events},
    network::{Gate, GateStatus},
    tls::Authority,
};

/// What the interface needs to know of the service. Whoever starts it fills this in, and keeps it current.
pub struct Service {
    /// What is going on.
    pub(super) hub: Arc<Hub>,
    about: About,
    /// The files beside the store that a backup carries.
    pub(super) files_to_back_up: Vec<PathBuf>,
    listening: RwLock<Vec<Listening>>,
    configuration: RwLock<ConfigurationInForce>,
    authority: RwLock<Arc<Authority>>,
    events: Arc<Events>,
    /// The browsers that are just signing in.
    pub(super) exchanges: Exchanges,
    gate: OnceLock<Arc<Gate>>,
    /// How much one asker may ask for.
    pub(super) pace: Pace,
    /// Held while a backup is made: one at a time.
    pub(super) backing_up: tokio::sync::Mutex<()>,
}

/// The query of `GET /ca`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct Where {
    /// Where the certificate will be when a person follows the instructions; where left out, where the service has
    /// it.
    path: Option<PathBuf>,
}

impl Service {
    /// A service of which nothing listens yet. What it does beside its callers, it does on the runtime that this is
    /// called in. `files_to_back_up` are the files in the data directory that the
    /// service cannot be restored without: its keys and certificates. `requests_per_minute_max` is how much one asker on
    /// the network may ask for; 0 is as much as they like.
    pub fn new(
        hub: Arc<Hub>,
        about: About,
        configuration: ConfigurationInForce,
        authority: Arc<Authority>,
        files_to_back_up: Vec<PathBuf>,
        requests_per_minute_max: u32,
    ) -> Arc<Self> {
        let events = Events::new(hub.clone());
        Arc::new(Self {
            hub,
            events,
            exchanges: Exchanges::default(),
            gate: OnceLock::new(),
            about,
            files_to_back_up,
            listening: RwLock::default(),
            configuration: RwLock::new(configuration),
            authority: RwLock::new(authority),
            pace: Pace::new(requests_per_minute_max),
            backing_up: tokio::sync::Mutex::default(),
        })
    }

    /// What listens now, and what does not.
    pub fn set_listening(&self, listening: Vec<Listening>) {
        *self.listening.write() = listening;
    }

    /// Another configuration is in force.
    pub fn set_configuration(&self, configuration: ConfigurationInForce) {
        *self.configuration.write() = configuration;
    }

    /// Another authority issues the service's certificates.
    pub fn set_authority(&self, authority: Arc<Authority>) {
        *self.authority.write() = authority;
    }

    /// Says by which gate peers come in from the network, who counts how often they fail to sign in. Only the first call
    /// counts.
    pub(crate) fn set_gate(&self, gate: Arc<Gate>) {
        self.gate.get_or_init(|| gate);
    }

    /// The gate, where anybody can come in from the network.
    pub(super) fn gate(&self) -> Option<Arc<Gate>> {
        self.gate.get().cloned()
    }

    /// Who issues the service's certificates.
    pub(crate) fn authority(&self) -> Arc<Authority> {
        self.authority.read().clone()
    }

    /// Sets what clients of the event stream may send; streams that are open keep what they have.
    pub fn set_event_limits(&self, limits: EventLimits) {
        self.events.set_limits(limits);
    }

    /// What all event streams share.
    pub(crate) fn events(&self) -> &Arc<Events> {
        &self.events
    }

    /// What is going on.
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// What people are to know of planned maintenance; empty where there is none.
    pub(crate) fn maintenance(&self) -> String {
        let configuration = self.configuration.read();
        configuration.json["status"]["maintenance"].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn data_dir(&self) -> &std::path::Path {
        &self.about.data_dir
    }

    /// How the service is.
    pub fn status(&self) -> Status {
        Status {
            about: self.about.clone(),
            domain: self.hub.domain().to_owned(),
            accounts: self.hub.account_count(),
            sessions: self.hub.session_count(),
            listening: self.listening.read().clone(),
            gate: self.gate().map(|gate| gate_view(gate.status())),
            strangers_refused: self.strangers_refused(),
        }
    }

    fn strangers_refused(&self) -> BTreeMap<String, u64> {
        let all = self.hub.counters().strangers_refused.values().into_iter();
        all.filter(|(_, count)| *count > 0).map(|(why, count)| (why.name().to_owned(), count)).collect()
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Service").field("about", &self.about).finish_non_exhaustive()
    }
}

fn gate_view(status: GateStatus) -> GateView {
    let GateStatus {
        connections,
        refused_outside,
        refused_connections,
        refused_connections_of_address,
        // What is measured tells of it.
        refused_connections_of_account: _,
        failed_sign_ins,
        waiting_addresses,
    } = status;
    GateView {
        connections,
        refused_outside,
        refused_connections,
        refused_connections_of_address,
        failed_sign_ins,
        waiting_addresses,
    }
}

pub(super) async fn status(State(service): State<Arc<Service>>) -> Json<Status> {
    Json(service.status())
}

pub(super) async fn configuration(State(service): State<Arc<Service>>) -> Json<ConfigurationInForce> {
    Json(service.configuration.read().clone())
}

pub(super) async fn ca(
    State(service): State<Arc<Service>>,
    Parameters(place): Parameters<Where>,
) -> Result<Json<AuthorityView>, Problem> {
    let authority = service.authority();
    let path = authority.certificate_path();
    Ok(Json(AuthorityView {
        pem: authority.certificate_pem().to_owned(),
        fingerprint_sha256: authority.fingerprint_sha256(),
        ends: authority.ends(),
        how_to_trust: authority.how_to_trust(place.path.as_deref().unwrap_or(&path)),
        path,
    }))
}
