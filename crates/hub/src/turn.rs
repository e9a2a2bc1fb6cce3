//! Writing together what one piece of work produced.
//!
//! While a connection's task runs, the outboxes it has put something into are remembered, and each is written once:
//! a batch of stanzas that came with one read leaves with one write for each of their recipients, by the thread that
//! is awake anyway. What is put into outboxes outside of such a task is written by one task of the hub's.

use std::{
    cell::{Cell, RefCell},
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use parking_lot::Mutex;
use tokio::{sync::Notify, task::AbortHandle};

/// What takes an outbox's items to a client: a connection.
pub trait Outlet: Send + Sync {
    /// Writes what is ready in the outbox, as far as that goes without waiting.
    fn flush(&self);
}

thread_local! {
    static IN_TURN: Cell<bool> = const { Cell::new(false) };
    /// The outlets with something new since the turn began.
    static STIRRED: RefCell<Vec<Arc<dyn Outlet>>> = const { RefCell::new(Vec::new()) };
}

/// A task whose steps are turns: at the end of each, what it put into outboxes is written.
#[derive(Debug)]
pub struct Turns<F> {
    work: F,
}

impl<F: Future + Unpin> Turns<F> {
    /// Runs `work` in turns.
    pub fn new(work: F) -> Self {
        Self { work }
    }
}

impl<F: Future + Unpin> Future for Turns<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let turn = Turn::begin();
        let polled = Pin::new(&mut self.work).poll(context);
        drop(turn);
        polled
    }
}

/// Writes what was put into outboxes since the turn began: to be called before more is read.
pub fn flush() {
    loop {
        let mut stirred = STIRRED.take();
        if stirred.is_empty() {
            return;
        }
        for outlet in stirred.drain(..) {
            outlet.flush();
        }
        STIRRED.with_borrow_mut(|newer| {
            // The list is kept, so that the next turn allocates nothing.
            if newer.is_empty() {
                *newer = stirred;
            }
        });
    }
}

/// Ends the turn also where the work panics.
struct Turn;

impl Turn {
    fn begin() -> Self {
        IN_TURN.set(true);
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        flush();
        IN_TURN.set(false);
    }
}

/// Writes what was put into outboxes outside of any turn.
pub(crate) struct Flusher {
    waiting: Arc<Waiting>,
    task: AbortHandle,
}

#[derive(Default)]
struct Waiting {
    outlets: Mutex<Vec<Arc<dyn Outlet>>>,
    added: Notify,
}

impl Flusher {
    /// Begins on the runtime that this is called in.
    pub(crate) fn start() -> Self {
        let waiting = Arc::<Waiting>::default();
        let task = tokio::spawn(run(waiting.clone())).abort_handle();
        Self { waiting, task }
    }

    /// Has an outlet write soon: at the end of the turn where one is going on, or else by the flusher's task.
    pub(crate) fn stir(&self, outlet: Arc<dyn Outlet>) {
        if IN_TURN.get() {
            return STIRRED.with_borrow_mut(|stirred| stirred.push(outlet));
        }
        let mut outlets = self.waiting.outlets.lock();
        outlets.push(outlet);
        if outlets.len() == 1 {
            drop(outlets);
            self.waiting.added.notify_one();
        }
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Flusher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Flusher")
    }
}

async fn run(waiting: Arc<Waiting>) {
    let mut outlets = Vec::new();
    loop {
        std::mem::swap(&mut outlets, &mut *waiting.outlets.lock());
        if outlets.is_empty() {
            waiting.added.notified().await;
            continue;
        }
        for outlet in outlets.drain(..) {
            outlet.flush();
        }
        // Between two batches others have their turn.
        tokio::task::yield_now().await;
    }
}
