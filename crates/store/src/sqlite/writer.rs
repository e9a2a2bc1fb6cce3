//! The one thread that writes. It commits what is waiting together, so that many lists share one write to the disk.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use parking_lot::{Mutex, RwLock};
use rusqlite::Connection;

use super::{Options, state::State, values::execute};
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
    /// Starts the thread, which changes `state` together with the tables. Whoever else locks it sees it as of a
    /// commit.
    pub(super) fn start<S: State>(
        connection: Connection,
        options: Options,
        state: Arc<Mutex<S>>,
    ) -> Result<Self, StoreError> {
        let (queue, lists) = mpsc::channel();
        let run = move || {
            Commits { connection, options, state, failing: false, broken: false, idle: false }.run(&lists)
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

/// How long nothing is to be written before it is time for what nobody waits for.
const IDLE_AFTER: Duration = Duration::from_millis(500);

/// How long what may wait waits for a commit of something else.
const NOTES_WAIT: Duration = Duration::from_millis(100);

struct Commits<S> {
    connection: Connection,
    options: Options,
    state: Arc<Mutex<S>>,
    failing: bool,
    /// Whether the state could not be restored after a failure.
    broken: bool,
    /// Whether nothing was to be written for a while.
    idle: bool,
}

impl<S: State> Commits<S> {
    fn run(mut self, lists: &Receiver<List>) {
        let mut noted_at = None;
        loop {
            let next = self.next(lists, noted_at);
            match next {
                Ok(first) => {
                    self.idle = false;
                    self.commit(Some(first), lists);
                }
                Err(RecvTimeoutError::Timeout) => self.commit_or_work(lists, noted_at),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let has_notes = self.state.lock().has_notes();
            noted_at = has_notes.then(|| noted_at.unwrap_or_else(Instant::now));
        }
        if self.state.lock().has_notes() {
            self.commit(None, lists);
        }
        self.aside(S::file);
    }

    /// The next list; a timeout where there is something else to do first.
    fn next(&self, lists: &Receiver<List>, noted_at: Option<Instant>) -> Result<List, RecvTimeoutError> {
        if self.has_chores() {
            return lists.recv_timeout(Duration::ZERO);
        }
        match noted_at {
            Some(noted_at) => lists.recv_timeout(NOTES_WAIT.saturating_sub(noted_at.elapsed())),
            None if self.has_idle_work() => {
                lists.recv_timeout(if self.idle { Duration::ZERO } else { IDLE_AFTER })
            }
            None => lists.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn has_chores(&self) -> bool {
        !self.failing && self.state.lock().has_chores()
    }

    fn has_idle_work(&self) -> bool {
        !self.failing && self.state.lock().has_idle_work()
    }

    fn commit_or_work(&mut self, lists: &Receiver<List>, noted_at: Option<Instant>) {
        if noted_at.is_some_and(|noted_at| noted_at.elapsed() >= NOTES_WAIT) {
            self.commit(None, lists);
        } else if self.has_chores() {
            self.aside(S::do_chore);
        } else {
            self.idle = true;
            self.aside(S::do_idle_work);
        }
    }

    /// Commits a list and those that wait behind it, and then tells each what it came to. Without a list, it commits
    /// what has waited.
    fn commit(&mut self, first: Option<List>, lists: &Receiver<List>) {
        if self.failing {
            // Where the disk is full, filing makes room.
            self.aside(S::file);
        }
        let started = Instant::now();
        let state = Arc::clone(&self.state);
        let mut state = state.lock();
        let before = state.notes();
        let (mut failure, mut open) = (None, false);
        let mut told = Vec::new();
        let mut next = first;
        if next.is_none() {
            (failure, open) = (self.begin(&mut state).err(), true);
        }
        while let Some(List { permit, changes, done }) = next.take() {
            if !open && failure.is_none() && !state.may_wait(&changes) {
                (failure, open) = (self.begin(&mut state).err(), true);
            }
            let result = match &failure {
                None => self.apply_list(&mut state, changes, &mut failure),
                Some(failure) => Err(failure.clone()),
            };
            if open && failure.is_none() && self.connection.is_autocommit() {
                // SQLite gave up the whole transaction, as it may when the disk is full.
                failure = Some(result.as_ref().err().cloned().unwrap_or_else(|| unavailable("rolled back")));
            }
            told.push((permit, done, result));
            if told.len() < self.options.batch_max && started.elapsed() < self.options.batch_wait {
                next = lists.try_recv().ok();
            }
        }
        if open && failure.is_none() {
            failure = self.end(&mut state).err();
        }
        if failure.is_some() {
            self.roll_back();
            self.restore(&mut state, before);
        }
        let due = state.is_due();
        drop(state);
        if open {
            self.note(failure.as_ref());
        }
        for (permit, done, result) in told {
            let result = failure.clone().map_or(result, Err);
            if catch_unwind(AssertUnwindSafe(|| done(result))).is_err() {
                tracing::error!("what waited for the store panicked when it was told");
            }
            drop(permit);
        }
        if due {
            self.aside(S::file);
        } else if self.has_chores() {
            self.aside(S::do_chore);
        }
    }

    fn begin(&mut self, state: &mut S) -> Result<(), StoreError> {
        self.roll_back();
        execute(&self.connection, "BEGIN IMMEDIATE", [])?;
        if self.broken {
            let notes = state.notes();
            state.restore(&self.connection, notes)?;
            self.broken = false;
        }
        Ok(())
    }

    fn end(&self, state: &mut S) -> Result<(), StoreError> {
        state.write_notes(&self.connection)?;
        execute(&self.connection, "COMMIT", [])?;
        state.committed();
        Ok(())
    }

    /// Ends a transaction that is still open. Where that fails too, the next one finds it open and tries again.
    fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = execute(&self.connection, "ROLLBACK", [])
        {
            tracing::error!(%error, "the store cannot roll back");
        }
    }

    fn restore(&mut self, state: &mut S, notes: S::Notes) {
        if let Err(error) = state.restore(&self.connection, notes) {
            tracing::error!(%error, "the store cannot read what it has");
            self.broken = true;
        }
    }

    /// Does something that says nothing new, in a transaction of its own: a crash may undo it, and does not lose
    /// anything then. It need not be on the disk before the next commit is.
    fn aside(&mut self, work: impl FnOnce(&mut S, &Connection) -> Result<(), StoreError>) {
        let state = Arc::clone(&self.state);
        let mut state = state.lock();
        let before = state.notes();
        let worked = self.without_waiting(&mut state, work);
        if let Err(error) = &worked {
            self.roll_back();
            self.restore(&mut state, before);
            self.note(Some(error));
        }
    }

    fn without_waiting(
        &mut self,
        state: &mut S,
        work: impl FnOnce(&mut S, &Connection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.roll_back();
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        let worked = self.begin(state).and_then(|()| {
            work(state, &self.connection)?;
            execute(&self.connection, "COMMIT", []).map(drop)
        });
        self.roll_back();
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        worked
    }

    /// Applies all changes of a list, or leaves nothing of it. Where that cannot be, it is the failure of the commit.
    fn apply_list(
        &mut self,
        state: &mut S,
        changes: Vec<Change>,
        failure: &mut Option<StoreError>,
    ) -> Result<Vec<Outcome>, StoreError> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        state.begin_list();
        if state.is_whole_by_itself(&changes) {
            let result = self.apply_all(state, changes);
            if let Err(error) = &result
                && state.is_touched()
            {
                *failure = Some(error.clone());
            }
            return result;
        }
        let before = state.notes();
        execute(&self.connection, "SAVEPOINT list", [])?;
        let mut result = self.apply_all(state, changes);
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
            return Err(error);
        }
        if result.is_err()
            && state.is_touched()
            && let Err(error) = state.restore(&self.connection, before)
        {
            *failure = Some(error.clone());
            result = Err(error);
        }
        result
    }

    fn apply_all(&self, state: &mut S, changes: Vec<Change>) -> Result<Vec<Outcome>, StoreError> {
        let apply_all = || changes.into_iter().map(|change| state.apply(&self.connection, change)).collect();
        catch_unwind(AssertUnwindSafe(apply_all)).unwrap_or_else(|_| {
            tracing::error!("applying changes to the store panicked");
            Err(unavailable("a mistake in the program stopped the changes"))
        })
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
    use tokio::sync::{Semaphore, oneshot};

    use super::*;

    const BREAK: &str = "break";
    const PANIC: &str = "panic";
    const LOSE: &str = "lose";

    /// Writes the value of a setting into the table `words`; some words do something else.
    #[derive(Default)]
    struct Words {
        /// What has been read from the tables last, and written since.
        known: Vec<String>,
    }

    impl State for Words {
        type Notes = ();

        fn apply(&mut self, connection: &Connection, change: Change) -> Result<Outcome, StoreError> {
            let Change::SetSetting { value, .. } = change else { return Err(unavailable("not a word")) };
            execute(connection, "INSERT INTO words VALUES (?1)", [&value])?;
            self.known.push(value.clone());
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

        fn restore(&mut self, connection: &Connection, (): ()) -> Result<(), StoreError> {
            self.known = words(connection);
            Ok(())
        }

        fn may_wait(&self, _: &[Change]) -> bool {
            false
        }

        fn is_whole_by_itself(&self, _: &[Change]) -> bool {
            false
        }

        fn begin_list(&mut self) {}

        fn is_touched(&self) -> bool {
            true
        }

        fn has_notes(&self) -> bool {
            false
        }

        fn notes(&self) {}

        fn write_notes(&mut self, _: &Connection) -> Result<(), StoreError> {
            Ok(())
        }

        fn committed(&mut self) {}

        fn is_due(&self) -> bool {
            false
        }

        fn file(&mut self, _: &Connection) -> Result<(), StoreError> {
            Ok(())
        }

        fn has_chores(&self) -> bool {
            false
        }

        fn do_chore(&mut self, _: &Connection) -> Result<(), StoreError> {
            Ok(())
        }

        fn has_idle_work(&self) -> bool {
            false
        }

        fn do_idle_work(&mut self, _: &Connection) -> Result<(), StoreError> {
            Ok(())
        }
    }

    fn words(connection: &Connection) -> Vec<String> {
        let mut statement = connection.prepare("SELECT word FROM words ORDER BY rowid").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    struct Bench {
        writer: Writer,
        state: Arc<Mutex<Words>>,
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
            let state = Arc::<Mutex<Words>>::default();
            let writer = Writer::start(connection, options, Arc::clone(&state)).unwrap();
            Self { writer, state, permits: Arc::new(Semaphore::new(8)), _folder: folder, reader }
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

        /// The words that are written, which are those that the state knows.
        fn words(&self) -> Vec<String> {
            let words = words(&self.reader);
            assert_eq!(self.state.lock().known, words);
            words
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
