use std::time::Duration;

use tokio::time::Instant;

/// How fast one session may send: a bucket of tokens, one for each stanza. Nothing is refused by it: a session that
/// has sent too much is not read for a while, and TCP tells the client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// What one stanza costs; none where there is no limit.
    cost: Option<Duration>,
    /// How much may be owed before the session has to wait.
    burst: Duration,
    /// When everything that was sent is paid for.
    paid_at: Option<Instant>,
}

impl Pace {
    /// At most `rate` stanzas a second in the long run, and `burst` at once. A rate of 0 is no limit.
    pub(crate) fn new(rate: u32, burst: u32) -> Self {
        let cost = (rate > 0).then(|| Duration::from_secs(1) / rate);
        Self { cost, burst: cost.unwrap_or_default().saturating_mul(burst), paid_at: None }
    }

    /// Whether there is a limit at all.
    pub(crate) fn is_limited(&self) -> bool {
        self.cost.is_some()
    }

    /// So many stanzas have come. Says until when nothing more is to be read, if that is later than now.
    pub(crate) fn take(&mut self, now: Instant, count: u32) -> Option<Instant> {
        let cost = self.cost?.saturating_mul(count);
        let paid_at = self.paid_at.map_or(now, |paid_at| paid_at.max(now)) + cost;
        self.paid_at = Some(paid_at);
        let owed = paid_at - now;
        owed.checked_sub(self.burst).filter(|wait| !wait.is_zero()).map(|wait| now + wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_is_read_at_once_and_what_is_more_has_to_wait() {
        let (mut pace, start) = (Pace::new(10, 50), Instant::now());
        for _ in 0..50 {
            assert_eq!(pace.take(start, 1), None);
        }
        assert_eq!(pace.take(start, 1), Some(start + SECOND / 10));
        assert_eq!(pace.take(start, 9), Some(start + SECOND));
    }

    #[test]
    fn who_waited_may_go_on_at_the_rate_and_who_was_silent_has_a_burst_again() {
        let (mut pace, start) = (Pace::new(10, 50), Instant::now());
        assert_eq!(pace.take(start, 60), Some(start + SECOND));
        assert_eq!(pace.take(start + SECOND, 0), None);
        assert_eq!(pace.take(start + SECOND, 1), Some(start + SECOND + SECOND / 10));
        assert_eq!(pace.take(start + SECOND * 60, 50), None);
        assert!(pace.take(start + SECOND * 60, 1).is_some());
    }

    #[test]
    fn in_the_long_run_nobody_is_faster_than_the_rate() {
        let (mut pace, start) = (Pace::new(200, 1_000), Instant::now());
        let mut now = start;
        for _ in 0..1_000 {
            now = pace.take(now, 64).unwrap_or(now);
        }
        let sent = 64_000 - 1_000;
        assert!(now - start >= SECOND * sent / 200, "{:?}", now - start);
    }

    #[test]
    fn a_rate_of_nothing_is_no_limit() {
        let mut pace = Pace::new(0, 0);
        assert_eq!(pace.take(Instant::now(), u32::MAX), None);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let (mut pace, start) = (Pace::new(1, u32::MAX), Instant::now());
        assert_eq!(pace.take(start, u32::MAX), None);
        assert_eq!(pace.take(start, 1), Some(start + SECOND));
    }
}
