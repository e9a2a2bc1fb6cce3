use std::collections::BTreeMap;

use domain::{Absence, Address, Answer, MessageId};
use jiff::Timestamp;
use rusqlite::Connection;

use super::{
    accounts,
    values::{all, execute, exists, from_json, nanoseconds, parsed, to_json},
};
use crate::{AbsenceRecord, Outcome, StoreError};

/// The tables, and the mark of messages that a program sent by itself.
pub(super) const MIGRATION: &str = "
CREATE TABLE absences (
    owner TEXT NOT NULL PRIMARY KEY REFERENCES accounts (address) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    absence TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Whom an absence was told. `owed` is the answer that is not given yet.
CREATE TABLE answers (
    owner TEXT NOT NULL REFERENCES absences (owner) ON DELETE CASCADE,
    correspondent TEXT NOT NULL,
    owed TEXT,
    PRIMARY KEY (owner, correspondent)
) STRICT, WITHOUT ROWID;

ALTER TABLE messages ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0;
";

pub(super) fn set(
    connection: &Connection,
    owner: &Address,
    absence: Option<&Absence>,
) -> Result<(), StoreError> {
    accounts::require(connection, owner)?;
    execute(connection, "DELETE FROM absences WHERE owner = ?1", [owner.as_str()])?;
    if let Some(absence) = absence {
        let sql = "INSERT INTO absences (owner, since, absence) VALUES (?1, ?2, ?3)";
        execute(connection, sql, (owner.as_str(), nanoseconds(absence.since)?, to_json(absence)?))?;
    }
    Ok(())
}

pub(super) fn owe(
    connection: &Connection,
    correspondent: &str,
    since: Timestamp,
    cause: MessageId,
    answer: &Answer,
) -> Result<Outcome, StoreError> {
    let owner = answer.from.as_str();
    let same = "SELECT 1 FROM absences WHERE owner = ?1 AND since = ?2";
    let taken = "SELECT 1 FROM messages WHERE id = ?1";
    if !exists(connection, same, (owner, nanoseconds(since)?))?
        || !exists(connection, taken, [cause.as_bytes()])?
    {
        return Ok(Outcome::Repeated);
    }
    let sql = "INSERT INTO answers (owner, correspondent, owed) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let new = execute(connection, sql, (owner, correspondent, to_json(answer)?))? == 1;
    Ok(if new { Outcome::Accepted } else { Outcome::Repeated })
}

pub(super) fn given(connection: &Connection, owner: &Address, correspondent: &str) -> Result<(), StoreError> {
    let sql = "UPDATE answers SET owed = NULL WHERE owner = ?1 AND correspondent = ?2";
    execute(connection, sql, (owner.as_str(), correspondent)).map(drop)
}

pub(super) fn list(connection: &Connection) -> Result<Vec<AbsenceRecord>, StoreError> {
    let sql = "SELECT owner, absence FROM absences";
    let absences: Vec<(Address, Absence)> = all(connection, sql, [], |row| {
        let owner = parsed("absences.owner", &row.get::<_, String>(0)?)?;
        Ok((owner, from_json("absences.absence", &row.get::<_, String>(1)?)?))
    })?;
    let record = |(owner, absence): (Address, Absence)| {
        (owner.clone(), AbsenceRecord { owner, absence, told: Vec::new(), owed: Vec::new() })
    };
    let mut records: BTreeMap<Address, AbsenceRecord> = absences.into_iter().map(record).collect();
    let sql = "SELECT owner, correspondent, owed FROM answers ORDER BY owner, correspondent";
    let answers: Vec<(Address, String, Option<String>)> = all(connection, sql, [], |row| {
        Ok((parsed("answers.owner", &row.get::<_, String>(0)?)?, row.get(1)?, row.get(2)?))
    })?;
    for (owner, correspondent, owed) in answers {
        // Between the two readings it may have ended.
        let Some(record) = records.get_mut(&owner) else { continue };
        if let Some(owed) = owed {
            record.owed.push((correspondent.clone(), from_json("answers.owed", &owed)?));
        }
        record.told.push(correspondent);
    }
    Ok(records.into_values().collect())
}
