//! The tables, as numbered migrations. A migration that was released is never edited: a change is a new one.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::{
    absences, backup,
    migrations_alerts::{ALERT_ENGINE, ALERT_LEVELS},
    publications,
    schema_rooms::{FILES, READ_MARKS, ROOMS, WORDS},
    tokens,
};
use crate::StoreError;

/// What says in the file's header that it is a store of messngr: "msgr".
const APPLICATION_ID: i32 = 0x6d73_6772;

/// Each brings the schema from its index to its index + 1, which `user_version` says.
pub(super) const MIGRATIONS: &[&str] = &[
    FIRST,
    tokens::TABLE,
    absences::MIGRATION,
    ROOMS,
    FILES,
    WORDS,
    READ_MARKS,
    ALERT_ENGINE,
    publications::TABLES,
    publications::SCHEDULED,
    ALERT_LEVELS,
];

const FIRST: &str = "
-- A number is never given twice: who gets an address anew has nothing of who had it before.
CREATE TABLE accounts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE,
    netbios TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password TEXT NOT NULL,
    administrator INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    accepts_unverified INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE groups (
    name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
    name TEXT NOT NULL REFERENCES groups ON DELETE CASCADE,
    address TEXT NOT NULL REFERENCES accounts (address) ON DELETE CASCADE,
    PRIMARY KEY (name, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_address ON memberships (address, name);

CREATE TABLE contacts (
    owner TEXT NOT NULL REFERENCES accounts (address) ON DELETE CASCADE,
    address TEXT NOT NULL,
    name TEXT,
    labels TEXT NOT NULL,
    listed INTEGER NOT NULL,
    subscribed_to INTEGER NOT NULL,
    subscribed_from INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    asking INTEGER NOT NULL,
    approved INTEGER NOT NULL,
    PRIMARY KEY (owner, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_by_address ON contacts (address);

CREATE TABLE blocks (
    owner TEXT NOT NULL REFERENCES accounts (address) ON DELETE CASCADE,
    jid TEXT NOT NULL,
    PRIMARY KEY (owner, jid)
) STRICT, WITHOUT ROWID;

-- What an account has of its own: a card, preferences, tokens.
CREATE TABLE data (
    owner TEXT NOT NULL REFERENCES accounts (address) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT;
CREATE INDEX data_by_key ON data (key, owner);

-- The log: what was taken, in the order in which it was taken. `keep` is 1 in the sender's archive, 2 in the
-- recipient's, 3 in both. `clock` is the latest time known when it was taken, where that is not `accepted_at`.
CREATE TABLE messages (
    sequence INTEGER PRIMARY KEY,
    sender_account INTEGER,
    recipient_account INTEGER NOT NULL,
    keep INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    clock INTEGER,
    id BLOB NOT NULL UNIQUE,
    sender TEXT,
    unverified TEXT,
    recipient TEXT NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    words TEXT,
    subject TEXT,
    sender_id TEXT,
    native_protocol TEXT,
    native BLOB
) STRICT;

-- What has happened to messages and streams since the log was filed, one row a commit.
CREATE TABLE journal (
    entry INTEGER PRIMARY KEY,
    notes BLOB NOT NULL
) STRICT;

-- Up to where the log is filed: what comes after is not in the tables below but for `messages`.
CREATE TABLE filed (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    up_to INTEGER NOT NULL,
    clock INTEGER NOT NULL
) STRICT;
INSERT INTO filed (only, up_to, clock) VALUES (1, 0, -9223372036854775808);

CREATE TABLE pending (
    recipient INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (recipient, sequence)
) STRICT, WITHOUT ROWID;

-- Other people in archives, by whatever account they had.
CREATE TABLE peers (
    number INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE
) STRICT;

-- A person's archive in pieces of up to 256 places: peer 0 has all of it, the others have one conversation each.
CREATE TABLE archive (
    owner INTEGER NOT NULL,
    peer INTEGER NOT NULL,
    first INTEGER NOT NULL,
    places INTEGER NOT NULL,
    sequences BLOB NOT NULL,
    PRIMARY KEY (owner, peer, first)
) STRICT, WITHOUT ROWID;

-- What a repeat is recognised by, in runs that are sorted into buckets. It outlives the message.
CREATE TABLE repeat_runs (
    run INTEGER PRIMARY KEY AUTOINCREMENT,
    entries INTEGER NOT NULL,
    newest_at INTEGER NOT NULL,
    forgotten_before INTEGER NOT NULL
) STRICT;
CREATE TABLE repeats (
    run_and_bucket INTEGER PRIMARY KEY,
    entries BLOB NOT NULL
) STRICT;

-- What is taken out of archives piece by piece.
CREATE TABLE chores (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject INTEGER NOT NULL
) STRICT;

CREATE TABLE streams (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    address TEXT NOT NULL REFERENCES accounts (address) ON DELETE CASCADE,
    resource TEXT NOT NULL,
    received INTEGER NOT NULL,
    presence TEXT,
    touched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX streams_by_address ON streams (address);

CREATE TABLE stream_deliveries (
    stream INTEGER NOT NULL REFERENCES streams ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    item BLOB NOT NULL,
    PRIMARY KEY (stream, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
    id BLOB NOT NULL PRIMARY KEY,
    alert TEXT NOT NULL,
    state TEXT NOT NULL,
    effective_at INTEGER NOT NULL,
    open INTEGER NOT NULL
) STRICT;
CREATE INDEX alerts_by_time ON alerts (effective_at, id);
CREATE INDEX alerts_open ON alerts (effective_at, id) WHERE open;

-- `open` repeats the alert's, so that a person's open alerts are found without reading their closed ones.
CREATE TABLE receipts (
    alert BLOB NOT NULL REFERENCES alerts ON DELETE CASCADE,
    recipient TEXT NOT NULL,
    stage TEXT NOT NULL,
    delivered_at INTEGER,
    seen_at INTEGER,
    confirmation TEXT,
    failure TEXT,
    open INTEGER NOT NULL,
    PRIMARY KEY (alert, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipts_open ON receipts (recipient) WHERE open;

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor TEXT,
    subject TEXT,
    detail TEXT,
    salt BLOB,
    commitment BLOB NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Says which schema a file has: 0 for an empty one. Refuses a newer one, and a database that is not a store.
pub(super) fn version(connection: &Connection, file: &Path, known: usize) -> Result<usize, StoreError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, found) = (number("application_id")?, number("user_version")?);
    let empty = !connection.prepare("SELECT 1 FROM sqlite_schema")?.exists([])?;
    if empty && application == 0 && found == 0 {
        return Ok(0);
    }
    let found = u32::try_from(found).unwrap_or(0);
    if application != APPLICATION_ID || found == 0 {
        return Err(StoreError::Corrupt { why: format!("{} is not a store of messngr", file.display()) });
    }
    let known = u32::try_from(known).unwrap_or(u32::MAX);
    if found > known {
        return Err(StoreError::Newer { file: file.display().to_string(), found, known });
    }
    Ok(found as usize)
}

/// Brings a store up to the newest of `migrations`, one transaction each. One that is not new is copied to
/// `<file>.before-<newest>` first.
pub(super) fn migrate(
    connection: &mut Connection,
    file: &Path,
    migrations: &[&str],
) -> Result<(), StoreError> {
    let found = version(connection, file, migrations.len())?;
    if found > 0 && found < migrations.len() {
        backup::copy(connection, &before(file, migrations.len()))?;
    }
    for (index, migration) in migrations.iter().enumerate().skip(found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", u32::try_from(index + 1).unwrap_or(u32::MAX))?;
        transaction.commit()?;
        tracing::info!(schema = index + 1, "the store has a new schema");
    }
    Ok(())
}

fn before(file: &Path, newest: usize) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".before-{newest}"));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "CREATE TABLE one (a INTEGER); INSERT INTO one VALUES (7);";
    const TWO: &str = "ALTER TABLE one ADD COLUMN b INTEGER DEFAULT 8;";
    const BROKEN: &str = "CREATE TABLE three (a INTEGER); INSERT INTO nowhere VALUES (1);";

    fn opened(file: &Path) -> Connection {
        Connection::open(file).unwrap()
    }

    #[test]
    fn an_older_store_is_copied_and_then_migrated_with_what_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.db");
        migrate(&mut opened(&file), &file, &[ONE]).unwrap();
        migrate(&mut opened(&file), &file, &[ONE, TWO]).unwrap();
        let sum = |file: &Path, sql| opened(file).query_row(sql, [], |row| row.get::<_, i64>(0));
        assert_eq!(sum(&file, "SELECT a + b FROM one"), Ok(15));
        let copy = folder.path().join("store.db.before-2");
        assert_eq!(sum(&copy, "SELECT a FROM one"), Ok(7));
        assert_eq!(version(&opened(&copy), &copy, 2), Ok(1));
    }

    #[test]
    fn a_new_store_is_not_copied() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.db");
        migrate(&mut opened(&file), &file, &[ONE, TWO]).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_migration_that_fails_leaves_the_schema_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.db");
        let mut connection = opened(&file);
        migrate(&mut connection, &file, &[ONE]).unwrap();
        assert!(migrate(&mut connection, &file, &[ONE, TWO, BROKEN]).is_err());
        assert_eq!(version(&connection, &file, 3), Ok(2));
        assert!(connection.prepare("SELECT * FROM three").is_err());
        migrate(&mut connection, &file, &[ONE, TWO]).unwrap();
    }

    #[test]
    fn a_database_of_something_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.db");
        let mut connection = opened(&file);
        connection.execute_batch("CREATE TABLE theirs (a)").unwrap();
        assert!(matches!(migrate(&mut connection, &file, &[ONE]), Err(StoreError::Corrupt { .. })));
        assert!(connection.prepare("SELECT * FROM one").is_err());
    }
}
