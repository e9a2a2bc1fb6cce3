//! The one thread that writes. It commits what is waiting together, so that many lists share one write to the disk.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{self, Receiver, Sender},
    thread::{self, JoinHandle},
    time::Instant,
};

use parking_lot::{Mutex, RwLock};
use rusqlite::Connection;

use super::{Options, values::execute};
use crate::{Change, Done, Outcome, Permit, StoreError};

/// The queue and the thread that empties it.
pub(super) struct Writer {
    queue: RwLock<Option<Sender<List>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Changes that succeed or fail together.
struct List {
    permit: Permit,
    changes: Vec<Change>,
    done: Done,
}

impl Writer {
    /// Starts the thread; `apply` carries out one change inside the transaction that is open.
    pub(super) fn start(
        connection: Connection,
        options: Options,
        apply: impl Fn(&Connection, Change) -> Result<Outcome, StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let (queue, lists) = mpsc::channel();
        let run = move || {
            let mut commits = Commits { connection, options, apply, failing: false };
            while let Ok(first) = lists.recv() {
                commits.commit(first, &lists);
            }
        };
        let thread = thread::Builder::new().name("store-writer".to_owned()).spawn(run)?;
        Ok(Self { queue: RwLock::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Queues a list. After [`Writer::close`] it is refused.
    pub(super) fn submit(&self, permit: Permit, changes: Vec<Change>, done: Done) {
        let list = List { permit, changes, done };
        let refused = match self.queue.read().as_ref() {
            Some(queue) => queue.send(list).err().map(|error| error.0),
            None => Some(list),
        };
        if let Some(list) = refused {
            (list.done)(Err(StoreError::Closed));
        }
    }

    /// Takes no more lists, and returns when all that were taken are told.
    pub(super) fn close(&self) {
        drop(self.queue.write().take());
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes the store ended in a panic");
        }
    }
}

struct Commits<Apply> {
    connection: Connection,
    options: Options,
    apply: Apply,
    failing: bool,
}

impl<Apply: Fn(&Connection, Change) -> Result<Outcome, StoreError>> Commits<Apply> {
    /// Commits a list and those that wait behind it, and then tells each what it came to.
    fn commit(&mut self, first: List, lists: &Receiver<List>) {
        let started = Instant::now();
        let mut failure = self.begin().err();
        let mut told = Vec::new();
        let mut next = Some(first);
        while let Some(List { permit, changes, done }) = next.take() {
            let result = match &failure {
                None => self.apply_list(changes),
                Some(failure) => Err(failure.clone()),
            };
            if failure.is_none() && self.connection.is_autocommit() {
                // SQLite gave up the whole transaction, as it may when the disk is full.
                failure = Some(result.as_ref().err().cloned().unwrap_or_else(|| unavailable("rolled back")));
            }
            told.push((permit, done, result));
            if told.len() < self.options.batch_max && started.elapsed() < self.options.batch_wait {
                next = lists.try_recv().ok();
            }
        }
        let failure = failure.or_else(|| self.end().err());
        self.note(failure.as_ref());
        for (permit, done, result) in told {
            let result = failure.clone().map_or(result, Err);
            if catch_unwind(AssertUnwindSafe(|| done(result))).is_err() {
                tracing::error!("what waited for the store panicked when it was told");
            }
            drop(permit);
        }
    }

    fn begin(&self) -> Result<(), StoreError> {
        self.roll_back();
        execute(&self.connection, "BEGIN IMMEDIATE", []).map(drop)
    }

    fn end(&self) -> Result<(), StoreError> {
        let ended = execute(&self.connection, "COMMIT", []).map(drop);
        self.roll_back();
        ended
    }

    /// Ends a transaction that is still open. Where that fails too, the next one finds it open and tries again.
    fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = execute(&self.connection, "ROLLBACK", [])
        {
            tracing::error!(%error, "the store cannot roll back");
        }
    }

    /// Applies all changes of a list, or leaves nothing of it.
    fn apply_list(&self, changes: Vec<Change>) -> Result<Vec<Outcome>, StoreError> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        execute(&self.connection, "SAVEPOINT list", [])?;
        let apply_all = || changes.into_iter().map(|change| (self.apply)(&self.connection, change)).collect();
        let mut result: Result<Vec<Outcome>, StoreError> = catch_unwind(AssertUnwindSafe(apply_all))
            .unwrap_or_else(|_| {
                tracing::error!("applying changes to the store panicked");
                Err(unavailable("a mistake in the program stopped the changes"))
            });
        if self.connection.is_autocommit() {
            return result;
        }
        if result.is_err()
            && let Err(error) = execute(&self.connection, "ROLLBACK TO list", [])
        {
            // The savepoint must not become part of the commit.
            self.roll_back();
            return Err(error);
        }
        if let Err(error) = execute(&self.connection, "RELEASE list", []) {
            self.roll_back();
            result = Err(error);
        }
        result
    }

