use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Instant,
};

use crate::network::PerMinute;

/// Under which all sources together are counted: nobody has this address.
const EVERYBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// How many messages come in by this door, whatever way they take. Who sends is not proven, and addresses can be forged:
/// what all together may send is bounded too.
#[derive(Debug)]
pub(super) struct Budget {
    each: Arc<PerMinute>,
    all: PerMinute,
    /// An administrator reads of refusals once a minute.
    told: PerMinute,
}

impl Budget {
    /// What each source may send, and how many messages of all together within a minute.
    pub(super) fn new(each: Arc<PerMinute>, all: u32) -> Self {
        Self { each, all: PerMinute::new(all), told: PerMinute::new(1) }
    }

    /// Counts a message of this source, where it may come.
    pub(super) fn take(&self, source: IpAddr, now: Instant) -> bool {
        let why = if !self.each.take(source, now) {
            "its source has sent too many within a minute"
        } else if !self.all.take(EVERYBODY, now) {
            "all sources together have sent too many within a minute"
        } else {
            return true;
        };
        if self.told.take(EVERYBODY, now) {
            tracing::warn!(%source, why, "messages are refused");
        }
        false
    }

    /// Whether this source may still send within the minute.
    pub(super) fn may(&self, source: IpAddr, now: Instant) -> bool {
        self.each.may(source, now)
    }

    /// Counts something else against what this source may send.
    pub(super) fn count(&self, source: IpAddr, now: Instant) {
        self.each.count(source, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forged_sources_together_have_a_budget_too() {
        let (budget, now) = (Budget::new(Arc::new(PerMinute::new(2)), 5), Instant::now());
        let taken = (0..100_u8).filter(|number| budget.take([10, 0, 0, *number].into(), now)).count();
        assert_eq!(taken, 5);
        let later = now + std::time::Duration::from_secs(61);
        let one = [10, 0, 0, 7].into();
        assert_eq!((0..10).filter(|_| budget.take(one, later)).count(), 2);
    }
}
