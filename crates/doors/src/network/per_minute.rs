use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

const WINDOW: Duration = Duration::from_secs(60);
/// How many addresses are remembered. Whoever has more can do more anyway.
const ADDRESSES_MAX: usize = 16_384;

/// How often each address did something within a minute, counted from its first time.
#[derive(Debug)]
pub(crate) struct PerMinute {
    max: u32,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    counts: HashMap<IpAddr, Count>,
    tidied_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    since: Instant,
    times: u32,
    /// How often it wanted to when it might not.
    refused: u32,
}

/// An address that has used up what it may do in this minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) address: IpAddr,
    /// How long it has to wait.
    pub(super) left: Duration,
    /// How often it was refused since.
    pub(super) refused: u32,
}

impl PerMinute {
    pub(crate) fn new(max: u32) -> Self {
        Self { max, table: Mutex::default() }
    }

    /// Whether the address has not yet used up what it may do in this minute.
    pub(crate) fn may(&self, address: IpAddr, now: Instant) -> bool {
        let mut table = self.table.lock();
        let count = table.counts.get_mut(&address.to_canonical()).filter(|count| count.is_current(now));
        count.is_none_or(|count| count.may(self.max))
    }

    /// Whether the address has used up what it may do in this minute; nothing is counted.
    pub(crate) fn waits(&self, address: IpAddr, now: Instant) -> bool {
        let table = self.table.lock();
        let count = table.counts.get(&address.to_canonical()).filter(|count| count.is_current(now));
        count.is_some_and(|count| count.times >= self.max)
    }

    /// Which addresses have used up what they may do in this minute.
    pub(super) fn waiting(&self, now: Instant) -> Vec<Waiting> {
        let table = self.table.lock();
        let used_up =
            table.counts.iter().filter(|(_, count)| count.is_current(now) && count.times >= self.max);
        used_up
            .map(|(address, count)| Waiting {
                address: *address,
                left: WINDOW.saturating_sub(now.duration_since(count.since)),
                refused: count.refused,
            })
            .collect()
    }

    /// Forgets what an address has done, where it has used up what it may do. Says whether it has.
    pub(super) fn forget(&self, address: IpAddr, now: Instant) -> bool {
        let (mut table, address) = (self.table.lock(), address.to_canonical());
        let used_up = |count: &Count| count.is_current(now) && count.times >= self.max;
        table.counts.get(&address).is_some_and(used_up) && table.counts.remove(&address).is_some()
    }

    /// How many addresses have used up what they may do in this minute.
    pub(crate) fn used_up(&self, now: Instant) -> usize {
        let table = self.table.lock();
        let used_up = |count: &&Count| count.is_current(now) && count.times >= self.max;
        table.counts.values().filter(used_up).count()
    }

    /// Counts one time more. Says whether with it the address has used up what it may do in this minute.
    pub(crate) fn count(&self, address: IpAddr, now: Instant) -> bool {
        let mut table = self.table.lock();
        let count = table.current(address.to_canonical(), now);
        count.times += 1;
        count.times == self.max
    }

    /// What was counted last was none.
    pub(crate) fn give_back(&self, address: IpAddr, now: Instant) {
        let mut table = self.table.lock();
        let count = table.current(address.to_canonical(), now);
        count.times = count.times.saturating_sub(1);
    }

    /// Counts one time more, where the address may.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> bool {
        let mut table = self.table.lock();
        let count = table.current(address.to_canonical(), now);
        let may = count.may(self.max);
        count.times += u32::from(may);
        may
    }
}

impl Table {
    fn current(&mut self, address: IpAddr, now: Instant) -> &mut Count {
        if self.counts.len() >= ADDRESSES_MAX && !self.counts.contains_key(&address) {
            self.make_room(now);
        }
        let fresh = Count { since: now, times: 0, refused: 0 };
        let count = self.counts.entry(address).or_insert(fresh);
        if !count.is_current(now) {
            *count = fresh;
        }
        count
    }

    /// Forgets what is over, which is looked for once a minute at most, or else any other address.
    fn make_room(&mut self, now: Instant) {
        if self.tidied_at.is_none_or(|at| now.duration_since(at) >= WINDOW) {
            self.tidied_at = Some(now);
            self.counts.retain(|_, count| count.is_current(now));
        }
        if self.counts.len() >= ADDRESSES_MAX
            && let Some(any) = self.counts.keys().next().copied()
        {
            self.counts.remove(&any);
        }
    }
}

impl Count {
    /// Whether it may be done once more; what may not is counted.
    fn may(&mut self, max: u32) -> bool {
        let may = self.times < max;
        self.refused = self.refused.saturating_add(u32::from(!may));
        may
    }

    fn is_current(&self, now: Instant) -> bool {
        now.duration_since(self.since) < WINDOW
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const ONE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

    #[test]
    fn an_address_that_used_up_its_minute_waits_for_the_next_and_others_do_not() {
        let (per_minute, now) = (PerMinute::new(2), Instant::now());
        assert!(per_minute.take(ONE, now));
        assert!(per_minute.take(ONE, now + WINDOW / 2));
        assert!(!per_minute.take(ONE, now + WINDOW / 2));
        assert!(!per_minute.may(ONE, now + WINDOW / 2));
        assert!(per_minute.waits(ONE, now) && !per_minute.waits(Ipv4Addr::LOCALHOST.into(), now));
        assert!(!per_minute.may("::ffff:10.0.0.1".parse().unwrap(), now), "the same address written as IPv6");
        assert!(per_minute.may(Ipv4Addr::LOCALHOST.into(), now));
        assert!(per_minute.take(ONE, now + WINDOW));
    }

    #[test]
    fn the_table_has_a_limit_and_who_comes_after_is_counted_all_the_same() {
        let (per_minute, now) = (PerMinute::new(1), Instant::now());
        let addresses = u32::try_from(ADDRESSES_MAX).unwrap() + 10;
        for number in 0..addresses {
            let address = Ipv4Addr::from(number).into();
            assert!(per_minute.take(address, now));
            assert!(!per_minute.take(address, now));
        }
        assert_eq!(per_minute.table.lock().counts.len(), ADDRESSES_MAX);
        assert!(per_minute.take(ONE, now + WINDOW));
        assert_eq!(per_minute.table.lock().counts.len(), 1, "what is over is forgotten when room is needed");
    }
}
