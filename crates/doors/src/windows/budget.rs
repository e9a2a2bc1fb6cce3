use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Instant,
};

use hub::StrangerRefusal;

use crate::network::PerMinute;

/// Under which all sources together are counted: nobody has this address.
const EVERYBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// Its sender receives at its address.
    Answered,
    /// Anybody can have written any address on it.
    Datagram,
}

/// How many messages come in by this door. Who sends is not proven, and addresses can be forged: what all together may
/// send is bounded too, and whoever forges addresses uses up nothing of what those have who answer at theirs.
#[derive(Debug)]
pub(super) struct Budget {
    answered: Arc<PerMinute>,
    datagrams: Arc<PerMinute>,
    all: PerMinute,
    /// The part of all that datagrams may have.
    all_datagrams: PerMinute,
}

impl Budget {
    /// What each source may send by either transport, and how many messages of all together within a minute.
    pub(super) fn new([answered, datagrams]: [Arc<PerMinute>; 2], all: u32) -> Self {
        Self { answered, datagrams, all: PerMinute::new(all), all_datagrams: PerMinute::new(all.div_ceil(2)) }
    }

    /// Counts a message of this source, where it may come.
    pub(super) fn take(
        &self,
        source: IpAddr,
        transport: Transport,
        now: Instant,
    ) -> Result<(), StrangerRefusal> {
        if !self.of(transport).take(source, now) {
            return Err(StrangerRefusal::TooManyOfOne);
        }
        let is_within = (transport == Transport::Answered || self.all_datagrams.take(EVERYBODY, now))
            && self.all.take(EVERYBODY, now);
        if is_within { Ok(()) } else { Err(StrangerRefusal::TooManyOfAll) }
    }

    /// Whether this source, which answers, may still send within the minute.
    pub(super) fn may(&self, source: IpAddr, now: Instant) -> bool {
        self.answered.may(source, now)
    }

    /// Counts something else against what this source, which answers, may send.
    pub(super) fn count(&self, source: IpAddr, now: Instant) {
        self.answered.count(source, now);
    }

    fn of(&self, transport: Transport) -> &PerMinute {
        match transport {
            Transport::Answered => &self.answered,
            Transport::Datagram => &self.datagrams,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(each: u32, all: u32) -> Budget {
        Budget::new([each, each].map(|max| Arc::new(PerMinute::new(max))), all)
    }

    #[test]
    fn many_sources_together_have_a_budget_too() {
        let (budget, now) = (budget(2, 5), Instant::now());
        let take = |last: u8, at| budget.take([10, 0, 0, last].into(), Transport::Answered, at);
        let taken = (0..100).filter(|last| take(*last, now).is_ok()).count();
        assert_eq!((taken, take(100, now)), (5, Err(StrangerRefusal::TooManyOfAll)));
        let later = now + std::time::Duration::from_secs(61);
        assert_eq!((0..10).filter(|_| take(7, later).is_ok()).count(), 2);
        assert_eq!(take(7, later), Err(StrangerRefusal::TooManyOfOne));
    }

    #[test]
    fn forged_addresses_leave_half_of_it_to_those_who_answer_at_theirs() {
        let (budget, now) = (budget(2, 6), Instant::now());
        let take = |last: u8, transport| budget.take([10, 0, 0, last].into(), transport, now).is_ok();
        assert_eq!((0..100).filter(|last| take(*last, Transport::Datagram)).count(), 3);
        assert_eq!((0..100).filter(|_| take(0, Transport::Answered)).count(), 2, "its own are all there");
        assert!(take(1, Transport::Answered) && !take(2, Transport::Answered));
    }
}
