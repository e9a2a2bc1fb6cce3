use std::{
    collections::VecDeque,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{sync::Notify, task::AbortHandle, time::Instant};

/// What is to be done with each of many things after the same delay, by one task for all of them, so that none of them
/// has a timer: whoever is put in last is due last.
pub(crate) struct Line<T> {
    waiting: Arc<Waiting<T>>,
    delay: Duration,
    task: AbortHandle,
}

/// How a look at something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looked {
    /// It is to be looked at again, after the same delay.
    Serving,
    /// It is over.
    Over,
}

struct Waiting<T> {
    links: Mutex<VecDeque<(Instant, Weak<T>)>>,
    added: Notify,
}

impl<T: Send + Sync + 'static> Line<T> {
    /// Begins on the runtime that this is called in.
    pub(crate) fn start(delay: Duration, act: impl Fn(&T) -> Looked + Send + 'static) -> Self {
        let waiting = Arc::new(Waiting { links: Mutex::default(), added: Notify::new() });
        let task = tokio::spawn(run(waiting.clone(), delay, act)).abort_handle();
        Self { waiting, delay, task }
    }

    /// Puts something in, unless it is gone by then.
    pub(crate) fn put(&self, link: Weak<T>) {
        let mut links = self.waiting.links.lock();
        links.push_back((Instant::now() + self.delay, link));
        if links.len() == 1 {
            self.waiting.added.notify_one();
        }
    }
}

impl<T> Drop for Line<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run<T>(waiting: Arc<Waiting<T>>, delay: Duration, act: impl Fn(&T) -> Looked) {
    let mut due = Vec::new();
    loop {
        let first = waiting.links.lock().front().map(|(at, _)| *at);
        match first {
            None => waiting.added.notified().await,
            Some(at) => tokio::time::sleep_until(at).await,
        }
        let now = Instant::now();
        let mut links = waiting.links.lock();
        let count = links.iter().take_while(|(at, _)| *at <= now).count();
        due.extend(links.drain(..count).map(|(_, link)| link));
        drop(links);
        for link in due.drain(..) {
            let again = link.upgrade().is_some_and(|link| act(&link) == Looked::Serving);
            if again {
                waiting.links.lock().push_back((now + delay, link));
            }
        }
    }
}
