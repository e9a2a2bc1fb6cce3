//! How much is sent: evenly what we begin, and no more than so much of what others ask for.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

/// Lets a number of packets go each second, some of them at once.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    slack: Duration,
    /// When the next one would go if none could go early.
    next: Option<Instant>,
}

impl Pace {
    pub(super) fn new(per_second: u32, at_once: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second.max(1);
        Self { interval, slack: interval * at_once.saturating_sub(1), next: None }
    }

    /// Whether one may go now; then it counts.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let next = self.next.unwrap_or(now).max(now);
        if next > now + self.slack {
            return false;
        }
        self.next = Some(next + self.interval);
        true
    }

    /// The earliest moment at which one may go.
    pub(super) fn ready_at(&self, wanted: Instant) -> Instant {
        let earliest = self.next.and_then(|next| next.checked_sub(self.slack));
        earliest.map_or(wanted, |earliest| earliest.max(wanted))
    }
}

/// Counts answers by whom they go to.
#[derive(Debug)]
pub(super) struct AnswerLimit {
    all_max: u32,
    each_max: u32,
    since: Option<Instant>,
    all: u32,
    each: BTreeMap<Ipv4Addr, u32>,
}

impl AnswerLimit {
    pub(super) fn new(all_max: u32, each_max: u32) -> Self {
        Self { all_max, each_max, since: None, all: 0, each: BTreeMap::new() }
    }

    /// Whether one more may be given in this second; then it counts. It holds no more addresses than answers.
    pub(super) fn take(&mut self, address: Ipv4Addr, now: Instant) -> bool {
        if self.since.is_none_or(|since| now.duration_since(since) >= Duration::from_secs(1)) {
            self.since = Some(now);
            self.all = 0;
            self.each.clear();
        }
        if self.all >= self.all_max || self.each.get(&address).is_some_and(|count| *count >= self.each_max) {
            return false;
        }
        self.all += 1;
        *self.each.entry(address).or_default() += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_go_at_once_and_then_so_many_a_second() {
        let start = Instant::now();
        let mut pace = Pace::new(100, 20);
        let at_once = std::iter::from_fn(|| pace.take(start).then_some(())).count();
        assert_eq!(at_once, 20);
        assert_eq!(pace.ready_at(start), start + Duration::from_millis(10));
        let in_ten_seconds =
            (0..10_000).filter(|millisecond| pace.take(start + Duration::from_millis(*millisecond))).count();
        assert_eq!(in_ten_seconds, 999);
    }

    #[test]
    fn nobody_gets_more_answers_than_their_share() {
        let start = Instant::now();
        let mut limit = AnswerLimit::new(50, 20);
        let given = |limit: &mut AnswerLimit, host: u8, now| {
            (0..100).filter(|_| limit.take(Ipv4Addr::new(10, 0, 0, host), now)).count()
        };
        assert_eq!(given(&mut limit, 1, start), 20);
        assert_eq!(given(&mut limit, 2, start), 20);
        assert_eq!(given(&mut limit, 3, start), 10);
        assert_eq!(given(&mut limit, 1, start + Duration::from_secs(1)), 20);
    }
}
