//! Who publishes and reads, as this door proves it: by the tokens of programs, and the passwords of people.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use axum::http::{Extensions, HeaderValue, StatusCode};
use domain::{Account, Address, Audience, GroupName, Member, Need};
use hub::{Hub, ProofMark};
use store::StoreError;

use super::{Caller, NotProven, Prove};
use crate::{
    api::{Peer, Problem, Prover},
    web::{Arrived, who},
};

/// Proves it as the rest of the door does.
pub(in crate::web) struct DoorProver {
    hub: Arc<Hub>,
    prover: Arc<Prover>,
}

/// Somebody whom the door has proven.
struct Proven {
    hub: Arc<Hub>,
    peer: Peer,
    /// Before they proved it.
    mark: ProofMark,
    account: Arc<Account>,
    /// The groups of a person; a token has none.
    groups: Vec<GroupName>,
}

impl DoorProver {
    pub(in crate::web) fn new(hub: Arc<Hub>, prover: Arc<Prover>) -> Arc<Self> {
        Arc::new(Self { hub, prover })
    }
}

#[async_trait]
impl Prove for DoorProver {
    async fn prove(
        &self,
        credentials: &HeaderValue,
        request: &Extensions,
    ) -> Result<Arc<dyn Caller>, NotProven> {
        let unknown = || NotProven::Wrong("nobody knows where the request has come from".to_owned());
        let arrived = request.get::<Arrived>().ok_or_else(unknown)?;
        let mark = self.hub.proof_mark();
        let peer = self
            .prover
            .by_header(credentials, arrived.source)
            .await
            .map_err(|problem| not_proven(&problem))?;
        let proven = Proven::new(self.hub.clone(), peer, mark).await.ok_or_else(unknown)?;
        let proven = proven.map_err(|error| NotProven::Unavailable(error.to_string()))?;
        who::count(arrived, &proven.peer)
            .map_err(|problem| NotProven::Unavailable(problem.detail.clone()))?;
        Ok(Arc::new(proven))
    }

    fn source(&self, request: &Extensions) -> Option<IpAddr> {
        request.get::<Arrived>().map(|arrived| arrived.source)
    }
}

fn not_proven(problem: &Problem) -> NotProven {
    match problem.status {
        status if status == StatusCode::TOO_MANY_REQUESTS.as_u16() => NotProven::TooOften,
        500.. => NotProven::Unavailable(problem.detail.clone()),
        _ => NotProven::Wrong(problem.detail.clone()),
    }
}

impl Proven {
    /// None where nobody's name is known.
    async fn new(hub: Arc<Hub>, peer: Peer, mark: ProofMark) -> Option<Result<Self, StoreError>> {
        let account = peer.account()?.clone();
        let groups = match &peer {
            Peer::Person { .. } => hub.store().groups_of(&account.address).await,
            _ => Ok(Vec::new()),
        };
        Some(groups.map(|groups| Self { hub, peer, mark, account, groups }))
    }
}

#[async_trait]
impl Caller for Proven {
    async fn still(&self) -> Option<Arc<dyn Caller>> {
        // A token counts whatever its account's password is.
        let mark = match &self.peer {
            Peer::Token { .. } => self.hub.proof_mark(),
            _ => self.mark,
        };
        let peer = who::still_good(&self.hub, self.peer.clone(), mark)?;
        let now = Self::new(self.hub.clone(), peer, mark).await?.ok()?;
        Some(Arc::new(now))
    }

    fn address(&self) -> &Address {
        &self.account.address
    }

    fn peer(&self) -> Option<&Peer> {
        Some(&self.peer)
    }

    fn actor(&self) -> String {
        self.peer.to_string()
    }

    fn token_name(&self) -> Option<&str> {
        match &self.peer {
            Peer::Token { token, .. } => Some(token.name.as_str()),
            _ => None,
        }
    }

    fn may_publish_to(&self, audience: &Audience) -> bool {
        self.peer.may(Need::PublishTo(audience))
    }

    /// A token that may read may read every topic; a person those whose audience they are in.
    fn may_read(&self, audience: &Audience) -> bool {
        let person = matches!(self.peer, Peer::Person { .. });
        let sources: Vec<IpAddr> = match &self.peer {
            Peer::Token { source, .. } | Peer::Person { source, .. } => vec![source.to_canonical()],
            Peer::AdministrationSocket { .. } => Vec::new(),
        };
        let member = Member { address: &self.account.address, groups: &self.groups, sources: &sources };
        self.peer.may(Need::Read) || person && audience.includes(member)
    }
}