    /// Says once that writing fails, and once that it works again.
    fn note(&mut self, failure: Option<&StoreError>) {
        match failure {
            Some(error) if !self.failing => tracing::error!(%error, "the store cannot be written"),
            None if self.failing => tracing::info!("the store can be written again"),
            _ => {}
        }
        self.failing = failure.is_some();
    }
}

fn unavailable(why: &str) -> StoreError {
    StoreError::Unavailable { why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use tokio::sync::{Semaphore, oneshot};

    use super::*;

    const BREAK: &str = "break";
    const PANIC: &str = "panic";
    const LOSE: &str = "lose";

    /// Writes the value of a setting into the table `words`; some words do something else.
    fn apply(connection: &Connection, change: Change) -> Result<Outcome, StoreError> {
        let Change::SetSetting { value, .. } = change else { return Err(unavailable("not a word")) };
        execute(connection, "INSERT INTO words VALUES (?1)", [&value])?;
        match value.as_str() {
            BREAK => Err(StoreError::Missing { what: value }),
            PANIC => panic!("asked to"),
            LOSE => {
                connection.execute_batch("ROLLBACK")?;
                Err(unavailable("full"))
            }
            _ => Ok(Outcome::Done),
        }
    }

    struct Bench {
        writer: Writer,
        permits: Arc<Semaphore>,
        _folder: tempfile::TempDir,
        reader: Connection,
    }

    impl Bench {
        fn new() -> Self {
            Self::with(256)
        }

        fn with(batch_max: usize) -> Self {
            let options = Options { batch_max, batch_wait: Duration::MAX, ..Options::default() };
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("words.db");
            let (connection, reader) = (Connection::open(&file).unwrap(), Connection::open(&file).unwrap());
            connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE words (word TEXT)").unwrap();
            let writer = Writer::start(connection, options, apply).unwrap();
            Self { writer, permits: Arc::new(Semaphore::new(8)), _folder: folder, reader }
        }

        fn submit(&self, words: &[&str], done: Done) {
            let permit = Permit::new(Arc::clone(&self.permits).try_acquire_owned().unwrap());
            let change = |word: &&str| Change::SetSetting { key: String::new(), value: (*word).to_owned() };
            self.writer.submit(permit, words.iter().map(change).collect(), done);
        }

        fn say(&self, words: &[&str]) -> oneshot::Receiver<Result<Vec<Outcome>, StoreError>> {
            let (sender, receiver) = oneshot::channel();
            self.submit(words, Box::new(move |result| drop(sender.send(result))));
            receiver
        }

        /// Holds the writer until the returned sender is used, so that what is said meanwhile shares one commit.
        fn hold(&self) -> mpsc::Sender<()> {
            let (release, held) = mpsc::channel();
            let (sender, holding) = mpsc::channel();
            let done = move |_| {
                sender.send(()).unwrap();
                held.recv().unwrap();
            };
            self.submit(&[], Box::new(done));
            holding.recv().unwrap();
            release
        }

        fn words(&self) -> Vec<String> {
            let mut statement = self.reader.prepare("SELECT word FROM words ORDER BY rowid").unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
        }
    }

    #[tokio::test]
    async fn a_list_that_fails_or_panics_leaves_nothing_and_the_others_of_its_commit_stay() {
        let bench = Bench::new();
        let release = bench.hold();
        let lists = [&["a"][..], &["b", BREAK], &["c"], &["d", PANIC], &["e", "f"]];
        let told = lists.map(|words| bench.say(words));
        release.send(()).unwrap();
        let mut results = Vec::new();
        for receiver in told {
            results.push(receiver.await.unwrap());
        }
        assert_eq!(results[0], Ok(vec![Outcome::Done]));
        assert_eq!(results[1], Err(StoreError::Missing { what: BREAK.to_owned() }));
        assert!(matches!(results[3], Err(StoreError::Unavailable { .. })));
        assert_eq!(results[4], Ok(vec![Outcome::Done; 2]));
        assert_eq!(bench.words(), ["a", "c", "e", "f"]);
    }

    #[tokio::test]
    async fn a_commit_that_is_lost_is_refused_to_everyone_in_it_and_the_next_is_tried_anew() {
        let bench = Bench::new();
        let release = bench.hold();
        let told = [["a"], [LOSE], ["b"]].map(|words| bench.say(&words));
        release.send(()).unwrap();
        for receiver in told {
            assert_eq!(receiver.await.unwrap(), Err(unavailable("full")));
        }
        assert_eq!(bench.say(&["c"]).await.unwrap(), Ok(vec![Outcome::Done]));
        assert_eq!(bench.words(), ["c"]);
    }

    #[tokio::test]
    async fn a_commit_takes_no_more_lists_than_it_may() {
        let bench = Bench::with(2);
        let release = bench.hold();
        let told = [["a"], [LOSE], ["b"]].map(|words| bench.say(&words));
        release.send(()).unwrap();
        let [a, _, b] = told;
        assert_eq!(a.await.unwrap(), Err(unavailable("full")));
        assert_eq!(b.await.unwrap(), Ok(vec![Outcome::Done]), "this one is in the next commit");
    }

    #[tokio::test]
    async fn who_panics_when_told_takes_nobody_along_and_gives_its_place_back() {
        let bench = Bench::new();
        bench.submit(&["a"], Box::new(|_| panic!("asked to")));
        assert_eq!(bench.say(&["b"]).await.unwrap(), Ok(vec![Outcome::Done]));
        bench.writer.close();
        assert_eq!(bench.permits.available_permits(), 8);
    }

    #[tokio::test]
    async fn everything_taken_before_closing_is_written_in_order_and_what_comes_later_is_refused() {
        let bench = Bench::new();
        let release = bench.hold();
        let (order, told) = mpsc::channel();
        for word in ["a", "b", "c"] {
            let order = order.clone();
            bench.submit(&[word], Box::new(move |_| order.send(word).unwrap()));
        }
        release.send(()).unwrap();
        bench.writer.close();
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(bench.words(), ["a", "b", "c"]);
        assert_eq!(bench.say(&["d"]).await.unwrap(), Err(StoreError::Closed));
    }
}
