use std::{fmt, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::Address;
use hub::Hub;

use super::{Problem, Service};

/// The header that says in whose name something is sent: an account's name, UTF-8.
pub const IN_THE_NAME_OF: &str = "messngr-as";

/// Whose name is meant where nobody says: the account that the first start makes.
const DEFAULT_NAME: &str = "admin";

/// Who has connected, as the door has proven it. The door puts it among the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A process of this machine that may administer the service.
    AdministrationSocket {
        /// Its user.
        uid: u32,
    },
}

impl fmt::Display for Peer {
    /// The actor of the audit log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AdministrationSocket { uid } => write!(formatter, "administration socket (uid {uid})"),
        }
    }
}

/// Nobody gets further whom no door has proven.
pub(super) async fn require_peer(request: Request, next: Next) -> Response {
    if request.extensions().get::<Peer>().is_none() {
        return Problem::forbidden("nobody has proven who asks").into_response();
    }
    next.run(request).await
}

/// Who asks, and in whose name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// The actor for the audit log.
    pub(super) actor: String,
    name: String,
}

impl Caller {
    /// The account in whose name is spoken. That it was not its owner who spoke is written into the audit log first:
    /// `occasion` says what for.
    pub(super) async fn speaks_as(&self, hub: &Hub, occasion: &str) -> Result<Address, Problem> {
        let address = hub.account_named(&self.name)?.address.clone();
        hub.note(&self.actor, "api.speak-as", address.as_str(), occasion).await?;
        Ok(address)
    }
}

impl FromRequestParts<Arc<Service>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Service>) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>();
        let peer = peer.ok_or_else(|| Problem::forbidden("nobody has proven who asks"))?;
        let name = match parts.headers.get(IN_THE_NAME_OF) {
            None => DEFAULT_NAME,
            Some(name) => std::str::from_utf8(name.as_bytes())
                .map_err(|_| Problem::invalid("the name in Messngr-As is not UTF-8"))?,
        };
        Ok(Self { actor: peer.to_string(), name: name.to_owned() })
    }
}
