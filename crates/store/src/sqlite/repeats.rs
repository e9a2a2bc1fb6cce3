//! What repeats are recognised by: 16 bytes for each message that its sender gave an id. They lie in runs, each sorted into
//! buckets, and a filter in memory says for nearly every new id that no run has it.

use jiff::Timestamp;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::values::{all, execute, first, nanoseconds, sql_limit};
use crate::StoreError;

/// The beginning of the SHA-256 of who wrote what to whom under which id of their own.
pub(super) type OwnId = [u8; 16];

/// What makes a message a repeat: all of it the same.
pub(super) struct Repeated<'a> {
    /// The number of the sender's account, and of the recipient's.
    pub(super) between: (i64, i64),
    /// The sender's own id.
    pub(super) sender_id: &'a str,
    /// What kind of content it is, its words, and its subject.
    pub(super) said: (&'a str, Option<&'a str>, Option<&'a str>),
}

/// A run that has fewer is put together with others of its kind.
const RUN_MIN: usize = 65_536;
const SMALL_RUNS_MAX: usize = 16;
const BUCKET_ENTRIES: usize = 96;
const BUCKETS_MAX: usize = 1 << 16;
const FILTER_BITS_PER_ENTRY: usize = 16;
const ENTRY_BYTES: usize = 24;

/// The runs there are.
#[derive(Default)]
pub(super) struct Runs(Vec<Run>);

struct Run {
    number: i64,
    entries: usize,
    newest_at: i64,
    forgotten_before: i64,
    filter: Filter,
}

