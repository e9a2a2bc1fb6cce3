use std::{collections::VecDeque, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{sync::Notify, task::AbortHandle, time::Instant};

use crate::{Hub, promise::Promise};

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
    queue: Mutex<VecDeque<(Instant, Arc<Promise>)>>,
    added: Notify,
}

impl Unstored {
    /// Begins to look after what is put in.
    pub(crate) fn start(hub: std::sync::Weak<Hub>) -> Self {
        let waiting = Arc::<Waiting>::default();
        let keeper = tokio::spawn(keep(waiting.clone(), hub)).abort_handle();
        Self { waiting, keeper }
    }

    /// Has a message stored if nobody acknowledges it in time.
    pub(crate) fn put(&self, promise: Arc<Promise>) {
        let due = Instant::now() + UNSTORED_MAX;
        let mut queue = self.waiting.queue.lock();
        queue.push_back((due, promise));
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

async fn keep(waiting: Arc<Waiting>, hub: std::sync::Weak<Hub>) {
    let mut due = Vec::new();
    loop {
        let next = waiting.queue.lock().front().map(|(at, _)| *at);
        match next {
            None => waiting.added.notified().await,
            Some(at) => tokio::time::sleep_until(at).await,
        }
        take_due(&waiting, &mut due);
        for promise in due.drain(..).filter(|promise: &Arc<Promise>| !promise.is_kept()) {
            let Some(hub) = hub.upgrade() else { return };
            match hub.store.reserve().await {
                Ok(permit) => promise.claim(|message, done| hub.commit_message(message, permit, done)),
                // The store is closed: the sender is never told that the message was taken.
                Err(error) => tracing::debug!(%error, "a message stays unstored"),
            }
        }
    }
}

fn take_due(waiting: &Waiting, due: &mut Vec<Arc<Promise>>) {
    let now = Instant::now();
    let mut queue = waiting.queue.lock();
    let count = queue.iter().take_while(|(at, _)| *at <= now).count();
    due.extend(queue.drain(..count).map(|(_, promise)| promise));
}
