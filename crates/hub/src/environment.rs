use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use domain::{AlertId, MessageId};
use jiff::Timestamp;
use rand::Rng;
use tokio::sync::watch;

/// The clock and the randomness of the service, in one place, so that a test can hold both.
pub struct Environment {
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    fill: Box<Fill>,
    /// Where a test moves the clock: when it does.
    moved: Option<watch::Receiver<()>>,
    /// The time and the count that the latest id of a message has.
    latest: AtomicU64,
}

/// How many bits of an id count within a millisecond: all of `rand_a` (RFC 9562 §5.7).
const COUNT_BITS: u32 = 12;
/// By how many milliseconds a clock may go back while ids still go on from the latest.
const DISORDER: u64 = 60_000;

/// The longest that is slept at once: a clock that is set meanwhile is seen then.
const NAP: Duration = Duration::from_secs(30);

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

impl Environment {
    /// The machine's clock, and randomness that is fit for keys.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the one place where the clock is read")]
        let now = || Timestamp::now();
        // Seeded by the operating system, a generator for each thread: a system call for every message is too dear.
        let fill = |bytes: &mut [u8]| rand::rng().fill_bytes(bytes);
        Self { now: Box::new(now), fill: Box::new(fill), moved: None, latest: AtomicU64::new(0) }
    }

    /// A clock and randomness of a test's own.
    pub fn simulated(
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        fill: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        Self { now: Box::new(now), fill: Box::new(fill), moved: None, latest: AtomicU64::new(0) }
    }

    /// The same, with a sign that is given whenever the clock has been moved: who waits for a time looks at the clock
    /// then, and sleeps otherwise.
    pub fn told_of_moves(self, moved: watch::Receiver<()>) -> Self {
        Self { moved: Some(moved), ..self }
    }

    /// Waits until the clock shows this time or a later one.
    pub async fn sleep_until(&self, at: Timestamp) {
        let mut moved = self.moved.clone();
        loop {
            let now = self.now();
            if now >= at {
                return;
            }
            match &mut moved {
                Some(moved) => {
                    if moved.changed().await.is_err() {
                        // The clock is not moved any more.
                        return std::future::pending().await;
                    }
                }
                None => {
                    let left = at.duration_since(now).unsigned_abs();
                    tokio::time::sleep(left.clamp(Duration::from_millis(1), NAP)).await;
                }
            }
        }
    }

    /// The time, to the millisecond: what is remembered reads back as it was.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond((self.now)().as_millisecond()).unwrap_or_default()
    }

    /// As many random bytes as asked for.
    pub fn random<const LENGTH: usize>(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        (self.fill)(&mut bytes);
        bytes
    }

    /// A new id for a message.
    pub fn message_id(&self) -> MessageId {
        self.message_id_and_time().0
    }

    /// A new id for a message that is taken now, and when that is. Ids are in the order in which they were asked for,
    /// also within a millisecond (RFC 9562 §6.2, method 1): pages and marks of what is read go by them.
    pub fn message_id_and_time(&self) -> (MessageId, Timestamp) {
        let now = self.now();
        let mut random: [u8; 10] = self.random();
        let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or(0);
        // The first of a millisecond leaves at least half of the numbers to those that follow.
        let start = milliseconds << COUNT_BITS | u64::from(random[0] & 7) << 8 | u64::from(random[1]);
        let mut number = start;
        let next = |latest: u64| {
            let goes_on = latest >= start && (latest >> COUNT_BITS) < milliseconds + DISORDER;
            number = if goes_on { latest + 1 } else { start };
            Some(number)
        };
        let _ = self.latest.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let at = i64::try_from(number >> COUNT_BITS).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        random[..2].copy_from_slice(&(number as u16 & 0x0fff).to_be_bytes());
        (MessageId::new(at.unwrap_or(now), random), now)
    }

    /// A new id for an alert.
    pub fn alert_id(&self) -> AlertId {
        AlertId::new(self.now(), self.random())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Environment")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, atomic::AtomicI64};

    use super::*;

    #[test]
    fn ids_are_in_order_within_a_millisecond_and_when_the_clock_goes_back_a_little() {
        let clock = Arc::new(AtomicI64::new(1_000_000));
        let shown = Arc::clone(&clock);
        let now = move || Timestamp::from_millisecond(shown.load(Ordering::Relaxed)).unwrap();
        let environment = Environment::simulated(now, |bytes| bytes.fill(0xff));
        let mut latest = environment.message_id();
        for step in 0..10_000 {
            if step == 5_000 {
                clock.fetch_sub(1_000, Ordering::Relaxed);
            }
            let next = environment.message_id();
            assert!(next > latest, "{next} after {latest}");
            latest = next;
        }
        clock.store(500_000, Ordering::Relaxed);
        assert!(environment.message_id() < latest, "a clock that was set anew is believed");
    }
}
