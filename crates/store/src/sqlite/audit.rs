use domain::{AuditEntry, AuditPersonal, AuditRecord};
use rusqlite::{Connection, Row, params};

use super::values::{all, corrupt, execute, first, nanoseconds, sql_limit, time};
use crate::StoreError;

/// The last record is read inside the transaction, so that an append that was rolled back leaves no trace in the
/// chain.
pub(super) fn append(connection: &Connection, entry: AuditEntry) -> Result<(), StoreError> {
    let sql = "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1";
    let last = first(connection, sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (sequence, previous): (i64, [u8; 32]) = last.unwrap_or((0, [0; 32]));
    let sequence = sequence + 1;
    let place = u64::try_from(sequence).map_err(|error| corrupt("audit.sequence", &error))?;
    let record = entry.chained(place, previous);
    let sql = "INSERT INTO audit
               (sequence, at, action, actor, subject, detail, salt, commitment, previous, hash)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let personal = record.personal.as_ref();
    let row = params![
        sequence,
        nanoseconds(record.at)?,
        record.action,
        personal.map(|personal| &personal.actor),
        personal.map(|personal| &personal.subject),
        personal.map(|personal| &personal.detail),
        personal.map(|personal| personal.salt),
        record.commitment,
        record.previous,
        record.hash
    ];
    execute(connection, sql, row).map(drop)
}

pub(super) fn list(
    connection: &Connection,
    after: u64,
    limit: usize,
) -> Result<Vec<AuditRecord>, StoreError> {
    let sql = "SELECT sequence, at, action, actor, subject, detail, salt, commitment, previous, hash
               FROM audit WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
    all(connection, sql, (i64::try_from(after).unwrap_or(i64::MAX), sql_limit(limit)), read)
}

pub(super) fn last(connection: &Connection) -> Result<Option<AuditRecord>, StoreError> {
    let sql = "SELECT sequence, at, action, actor, subject, detail, salt, commitment, previous, hash
               FROM audit ORDER BY sequence DESC LIMIT 1";
    first(connection, sql, [], read)
}

fn read(row: &Row<'_>) -> Result<AuditRecord, StoreError> {
    let personal = match (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?) {
        (Some(actor), Some(subject), Some(detail), Some(salt)) => {
            Some(AuditPersonal { actor, subject, detail, salt })
        }
        _ => None,
    };
    Ok(AuditRecord {
        sequence: u64::try_from(row.get::<_, i64>(0)?).map_err(|error| corrupt("audit.sequence", &error))?,
        at: time(row.get(1)?)?,
        action: row.get(2)?,
        personal,
        commitment: row.get(7)?,
        previous: row.get(8)?,
        hash: row.get(9)?,
    })
}
