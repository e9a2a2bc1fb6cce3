use std::{fmt, time::Duration};

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
}

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
        Self { now: Box::new(now), fill: Box::new(fill), moved: None }
    }

    /// A clock and randomness of a test's own.
    pub fn simulated(
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        fill: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        Self { now: Box::new(now), fill: Box::new(fill), moved: None }
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
        MessageId::new(self.now(), self.random())
    }

    /// A new id for a message that is taken now, and when that is.
    pub fn message_id_and_time(&self) -> (MessageId, Timestamp) {
        let now = self.now();
        (MessageId::new(now, self.random()), now)
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
