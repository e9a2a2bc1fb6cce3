//! A few threads that read, each with its own connection. A read sees every commit that was told before it began.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::{self, JoinHandle},
};

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StoreError;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// The queue and the threads that empty it. It is as long as there are callers waiting.
pub(super) struct Readers {
    queue: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Jobs, and a bell for each: one thread wakes for one job, because waking costs more than most reads do.
#[derive(Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    bell: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    closed: bool,
}

impl Readers {
    /// Starts one thread for each connection.
    pub(super) fn start(connections: impl IntoIterator<Item = Connection>) -> Result<Self, StoreError> {
        let queue = Arc::<Queue>::default();
        let start = |connection| {
            let queue = Arc::clone(&queue);
            let thread = thread::Builder::new().name("store-reader".to_owned());
            thread.spawn(move || queue.run(&connection))
        };
        let threads = connections.into_iter().map(start).collect::<Result<_, _>>()?;
        Ok(Self { queue, threads: Mutex::new(threads) })
    }

    /// Runs `query` on one of the threads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            if sender.is_closed() {
                return;
            }
            let result = catch_unwind(AssertUnwindSafe(|| query(connection))).unwrap_or_else(|_| {
                tracing::error!("reading the store panicked");
                Err(StoreError::Unavailable {
                    why: "a mistake in the program stopped the reading".to_owned(),
                })
            });
            drop(sender.send(result));
        });
        self.queue.push(job)?;
        receiver.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Takes no more queries, and returns when all that were taken are answered.
    pub(super) fn close(&self) {
        self.queue.close();
        for thread in self.threads.lock().drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that reads the store ended in a panic");
            }
        }
    }
}

impl Queue {
    fn push(&self, job: Job) -> Result<(), StoreError> {
        let mut jobs = self.jobs.lock();
        if jobs.closed {
            return Err(StoreError::Closed);
        }
        jobs.waiting.push_back(job);
        drop(jobs);
        self.bell.notify_one();
        Ok(())
    }

    fn close(&self) {
        self.jobs.lock().closed = true;
        self.bell.notify_all();
    }

    /// Does jobs until the queue is closed and empty.
    fn run(&self, connection: &Connection) {
        while let Some(job) = self.next() {
            job(connection);
        }
    }

    fn next(&self) -> Option<Job> {
        let mut jobs = self.jobs.lock();
        loop {
            match jobs.waiting.pop_front() {
                Some(job) => return Some(job),
                None if jobs.closed => return None,
                None => self.bell.wait(&mut jobs),
            }
        }
    }
}

/// The threads end where nobody can give them jobs any more.
impl Drop for Readers {
    fn drop(&mut self) {
        self.queue.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_query_that_panics_is_answered_and_the_thread_goes_on() {
        let readers = Readers::start([Connection::open_in_memory().unwrap()]).unwrap();
        let panicked = readers.read(|_| -> Result<(), StoreError> { panic!("asked to") }).await;
        assert!(matches!(panicked, Err(StoreError::Unavailable { .. })));
        assert_eq!(readers.read(|_| Ok(7)).await, Ok(7));
        readers.close();
        assert_eq!(readers.read(|_| Ok(7)).await, Err(StoreError::Closed));
    }
}
