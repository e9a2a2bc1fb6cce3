//! Messages at a rate.

use std::time::{Duration, Instant};

/// How much later than it was due a message may leave because timers tick in milliseconds. What is later still was
/// held up, and its time counts from when it was due: a server that stalls its senders is not to look fast by it.
const TIMER_TICK: Duration = Duration::from_millis(2);

/// How many messages of a pair may be under way where a rate is given.
pub(crate) const UNDER_WAY_MAX: u64 = 10_000;

/// When messages are due.
#[derive(Debug)]
pub(crate) struct Pace {
    interval: Duration,
    /// When the next one is.
    pub(crate) next: Instant,
}

impl Pace {
    /// One message each `seconds`; `share` of that passes before the first.
    pub(crate) fn new(seconds: f64, share: f64) -> Self {
        let interval = Duration::from_secs_f64(seconds);
        Self { interval, next: Instant::now() + interval.mul_f64(share) }
    }

    /// From when the time of a message counts that leaves now, if one is due.
    pub(crate) fn due(&mut self, now: Instant) -> Option<Instant> {
        let due = self.next;
        if due > now {
            return None;
        }
        self.next += self.interval;
        Some(now.min(due + TIMER_TICK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_that_was_held_up_counts_from_when_it_was_due() {
        let mut pace = Pace::new(0.010, 0.0);
        let first = pace.next;
        assert_eq!(pace.due(first - Duration::from_millis(1)), None);
        let soon = first + Duration::from_millis(1);
        assert_eq!(pace.due(soon), Some(soon));
        let late = first + Duration::from_millis(110);
        assert_eq!(pace.due(late), Some(first + Duration::from_millis(10) + TIMER_TICK));
    }
}
