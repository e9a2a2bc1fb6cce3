//! Ways in that programs know from elsewhere: they publish to a topic, which is an audience, and read what was
//! published there.
//!
//! | path | whose interface it is |
//! |---|---|
//! | `/TOPIC`, `/`, `/TOPIC/publish`, `/TOPIC/json` and so on | ntfy's (`ntfy`) |
//! | `/message`, `/TOPIC/message`, `/stream`, `/application`, `/version`, `/current/user` | Gotify's (`gotify`) |
//! | `/alertmanager/TOPIC` | Alertmanager's webhook, version 4 (`alertmanager`) |
//! | `/cap/TOPIC`, `/cap/TOPIC/ID` | the Common Alerting Protocol, version 1.2 (`cap`) |
//!
//! Each folder translates: a foreign document becomes a [`domain::Notice`], and a publication becomes a foreign
//! document. Who may do what is decided here, once for all of them.

mod alertmanager;
mod asked;
mod body;
mod cap;
mod denied;
mod door;
mod drill;
mod follow;
mod gotify;
mod multipart;
mod ntfy;
mod prove;
mod stream;

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use domain::{Address, AlertStatus, Notice, Publisher, Topic, TopicName};
use hub::{Hub, Published};
use tokio_util::sync::CancellationToken;

pub(super) use asked::identify;
pub(super) use door::DoorProver;
pub use prove::{Caller, NotProven, Prove};

use self::{asked::Asked, denied::Denied};
use crate::network::{Cause, Gate, PerMinute};

/// The header that says where the alert stands that was published: `in-force`, `planned`, or `waiting` for somebody's
/// release.
const STATUS: HeaderName = HeaderName::from_static("messngr-alert-status");

/// How often one network address may publish within a minute without proving who it is.
const UNPROVEN_PER_MINUTE_MAX: u32 = 30;

/// What publishers and readers meet.
pub struct Publishing {
    hub: Arc<Hub>,
    /// By name.
    topics: Vec<Topic>,
    prover: Arc<dyn Prove>,
    unproven: Arc<PerMinute>,
    stop: CancellationToken,
}

impl Publishing {
    /// With these topics. Whoever reads on and on is sent away at `stop`.
    pub fn new(
        hub: Arc<Hub>,
        gate: &Gate,
        mut topics: Vec<Topic>,
        prover: Arc<dyn Prove>,
        stop: CancellationToken,
    ) -> Arc<Self> {
        topics.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let unproven = gate.counter(Cause::Publications, UNPROVEN_PER_MINUTE_MAX);
        Arc::new(Self { hub, topics, prover, unproven, stop })
    }

    /// The topic of this name. Whoever has not proven who they are learns only of open ones.
    fn topic(&self, name: &str, asked: &Asked) -> Result<&Topic, Denied> {
        let found = self.topics.iter().find(|topic| topic.name.as_str() == name);
        match (found, &asked.caller) {
            (Some(topic), Some(_)) => Ok(topic),
            (Some(topic), None) if topic.open => Ok(topic),
            (None, Some(_)) => Err(Denied::NoTopic(domain::displayable(name).chars().take(80).collect())),
            (_, None) => Err(Denied::not_proven()),
        }
    }

    /// Publishes, if whoever asks may.
    async fn publish(
        &self,
        topic: &Topic,
        asked: &Asked,
        key: Option<String>,
        notice: Notice,
    ) -> Result<Published, Denied> {
        let publisher = self.publisher(topic, asked)?;
        Ok(self.hub.publish(topic, &publisher, key, notice).await?)
    }

    /// Where the alert stands that something was published as; none where that cannot be read now.
    async fn status(&self, published: &Published) -> Option<AlertStatus> {
        let alert = self.hub.alert(published.publication().alert).await.ok()?;
        Some(alert.status(self.hub.environment().now()))
    }

    /// The same as a header, for interfaces whose answers have no place for it.
    async fn status_header(&self, published: &Published) -> HeaderMap {
        let word = match self.status(published).await {
            Some(AlertStatus::InForce) => "in-force",
            Some(AlertStatus::Planned) => "planned",
            Some(AlertStatus::Waiting) => "waiting",
            _ => return HeaderMap::new(),
        };
        [(STATUS, HeaderValue::from_static(word))].into_iter().collect()
    }

    /// As whom they publish.
    fn publisher(&self, topic: &Topic, asked: &Asked) -> Result<Publisher, Denied> {
        match &asked.caller {
            Some(caller) if caller.may_publish_to(&topic.audience) => {
                Ok(Publisher::Account { address: caller.address().clone(), actor: caller.actor() })
            }
            Some(_) => Err(Denied::Forbidden(format!("the scope publish:{} is missing", topic.audience))),
            None if !topic.open => Err(Denied::not_proven()),
            None => {
                let may = asked.source.is_some_and(|source| self.unproven.take(source, Instant::now()));
                let source = asked.source.map(hub::source_text).filter(|_| may).ok_or(Denied::TooOften)?;
                Ok(Publisher::Unverified { source })
            }
        }
    }

    /// In whose name something of this topic is called off: only accounts can.
    fn recaller(&self, topic: &Topic, asked: &Asked) -> Result<Address, Denied> {
        match self.publisher(topic, asked)? {
            Publisher::Account { address, .. } => Ok(address),
            Publisher::Unverified { .. } => Err(Denied::not_proven()),
        }
    }

    /// Whether they may read what was published there.
    fn may_read(topic: &Topic, caller: Option<&Arc<dyn Caller>>) -> bool {
        topic.open || caller.is_some_and(|caller| caller.may_read(&topic.audience))
    }

    /// Refuses those who may not read what was published there.
    fn check_reader(topic: &Topic, asked: &Asked) -> Result<(), Denied> {
        match (Self::may_read(topic, asked.caller.as_ref()), &asked.caller) {
            (true, _) => Ok(()),
            (false, None) => Err(Denied::not_proven()),
            (false, Some(_)) => {
                Err(Denied::Forbidden(format!("the topic {} is not yours to read", topic.name)))
            }
        }
    }

    /// The topics that they may read.
    fn readable(&self, asked: &Asked) -> Vec<TopicName> {
        let topics = self.topics.iter().filter(|topic| Self::may_read(topic, asked.caller.as_ref()));
        topics.map(|topic| topic.name.clone()).collect()
    }
}

impl std::fmt::Debug for Publishing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Publishing").field("topics", &self.topics).finish_non_exhaustive()
    }
}

/// All of the interfaces. The door serves them beside its own paths, which come first.
pub fn router(publishing: Arc<Publishing>) -> Router {
    Router::new()
        .merge(ntfy::routes())
        .merge(gotify::routes())
        .merge(alertmanager::routes())
        .merge(cap::routes())
        .with_state(publishing)
}
