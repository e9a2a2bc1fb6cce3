use std::{collections::HashMap, net::IpAddr};

use auth::scram::server::AwaitingFinal;
use domain::Address;
use hub::Environment;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

use crate::api::Problem;

/// How long the final message may take.
const LASTS: SignedDuration = SignedDuration::from_secs(60);

/// How many sign-ins may be half done, and how many from one network address: where that has more, its oldest ends.
const EXCHANGES_MAX: usize = 10_000;
const OF_SOURCE_MAX: usize = 20;

/// The sign-ins that are half done: the challenge is out.
#[derive(Default)]
pub(crate) struct Exchanges(Mutex<HashMap<String, Exchange>>);

/// One of them.
pub(super) struct Exchange {
    /// Whose password is to be proven; none where there is nobody of that name.
    pub(super) address: Option<Address>,
    /// What judges the proof.
    pub(super) awaiting: AwaitingFinal,
    source: IpAddr,
    begun_at: Timestamp,
}

impl Exchanges {
    /// Keeps one, and returns the name by which its client goes on.
    pub(super) fn put(
        &self,
        environment: &Environment,
        source: IpAddr,
        address: Option<Address>,
        awaiting: AwaitingFinal,
    ) -> Result<String, Problem> {
        let now = environment.now();
        let name: String = environment.random::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut exchanges = self.0.lock();
        exchanges.retain(|_, exchange| !exchange.is_over(now));
        let mut own: Vec<(Timestamp, String)> = exchanges
            .iter()
            .filter(|(_, exchange)| exchange.source == source)
            .map(|(name, exchange)| (exchange.begun_at, name.clone()))
            .collect();
        if own.len() >= OF_SOURCE_MAX {
            own.sort_unstable();
            exchanges.remove(&own[0].1);
        }
        if exchanges.len() >= EXCHANGES_MAX {
            return Err(Problem::unavailable("too many people are just signing in: try again in a minute"));
        }
        exchanges.insert(name.clone(), Exchange { address, awaiting, source, begun_at: now });
        Ok(name)
    }

    /// The one of this name. It is over by this, also where it was begun from elsewhere.
    pub(super) fn take(&self, now: Timestamp, name: &str, source: IpAddr) -> Option<Exchange> {
        let exchange = self.0.lock().remove(name)?;
        (exchange.source == source && !exchange.is_over(now)).then_some(exchange)
    }
}

impl Exchange {
    fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.begun_at) >= LASTS
    }
}