/// Some programs use one id for what they send to several people, or for two things that they say: neither is a repeat.
pub(super) fn own_id(repeated: &Repeated<'_>) -> OwnId {
    let Repeated { between: (sender, recipient), sender_id, said: (kind, words, subject) } = repeated;
    let mut digest = Sha256::new();
    digest.update(sender.to_le_bytes());
    digest.update(recipient.to_le_bytes());
    for text in [Some(*sender_id), Some(*kind), *words, *subject] {
        // None is told apart from an empty text, and each text from the next.
        digest.update(text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
        digest.update(text.unwrap_or_default());
    }
    let mut own_id = [0; 16];
    own_id.copy_from_slice(&digest.finalize()[..16]);
    own_id
}

impl Runs {
    /// Reads all runs once, for their filters.
    pub(super) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let sql = "SELECT run, entries, newest_at, forgotten_before FROM repeat_runs ORDER BY run";
        let mut runs = all(connection, sql, [], |row| {
            let entries = super::values::count(row.get(1)?);
            let filter = Filter::for_entries(entries.min(BUCKETS_MAX * BUCKET_ENTRIES));
            Ok(Run {
                number: row.get(0)?,
                entries,
                newest_at: row.get(2)?,
                forgotten_before: row.get(3)?,
                filter,
            })
        })?;
        for run in &mut runs {
            read_run(connection, run.number)?.iter().for_each(|(own_id, _)| run.filter.add(own_id));
        }
        Ok(Self(runs))
    }

    /// Whether an id was used and is not forgotten.
    pub(super) fn have(&self, connection: &Connection, own_id: &OwnId) -> Result<bool, StoreError> {
        for run in self.0.iter().filter(|run| run.filter.may_have(own_id)) {
            let sql = "SELECT entries FROM repeats WHERE run_and_bucket = ?1";
            let key = run_and_bucket(run.number, bucket(own_id, run.entries));
            let entries: Option<Vec<u8>> = first(connection, sql, [key], |row| Ok(row.get(0)?))?;
            let entries = entries.unwrap_or_default();
            let used = split(&entries).find(|(found, _)| found == own_id);
            if used.is_some_and(|(_, at)| at >= run.forgotten_before) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes ids as a run, together with the small runs once those are many.
    pub(super) fn add(
        &mut self,
        connection: &Connection,
        mut entries: Vec<(OwnId, i64)>,
    ) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        if self.0.iter().filter(|run| run.entries < RUN_MIN).count() >= SMALL_RUNS_MAX {
            for run in self.0.extract_if(.., |run| run.entries < RUN_MIN) {
                let known = read_run(connection, run.number)?.into_iter();
                entries.extend(known.filter(|(_, at)| *at >= run.forgotten_before));
                delete_run(connection, run.number)?;
            }
        }
        let count = entries.len();
        entries.sort_unstable_by_key(|(own_id, _)| bucket(own_id, count));
        let newest_at = entries.iter().map(|(_, at)| *at).max().unwrap_or(i64::MIN);
        let sql = "INSERT INTO repeat_runs (entries, newest_at, forgotten_before) VALUES (?1, ?2, ?3)";
        execute(connection, sql, (sql_limit(count), newest_at, i64::MIN))?;
        let number = connection.last_insert_rowid();
        let mut filter = Filter::for_entries(count);
        for one_bucket in entries.chunk_by(|(one, _), (other, _)| bucket(one, count) == bucket(other, count))
        {
            let mut bytes = Vec::with_capacity(one_bucket.len() * ENTRY_BYTES);
            for (own_id, at) in one_bucket {
                filter.add(own_id);
                bytes.extend_from_slice(own_id);
                bytes.extend_from_slice(&at.to_le_bytes());
            }
            let key = run_and_bucket(number, bucket(&one_bucket[0].0, count));
            execute(
                connection,
                "INSERT INTO repeats (run_and_bucket, entries) VALUES (?1, ?2)",
                (key, bytes),
            )?;
        }
        self.0.push(Run { number, entries: count, newest_at, forgotten_before: i64::MIN, filter });
        Ok(())
    }

    /// Forgets the ids used before then.
    pub(super) fn forget(&mut self, connection: &Connection, before: Timestamp) -> Result<(), StoreError> {
        let before = nanoseconds(before)?;
        for run in self.0.extract_if(.., |run| run.newest_at < before) {
            delete_run(connection, run.number)?;
        }
        for run in self.0.iter_mut().filter(|run| run.forgotten_before < before) {
            let sql = "UPDATE repeat_runs SET forgotten_before = ?2 WHERE run = ?1";
            execute(connection, sql, (run.number, before))?;
            run.forgotten_before = before;
        }
        Ok(())
    }
}

/// Where a run keeps an id.
fn bucket(own_id: &OwnId, entries: usize) -> usize {
    let buckets = entries.div_ceil(BUCKET_ENTRIES).clamp(1, BUCKETS_MAX);
    usize::from(u16::from_le_bytes([own_id[14], own_id[15]])) * buckets / BUCKETS_MAX
}

fn run_and_bucket(run: i64, bucket: usize) -> i64 {
    (run << 16) | i64::try_from(bucket).unwrap_or(0)
}

fn read_run(connection: &Connection, run: i64) -> Result<Vec<(OwnId, i64)>, StoreError> {
    let sql = "SELECT entries FROM repeats WHERE run_and_bucket BETWEEN ?1 AND ?2";
    let range = (run_and_bucket(run, 0), run_and_bucket(run, BUCKETS_MAX - 1));
    let buckets: Vec<Vec<u8>> = all(connection, sql, range, |row| Ok(row.get(0)?))?;
    Ok(buckets.iter().flat_map(|bucket| split(bucket)).collect())
}

fn delete_run(connection: &Connection, run: i64) -> Result<(), StoreError> {
    let range = (run_and_bucket(run, 0), run_and_bucket(run, BUCKETS_MAX - 1));
    execute(connection, "DELETE FROM repeats WHERE run_and_bucket BETWEEN ?1 AND ?2", range)?;
    execute(connection, "DELETE FROM repeat_runs WHERE run = ?1", [run]).map(drop)
}

fn split(bucket: &[u8]) -> impl Iterator<Item = (OwnId, i64)> {
    bucket.as_chunks::<ENTRY_BYTES>().0.iter().map(|entry| {
        let (mut own_id, mut at) = ([0; 16], [0; 8]);
        own_id.copy_from_slice(&entry[..16]);
        at.copy_from_slice(&entry[16..]);
        (own_id, i64::from_le_bytes(at))
    })
}

/// A Bloom filter with four bits for each id.
struct Filter(Vec<u64>);

impl Filter {
    fn for_entries(entries: usize) -> Self {
        Self(vec![0; (entries * FILTER_BITS_PER_ENTRY).next_power_of_two().max(64) / 64])
    }

    fn add(&mut self, own_id: &OwnId) {
        for (word, bit) in places(own_id, self.0.len()) {
            self.0[word] |= bit;
        }
    }

    fn may_have(&self, own_id: &OwnId) -> bool {
        places(own_id, self.0.len()).all(|(word, bit)| self.0[word] & bit != 0)
    }
}

/// Words and the bits in them; `words` is a power of two.
fn places(own_id: &OwnId, words: usize) -> impl Iterator<Item = (usize, u64)> {
    own_id.as_chunks::<4>().0.iter().map(move |part| {
        let number = u32::from_le_bytes(*part) as usize;
        ((number >> 6) & (words - 1), 1 << (number & 63))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(super::super::schema::MIGRATIONS[0]).unwrap();
        connection
    }

    fn id_of(between: (i64, i64), sender_id: &str) -> OwnId {
        own_id(&Repeated { between, sender_id, said: ("text", Some("words"), None) })
    }

    fn ids(numbers: std::ops::Range<i64>) -> Vec<(OwnId, i64)> {
        numbers.map(|number| (id_of((1, 2), &number.to_string()), number)).collect()
    }

    fn known(runs: &Runs, connection: &Connection, numbers: std::ops::Range<i64>) -> usize {
        let is_known = |(id, _): &(OwnId, i64)| runs.have(connection, id).unwrap();
        ids(numbers).iter().filter(|id| is_known(id)).count()
    }

    #[test]
    fn what_was_used_is_known_in_whatever_run_and_nothing_else_is() {
        let connection = opened();
        let mut runs = Runs::default();
        for part in 0..40 {
            runs.add(&connection, ids(part * 100..(part + 1) * 100)).unwrap();
        }
        assert!(runs.0.len() <= SMALL_RUNS_MAX + 1, "small runs are put together: {}", runs.0.len());
        for runs in [&runs, &Runs::load(&connection).unwrap()] {
            assert_eq!(known(runs, &connection, 0..4_000), 4_000);
            assert_eq!(known(runs, &connection, 4_000..8_000), 0);
            assert!(!runs.have(&connection, &id_of((3, 2), "7")).unwrap(), "another sender's id is its own");
        }
    }

    #[test]
    fn an_id_is_of_one_sender_one_recipient_and_one_thing_said() {
        let repeated = |between, sender_id, said| own_id(&Repeated { between, sender_id, said });
        let said = ("text", Some("words"), None);
        let first = repeated((1, 2), "7", said);
        assert_eq!(first, repeated((1, 2), "7", said));
        for other in [
            repeated((1, 3), "7", said),
            repeated((2, 1), "7", said),
            repeated((1, 2), "8", said),
            repeated((1, 2), "7t", ("ext", Some("words"), None)),
            repeated((1, 2), "7", ("delivered", Some("words"), None)),
            repeated((1, 2), "7", ("text", Some("word"), Some("s"))),
            repeated((1, 2), "7", ("text", Some("words"), Some(""))),
            repeated((1, 2), "7", ("text", None, None)),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn what_is_forgotten_is_not_known_also_after_runs_were_put_together() {
        let connection = opened();
        let mut runs = Runs::default();
        runs.add(&connection, ids(0..100)).unwrap();
        runs.add(&connection, ids(100..200)).unwrap();
        runs.forget(&connection, Timestamp::from_nanosecond(150).unwrap()).unwrap();
        assert_eq!(runs.0.len(), 1, "a run of nothing but forgotten ids is gone");
        for part in 0..20 {
            assert_eq!(known(&runs, &connection, 0..200), 50);
            assert_eq!(known(&Runs::load(&connection).unwrap(), &connection, 0..200), 50);
            runs.add(&connection, ids(1_000 + part..1_001 + part)).unwrap();
        }
    }
}
