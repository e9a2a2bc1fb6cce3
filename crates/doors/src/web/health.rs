//! Whether the service is well, for whatever looks after it.

use std::time::Duration;

use hub::Hub;
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

/// How long a judgement counts: whoever asks more often gets the same answer.
const JUDGEMENT: Duration = Duration::from_secs(5);

/// How long the store may take to write something small, and a thread to be free.
const PATIENCE: Duration = Duration::from_secs(2);

/// The setting that is written to see whether anything can be.
const PROBE: &str = "web.ready";

/// What was last found out.
#[derive(Debug, Default)]
pub(super) struct Health {
    judged: Mutex<Option<(Instant, Wellness)>>,
}

/// What works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wellness {
    /// The store takes what is written to it.
    pub(super) store: bool,
    /// There is a thread for what may block, such as looking at a password.
    pub(super) threads: bool,
}

impl Health {
    /// What works now.
    pub(super) async fn judge(&self, hub: &Hub) -> Wellness {
        let known = *self.judged.lock();
        if let Some((_, wellness)) = known.filter(|(at, _)| at.elapsed() < JUDGEMENT) {
            return wellness;
        }
        let probe = store::Change::SetSetting { key: PROBE.to_owned(), value: String::new() };
        let (store, threads) = tokio::join!(
            timeout(PATIENCE, hub.store().commit(vec![probe])),
            timeout(PATIENCE, tokio::task::spawn_blocking(|| ()))
        );
        let wellness = Wellness { store: matches!(store, Ok(Ok(_))), threads: matches!(threads, Ok(Ok(()))) };
        *self.judged.lock() = Some((Instant::now(), wellness));
        wellness
    }
}

impl Wellness {
    /// Whether all of it works.
    pub(super) fn is_whole(self) -> bool {
        self.store && self.threads
    }
}
