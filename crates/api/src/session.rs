//! Signing in with a browser, and where a person is signed in.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Address, Severity};

use crate::schema;

/// `POST /session/scram`: a person begins to prove their password (RFC 5802, RFC 7677). Answered with
/// [`ScramChallenge`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScramFirst {
    /// The client-first-message of SCRAM-SHA-256, without channel binding: `n,,n=anna,r=…`.
    pub message: String,
}

/// What the service answers the first message with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScramChallenge {
    /// Which exchange the final message belongs to: good once, for a minute, from the same network address.
    pub exchange: String,
    /// The server-first-message.
    pub message: String,
}

/// `POST /session/scram/EXCHANGE`: the proof. Answered with [`SignedIn`] and the cookie; with 401 where it is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScramFinal {
    /// The client-final-message.
    pub message: String,
    /// Whether the person stays signed in when the browser is closed: 30 days from the last use on; otherwise 12 hours.
    #[serde(default)]
    pub remember: bool,
}

/// A person has signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignedIn {
    /// The server-final-message: the proof that the service knows the password too.
    pub message: String,
    /// Who it is.
    pub session: SessionInfo,
}

/// `GET /session`: who asks, and what of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionInfo {
    /// Who asks.
    #[schemars(with = "String")]
    pub address: Address,
    /// What stands before `@` in it.
    pub name: String,
    /// What they are beside a person.
    pub roles: Vec<Role>,
    /// What they were given the right to do, such as `publish:group:ward`.
    pub rights: Vec<String>,
    /// Alerts of which severities wait for a second person to release them; said to those who may send some.
    #[schemars(with = "Vec<schema::Severity>")]
    pub release: Vec<Severity>,
    /// Whether somebody else has chosen their password, and they are to change it now.
    pub must_change_password: bool,
    /// The service's domain.
    pub domain: String,
    /// What to call the service.
    pub service_name: String,
    /// The service's version.
    pub version: String,
    /// Where rooms are.
    pub rooms_domain: String,
    /// Which of the service's languages the browser wants.
    pub language: String,
    /// Whom browsers have to trust to reach the service without a warning; none where that is somebody they know.
    pub certificate: Option<CertificateInfo>,
}

/// What somebody is beside a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// May do everything.
    Administrator,
    /// May send alerts to somebody.
    Publisher,
    /// May read all alerts and their reports.
    Auditor,
}

/// The service's own certificate authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateInfo {
    /// Its SHA-256 fingerprint, as browsers show it: `AB:CD:…`.
    pub authority_sha256: String,
    /// Where it can be had.
    pub download: String,
}

/// One of the places where a person is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceView {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: DeviceKind,
    /// What it calls itself: a browser's user agent, a client's or a token's name.
    pub name: String,
    /// From which network address it was there last, where that is known.
    pub source: Option<String>,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
    /// When it was last used, roughly.
    pub last_used: Option<Timestamp>,
    /// Until when it lasts if it is not used.
    pub expires: Option<Timestamp>,
    /// Whether it is connected now.
    pub online: bool,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// What a person is signed in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// A browser with a cookie, with all its streams.
    Browser,
    /// A client that is connected, by whichever protocol.
    Session,
    /// A client that may come back without a password (XEP-0484).
    Client,
    /// A program with a token. Administrators remove it.
    Token,
}
