//! Whether the service is well, for whatever looks after it.

use std::time::Duration;

use hub::Hub;
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

/// How long a judgement of the store counts: whoever asks more often gets the same answer.
const JUDGEMENT: Duration = Duration::from_secs(5);

/// How long the store may take to write something small.
const WRITING_MAX: Duration = Duration::from_secs(2);

/// The setting that is written to see whether anything can be.
const PROBE: &str = "web.ready";

/// What was last found out about the store.
#[derive(Debug, Default)]
pub(super) struct Health {
    judged: Mutex<Option<(Instant, bool)>>,
}

impl Health {
    /// Whether the store takes what is written to it.
    pub(super) async fn store_works(&self, hub: &Hub) -> bool {
        let known = *self.judged.lock();
        if let Some((at, works)) = known.filter(|(at, _)| at.elapsed() < JUDGEMENT) {
            let _ = at;
            return works;
        }
        let probe = store::Change::SetSetting { key: PROBE.to_owned(), value: String::new() };
        let works = matches!(timeout(WRITING_MAX, hub.store().commit(vec![probe])).await, Ok(Ok(_)));
        *self.judged.lock() = Some((Instant::now(), works));
        works
    }
}
