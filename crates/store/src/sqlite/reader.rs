//! A few threads that read, each with its own connection. A read sees every commit that was told before it began.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};

use parking_lot::{Mutex, RwLock};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StoreError;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// The queue and the threads that empty it. It is as long as there are callers waiting.
pub(super) struct Readers {
    queue: RwLock<Option<Sender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    /// Starts one thread for each connection.
    pub(super) fn start(connections: impl IntoIterator<Item = Connection>) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel();
        let jobs = Arc::new(Mutex::new(jobs));
        let start = |connection| {
            let jobs = Arc::clone(&jobs);
            let thread = thread::Builder::new().name("store-reader".to_owned());
            thread.spawn(move || run(&connection, &jobs))
        };
        let threads = connections.into_iter().map(start).collect::<Result<_, _>>()?;
        Ok(Self { queue: RwLock::new(Some(queue)), threads: Mutex::new(threads) })
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
        self.queue.read().as_ref().and_then(|queue| queue.send(job).ok()).ok_or(StoreError::Closed)?;
        receiver.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Takes no more queries, and returns when all that were taken are answered.
    pub(super) fn close(&self) {
        drop(self.queue.write().take());
        for thread in self.threads.lock().drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that reads the store ended in a panic");
            }
        }
    }
}

fn run(connection: &Connection, jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().recv();
        let Ok(job) = job else { return };
        job(connection);
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
