//! Who publishes and reads, as this door proves it: by the tokens of programs, and the passwords of people.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use axum::http::{Extensions, HeaderValue, StatusCode};
use domain::{Account, Address, Audience, GroupName, Member, Need};
use hub::Hub;

use super::{Caller, NotProven, Prove};
use crate::{
    api::{Peer, Problem, Prover},
    network::Gate,
    web::Arrived,
};

/// Proves it as the rest of the door does.
pub(in crate::web) struct DoorProver {
    hub: Arc<Hub>,
    prover: Prover,
}

/// Somebody whom the door has proven.
struct Proven {
    peer: Peer,
    account: Arc<Account>,
    /// The groups of a person; a token has none.
    groups: Vec<GroupName>,
}

impl DoorProver {
    pub(in crate::web) fn new(hub: Arc<Hub>, gate: Arc<Gate>) -> Arc<Self> {
        let prover = Prover::new(hub.clone(), gate);
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
        let peer = self
            .prover
            .by_header(credentials, arrived.source)
            .await
            .map_err(|problem| not_proven(&problem))?;
        let account = peer.account().cloned().ok_or_else(unknown)?;
        let groups = match &peer {
            Peer::Person { .. } => self.hub.store().groups_of(&account.address).await,
            _ => Ok(Vec::new()),
        };
        let groups = groups.map_err(|error| NotProven::Unavailable(error.to_string()))?;
        arrived.signed_in();
        Ok(Arc::new(Proven { peer, account, groups }))
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

impl Caller for Proven {
    fn address(&self) -> &Address {
        &self.account.address
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
