//! The service itself: how it is, what is configured, and whom clients have to trust.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which program runs, where, and as whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// The problem of a door that is not meant to listen.
pub const SWITCHED_OFF: &str = "The door is switched off.";

/// A place where the service listens, or would and cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigurationInForce {
    /// As a configuration file.
    pub toml: String,
    /// The same, as an object.
    pub json: serde_json::Value,
    /// What each setting and section is for.
    #[serde(default)]
    pub settings: Vec<SettingView>,
}

/// What a setting, or a section of settings, is for: in the words of the reference of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingView {
    /// Its full name, such as `doors.xmpp.listen`; `NAME` stands where the administrator chooses a name.
    pub path: String,
    /// What it is for.
    pub description: String,
}

/// Why an address is refused or has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RefusedFor {
    /// It is outside the allowed networks.
    Network,
    /// It has as many connections as it may that have not signed in.
    Connections,
    /// Too many sign-ins from it have failed.
    SignIns,
    /// It has sent as many messages of old Windows programs as it may.
    Messages,
    /// It has published as much as it may without a proof of who it is.
    Publications,
    /// It has tried too many wrong codes of alerts.
    Codes,
    /// It has asked for as much as it may without a proof of who it is.
    Requests,
}

/// `GET /sources/refused`: an address that is refused, or has to wait, now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedSourceView {
    /// Which.
    pub address: IpAddr,
    /// Why.
    pub why: RefusedFor,
    /// Until when, unless somebody lets it in again before; none where it is no matter of time.
    pub until: Option<Timestamp>,
    /// How often it was refused within this minute; none where that is not counted.
    pub refused: Option<u32>,
}

/// `GET /status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// Who was let in from the network since the start, and who was not; none where nobody can come in.
    #[serde(default)]
    pub gate: Option<GateView>,
    /// What came from old machines since the start, which prove nobody, and was not taken: how much by the reason. It is
    /// `blocked`, `nobody` (of that name who may be reached), `too-many-of-one` or `too-many-of-all` (addresses within a
    /// minute), `other-subnet`, `unreadable` or `no-room`. Reasons that there were none for are left out.
    #[serde(default)]
    pub strangers_refused: BTreeMap<String, u64>,
}

/// `GET /ca?path=FILE`: the service's own certificate authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Who was let in from the network, and who was not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateView {
    /// Connections that are open now.
    pub connections: usize,
    /// Connections that were refused because their address is outside the allowed networks.
    pub refused_outside: u64,
    /// Connections that were refused because there were too many.
    pub refused_connections: u64,
    /// Connections that were refused because their address had too many without a sign-in.
    pub refused_connections_of_address: u64,
    /// Sign-ins that failed.
    pub failed_sign_ins: u64,
    /// How many network addresses have to wait now because of them.
    pub waiting_addresses: usize,
}
