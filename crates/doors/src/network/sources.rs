//! Which addresses are refused or have to wait now: what for, for how long, and letting one in again.

use std::{
    net::IpAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::time::Instant;

use super::{Gate, PerMinute};

/// Why an address is refused or has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Cause {
    /// It is outside the allowed networks.
    Outside,
    /// It has as many connections as it may that have not signed in.
    Connections,
    /// Too many sign-ins from it have failed.
    SignIns,
    /// It has sent as many messages of old Windows programs as it may.
    Messages,
    /// It has published as much as it may without a proof of who it is.
    Publications,
    /// Too many codes of alerts that it tried were wrong.
    Codes,
}

/// An address that is refused or has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedSource {
    /// Which.
    pub address: IpAddr,
    /// Why.
    pub cause: Cause,
    /// How long it has to wait; none where it is no matter of time.
    pub left: Option<Duration>,
    /// How often it was refused within this minute; none where that is not counted.
    pub refused: Option<u32>,
}

/// Who counts what addresses do, and why they wait once they have used it up.
#[derive(Debug, Default)]
pub(super) struct Counters(Mutex<Vec<(Cause, Weak<PerMinute>)>>);

impl Counters {
    pub(super) fn add(&self, cause: Cause, counter: &Arc<PerMinute>) {
        let mut counters = self.0.lock();
        counters.retain(|(_, counter)| counter.strong_count() > 0);
        counters.push((cause, Arc::downgrade(counter)));
    }

    fn all(&self) -> Vec<(Cause, Arc<PerMinute>)> {
        let alive = |(cause, counter): &(Cause, Weak<PerMinute>)| Some((*cause, counter.upgrade()?));
        self.0.lock().iter().filter_map(alive).collect()
    }
}

impl Gate {
    /// A new counter of what addresses do, which is asked too when somebody wants to know who has to wait.
    pub(crate) fn counter(&self, cause: Cause, per_minute_max: u32) -> Arc<PerMinute> {
        let counter = Arc::new(PerMinute::new(per_minute_max));
        self.counters().add(cause, &counter);
        counter
    }

    /// Who is refused or has to wait now, by address, at most `limit`. Addresses outside, which anybody can forge, are left
    /// out first.
    pub fn refused_sources(&self, limit: usize) -> Vec<RefusedSource> {
        let now = Instant::now().into_std();
        let mut found: Vec<RefusedSource> = Vec::new();
        for (cause, counter) in self.counters().all() {
            found.extend(counter.waiting(now).into_iter().map(|waiting| RefusedSource {
                address: waiting.address,
                cause,
                left: Some(waiting.left).filter(|_| cause != Cause::Outside),
                refused: Some(waiting.refused),
            }));
        }
        found.extend(self.crowded().into_iter().map(|address| RefusedSource {
            address,
            cause: Cause::Connections,
            left: None,
            refused: None,
        }));
        found.sort_unstable_by_key(|source| (source.cause == Cause::Outside, source.address, source.cause));
        found.truncate(limit);
        found.sort_unstable_by_key(|source| (source.address, source.cause));
        found
    }

    /// Lets an address try again at once. Says whether it had to wait.
    pub fn let_in_again(&self, address: IpAddr) -> bool {
        let now = Instant::now().into_std();
        let counters = self.counters().all().into_iter().filter(|(cause, _)| *cause != Cause::Outside);
        // Each of them forgets it.
        counters.fold(false, |waited, (_, counter)| counter.forget(address, now) || waited)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use domain::AllowedNetworks;

    use super::*;
    use crate::network::GateLimits;

    fn gate() -> Arc<Gate> {
        let limits = GateLimits {
            connections_max: 10,
            connections_per_address_max: 1,
            connections_per_account_max: 2,
            sign_in_failures_per_minute_max: 2,
        };
        Gate::new(AllowedNetworks::default(), limits)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_to_wait_is_listed_with_why_and_how_long_until_they_are_let_in_again() {
        let (gate, one) = (gate(), address("10.0.0.7"));
        let messages = gate.counter(Cause::Messages, 1);
        assert_eq!(gate.refused_sources(10), []);
        gate.failed(one);
        assert_eq!(gate.refused_sources(10), [], "it may still try");
        gate.failed(one);
        tokio::time::advance(Duration::from_secs(20)).await;
        assert!(!gate.may_try(one) && gate.try_sign_in(one).is_none());
        assert!(messages.take(address("::ffff:10.0.0.3"), Instant::now().into_std()));
        let waits = |last, cause, left, refused| RefusedSource {
            address: address(last),
            cause,
            left: Some(Duration::from_secs(left)),
            refused: Some(refused),
        };
        let both = [waits("10.0.0.3", Cause::Messages, 60, 0), waits("10.0.0.7", Cause::SignIns, 40, 2)];
        assert_eq!(gate.refused_sources(10), both);
        assert_eq!(gate.refused_sources(1), both[..1]);
        assert!(gate.let_in_again(address("::ffff:10.0.0.7")));
        assert!(gate.may_try(one) && !gate.let_in_again(one));
        assert_eq!(gate.refused_sources(10), both[..1]);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(gate.refused_sources(10), []);
        gate.failed(address("10.0.0.3"));
        drop(messages);
        assert!(!gate.let_in_again(address("10.0.0.3")), "who does not have to wait is not let in");
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_outside_or_has_too_many_connections_is_listed_and_is_not_let_in() {
        let gate = gate();
        let peer = |text: &str| SocketAddr::new(address(text), 40_000);
        let _open = gate.admit(peer("10.0.0.7")).unwrap();
        for from in ["203.0.113.5", "203.0.113.5", "10.0.0.7"] {
            assert!(gate.admit(peer(from)).is_err());
        }
        let refused =
            |text, cause, refused| RefusedSource { address: address(text), cause, left: None, refused };
        let both =
            [refused("10.0.0.7", Cause::Connections, None), refused("203.0.113.5", Cause::Outside, Some(2))];
        assert_eq!(gate.refused_sources(10), both);
        assert!(!gate.let_in_again(address("203.0.113.5")) && !gate.let_in_again(address("10.0.0.7")));
        assert_eq!(gate.refused_sources(10), both);
        assert!(gate.admit(peer("1.1.1.1")).is_err());
        assert_eq!(gate.refused_sources(1), both[..1], "a forged address hides nobody");
    }
}
