use std::{collections::VecDeque, sync::Arc, time::Duration};

use parking_lot::Mutex;
use store::{Permit, Store};
use tokio::{sync::Notify, task::AbortHandle, time::Instant};

use crate::promise::Promise;

/// How long a message that was given to its recipient may stay unacknowledged before it is stored, where nothing is
/// archived.
const UNSTORED_MAX: Duration = Duration::from_millis(200);

/// Messages that were given and are not stored, oldest first: one task looks after all of them, so that a message
/// that is acknowledged in time costs no timer.
pub(crate) struct Unstored {
    waiting: Arc<Waiting>,
    keeper: AbortHandle,
}

#[derive(Default)]
struct Waiting {
    queue: Mutex<VecDeque<Entry>>,
    added: Notify,
}

struct Entry {
    due: Instant,
    promise: Arc<Promise>,
    commit: Box<dyn FnOnce(Permit) + Send>,
}

impl Unstored {
    /// Begins to look after what is put in.
    pub(crate) fn start(store: Arc<dyn Store>) -> Self {
        let waiting = Arc::<Waiting>::default();
        let keeper = tokio::spawn(keep(waiting.clone(), store)).abort_handle();
        Self { waiting, keeper }
    }

    /// Has a message stored by `commit` if nobody acknowledges it in time.
    pub(crate) fn put(&self, promise: Arc<Promise>, commit: impl FnOnce(Permit) + Send + 'static) {
        let entry = Entry { due: Instant::now() + UNSTORED_MAX, promise, commit: Box::new(commit) };
        let mut queue = self.waiting.queue.lock();
        queue.push_back(entry);
        if queue.len() == 1 {
            self.waiting.added.notify_one();
        }
    }
}

impl Drop for Unstored {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

async fn keep(waiting: Arc<Waiting>, store: Arc<dyn Store>) {
    loop {
        let next = waiting.queue.lock().front().map(|entry| entry.due);
        match next {
            None => waiting.added.notified().await,
            Some(due) => {
                tokio::time::sleep_until(due).await;
                let entry = waiting.queue.lock().pop_front();
                if let Some(entry) = entry.filter(|entry| !entry.promise.is_kept()) {
                    claim(entry, &*store).await;
                }
            }
        }
    }
}

async fn claim(entry: Entry, store: &dyn Store) {
    match store.reserve().await {
        Ok(permit) => entry.promise.claim(|| (entry.commit)(permit)),
        // The store is closed: the sender is never told that the message was taken.
        Err(error) => tracing::debug!(%error, "a message stays unstored"),
    }
}
