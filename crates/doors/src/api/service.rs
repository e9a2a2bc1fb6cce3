//! The service itself: how it is, what is configured, and whom clients have to trust.

use std::{fmt, net::SocketAddr, path::PathBuf, sync::Arc};

use axum::{Json, extract::State};
use hub::Hub;
use jiff::Timestamp;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};

use super::{Problem, request::Parameters};
use crate::{
    events::{EventLimits, Events},
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
    /// Held while a backup is made: one at a time.
    pub(super) backing_up: tokio::sync::Mutex<()>,
}

/// Which program runs, where, and as whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The program's version.
    pub version: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// The data directory.
    pub data_dir: PathBuf,
    /// The name, or number, of the user it runs as.
    pub user: String,
    /// Its process.
    pub pid: u32,
}

/// A place where the service listens, or would and cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// The door: `xmpp`, `windows`, `web`.
    pub door: String,
    /// The setting that says where it listens, such as `doors.xmpp.listen`.
    pub setting: String,
    /// What clients use it for, in words.
    pub purpose: String,
    /// The address and port that are bound; none where nothing is.
    pub address: Option<SocketAddr>,
    /// Why nothing listens, in words.
    pub problem: Option<String>,
    /// What to do about it, in words.
    pub remedy: Option<String>,
}

/// `GET /configuration`: what is in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationInForce {
    /// As a configuration file.
    pub toml: String,
    /// The same, as an object.
    pub json: serde_json::Value,
}

/// `GET /status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Which program runs, where, and as whom.
    #[serde(flatten)]
    pub about: About,
    /// The domain of all addresses here.
    pub domain: String,
    /// How many accounts there are.
    pub accounts: usize,
    /// How many sessions there are now.
    pub sessions: usize,
    /// What listens where, and what does not and why.
    pub listening: Vec<Listening>,
}

/// The query of `GET /ca`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Where {
    /// Where the certificate will be when a person follows the instructions; where left out, where the service has
    /// it.
    path: Option<PathBuf>,
}

/// `GET /ca?path=FILE`: the service's own certificate authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityView {
    /// Its certificate.
    pub pem: String,
    /// Where the service has that.
    pub path: PathBuf,
    /// The SHA-256 fingerprint of the certificate: `AB:CD:…`.
    pub fingerprint_sha256: String,
    /// When it ends, and a new one must be trusted.
    pub ends: Timestamp,
    /// What a person does to make a machine trust it.
    pub how_to_trust: String,
}

impl Service {
    /// A service of which nothing listens yet. What it does beside its callers, it does on the runtime that this is
    /// called in. `files_to_back_up` are the files in the data directory that the
    /// service cannot be restored without: its keys and certificates.
    pub fn new(
        hub: Arc<Hub>,
        about: About,
        configuration: ConfigurationInForce,
        authority: Arc<Authority>,
        files_to_back_up: Vec<PathBuf>,
    ) -> Arc<Self> {
        let events = Events::new(hub.clone());
        Arc::new(Self {
            hub,
            events,
            about,
            files_to_back_up,
            listening: RwLock::default(),
            configuration: RwLock::new(configuration),
            authority: RwLock::new(authority),
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
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Service").field("about", &self.about).finish_non_exhaustive()
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
    let authority = service.authority.read().clone();
    let path = authority.certificate_path();
    Ok(Json(AuthorityView {
        pem: authority.certificate_pem().to_owned(),
        fingerprint_sha256: authority.fingerprint_sha256(),
        ends: authority.ends(),
        how_to_trust: authority.how_to_trust(place.path.as_deref().unwrap_or(&path)),
        path,
    }))
}
