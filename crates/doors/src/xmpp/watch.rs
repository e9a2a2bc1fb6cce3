use std::{
    collections::VecDeque,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{sync::Notify, task::AbortHandle, time::Instant};

use super::link::{Link, Looked};

/// How long after writing something that must arrive the client is asked whether it has, so that one question serves
/// for many messages. Without an archive the answer is waited for, and has to come before the message is stored.
const ASK_AFTER: Duration = Duration::from_millis(100);
const ASK_AFTER_UNSTORED: Duration = Duration::from_millis(40);

/// How often each connection is looked at.
const ROUND: Duration = Duration::from_secs(15);

/// What connections have to do later. Two tasks do it for all of them, so that a connection that waits has no timer:
/// whoever is put in last is due last.
pub(super) struct Watch {
    questions: Line,
    rounds: Line,
}

struct Line {
    waiting: Arc<Waiting>,
    delay: Duration,
    task: AbortHandle,
}

#[derive(Default)]
struct Waiting {
    links: Mutex<VecDeque<(Instant, Weak<Link>)>>,
    added: Notify,
}

impl Watch {
    /// Begins on the runtime that this is called in.
    pub(super) fn start(archive: bool) -> Self {
        let ask_after = if archive { ASK_AFTER } else { ASK_AFTER_UNSTORED };
        let ask = |link: &Link| {
            link.ask();
            Looked::Over
        };
        Self { questions: Line::start(ask_after, ask), rounds: Line::start(ROUND, Link::look) }
    }

    /// Has a connection ask its client before long.
    pub(super) fn ask(&self, link: Weak<Link>) {
        self.questions.put(link);
    }

    /// Has a connection looked at from time to time.
    pub(super) fn look_at(&self, link: Weak<Link>) {
        self.rounds.put(link);
    }
}

impl Line {
    fn start(delay: Duration, act: impl Fn(&Link) -> Looked + Send + 'static) -> Self {
        let waiting = Arc::<Waiting>::default();
        let task = tokio::spawn(run(waiting.clone(), delay, act)).abort_handle();
        Self { waiting, delay, task }
    }

    fn put(&self, link: Weak<Link>) {
        let mut links = self.waiting.links.lock();
        links.push_back((Instant::now() + self.delay, link));
        if links.len() == 1 {
            self.waiting.added.notify_one();
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(waiting: Arc<Waiting>, delay: Duration, act: impl Fn(&Link) -> Looked) {
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
