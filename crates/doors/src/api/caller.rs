use std::{fmt, net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request},
    http::request::Parts,
};
use domain::{Account, Address, AlertSight, Audience, BrowserSessionId, Need, Right, Scopes, Token};
use hub::Hub;

use super::{Problem, Service};

pub use ::api::IN_THE_NAME_OF;

/// Whose name is meant where nobody says: the account that the first start makes.
const DEFAULT_NAME: &str = "admin";

/// Who has connected, as the door has proven it. The door puts it among the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A process of this machine that may administer the service.
    AdministrationSocket {
        /// Its user.
        uid: u32,
    },
    /// A program that has shown a token.
    Token {
        /// The token.
        token: Arc<Token>,
        /// As whom it speaks.
        account: Arc<Account>,
        /// What that account may do beside what everybody may.
        rights: Arc<[Right]>,
        /// From which network address.
        source: IpAddr,
    },
    /// Somebody who has shown their password, now or when they signed in with a browser.
    Person {
        /// Who.
        account: Arc<Account>,
        /// What they may do beside what everybody may.
        rights: Arc<[Right]>,
        /// From which network address.
        source: IpAddr,
        /// The browser, where they have signed in with one.
        browser: Option<BrowserSessionId>,
    },
}

impl Peer {
    /// Whether they may do what `need` says. The administration socket may do everything.
    pub fn may(&self, need: Need<'_>) -> bool {
        match self {
            Self::AdministrationSocket { .. } => true,
            Self::Token { token, account, rights, .. } => {
                let audits = need != Need::Audit || domain::may_audit(Some(account), rights).is_ok();
                audits && token.scopes.allow(account, need)
            }
            Self::Person { account, rights, .. } => {
                let reads = match need {
                    Need::Read | Need::Audit => domain::may_audit(Some(account), rights).is_ok(),
                    Need::SeeAlerts => domain::alert_sight(account, rights).is_ok(),
                    _ => false,
                };
                reads || Scopes::of_person(account).allow(account, need)
            }
        }
    }

    /// The browser that asks, where a person has signed in with one.
    pub(crate) fn browser(&self) -> Option<BrowserSessionId> {
        match self {
            Self::Person { browser, .. } => *browser,
            _ => None,
        }
    }

    /// As whom they speak where nobody says otherwise; none at the administration socket.
    pub fn account(&self) -> Option<&Arc<Account>> {
        match self {
            Self::AdministrationSocket { .. } => None,
            Self::Token { account, .. } | Self::Person { account, .. } => Some(account),
        }
    }

    /// Which alerts are shown to them: programs that may read see all, and so does root.
    pub(super) fn alert_sight(&self) -> Result<AlertSight, Problem> {
        match self {
            Self::AdministrationSocket { .. } | Self::Token { .. } => Ok(AlertSight::All),
            Self::Person { account, rights, .. } => {
                domain::alert_sight(account, rights).map_err(|_| Problem::missing_scope(Need::SeeAlerts))
            }
        }
    }

    /// Says no, and why, to those who may not do what `need` says.
    pub(crate) fn require(&self, need: Need<'_>) -> Result<(), Problem> {
        if self.may(need) { Ok(()) } else { Err(Problem::missing_scope(need)) }
    }
}

impl fmt::Display for Peer {
    /// The actor of the audit log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AdministrationSocket { uid } => write!(formatter, "administration socket (uid {uid})"),
            Self::Token { token, account, .. } => {
                write!(formatter, "{} (token {})", account.address, token.name)
            }
            Self::Person { account, .. } => account.address.fmt(formatter),
        }
    }
}

/// Nobody gets further whom no door has proven, or who may not do this.
pub(super) fn demand(request: &Request, need: Need<'_>) -> Result<(), Problem> {
    request.extensions().get::<Peer>().ok_or_else(Problem::unknown_caller)?.require(need)
}

/// Who asks, and in whose name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// The actor for the audit log.
    pub(super) actor: String,
    /// Who it is.
    pub(super) peer: Peer,
    /// In whose name they want to speak, where they say so.
    name: Option<String>,
}

impl Caller {
    /// The account in whose name is spoken: at the administration socket any that is named, else `admin`; otherwise the
    /// asker's own and no other. That it was not its owner who spoke is written into the audit log first: `occasion`
    /// says what for.
    pub(super) async fn speaks_as(&self, hub: &Hub, occasion: &str) -> Result<Address, Problem> {
        let address = match self.peer.account() {
            None => hub.account_named(self.name.as_deref().unwrap_or(DEFAULT_NAME))?.address.clone(),
            Some(own) => self.own(hub, own)?,
        };
        if !matches!(self.peer, Peer::Person { .. }) {
            hub.note(&self.actor, "api.speak-as", address.as_str(), occasion).await?;
        }
        Ok(address)
    }

    /// Whose name is meant where a request names nobody: as [`speaks_as`](Self::speaks_as).
    pub(super) fn name(&self) -> String {
        match self.peer.account() {
            None => self.name.as_deref().unwrap_or(DEFAULT_NAME).to_owned(),
            Some(own) => own.address.to_string(),
        }
    }

    /// Refuses those who may send alerts, but not to this audience.
    pub(super) fn may_publish_to(&self, audience: &Audience) -> Result<(), Problem> {
        self.peer.require(Need::PublishTo(audience))
    }

    fn own(&self, hub: &Hub, account: &Account) -> Result<Address, Problem> {
        let named = self.name.as_deref().map(|name| Address::within(name, hub.domain()));
        match named.transpose().map_err(hub::HubError::from)? {
            Some(other) if other != account.address => {
                let own = &account.address;
                Err(Problem::forbidden(format!("you speak as {own}, and cannot speak as anybody else")))
            }
            _ => Ok(account.address.clone()),
        }
    }
}

impl FromRequestParts<Arc<Service>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Service>) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>().ok_or_else(Problem::unknown_caller)?.clone();
        let name = parts.headers.get(IN_THE_NAME_OF).map(|name| std::str::from_utf8(name.as_bytes()));
        let name = name.transpose().map_err(|_| Problem::invalid("the name in Messngr-As is not UTF-8"))?;
        Ok(Self { actor: peer.to_string(), name: name.map(str::to_owned), peer })
    }
}
