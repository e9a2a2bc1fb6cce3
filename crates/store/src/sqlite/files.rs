use domain::Address;
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::{
    accounts,
    values::{all, execute, first, nanoseconds, parsed, time},
};
use crate::{FileId, FileRecord, Outcome, StoreError};

pub(super) fn add(connection: &Connection, file: &FileRecord, bytes_max: u64) -> Result<Outcome, StoreError> {
    accounts::require(connection, &file.owner)?;
    if bytes_of(connection, &file.owner)?.saturating_add(file.size) > bytes_max {
        return Ok(Outcome::Full);
    }
    let sql = "INSERT INTO files (id, owner, name, media_type, size, hash, stored_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let row = params![
        file.id.0.as_bytes(),
        file.owner.as_str(),
        file.name,
        file.media_type,
        i64::try_from(file.size).unwrap_or(i64::MAX),
        file.hash,
        nanoseconds(file.stored_at)?,
    ];
    execute(connection, sql, row).map(|_| Outcome::Done)
}

pub(super) fn forget(connection: &Connection, before: Timestamp) -> Result<(), StoreError> {
    execute(connection, "DELETE FROM files WHERE stored_at < ?1", [nanoseconds(before)?]).map(drop)
}

pub(super) fn bytes_of(connection: &Connection, owner: &Address) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(sum(size), 0) FROM files WHERE owner = ?1";
    let bytes = first(connection, sql, [owner.as_str()], |row| Ok(row.get::<_, i64>(0)?))?;
    Ok(u64::try_from(bytes.unwrap_or(0)).unwrap_or(0))
}

const COLUMNS: &str = "id, owner, name, media_type, size, hash, stored_at";

pub(super) fn by_id(connection: &Connection, id: FileId) -> Result<Option<FileRecord>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM files WHERE id = ?1");
    first(connection, &sql, [id.0.as_bytes()], read)
}

pub(super) fn of_owner(connection: &Connection, owner: &Address) -> Result<Vec<FileRecord>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM files WHERE owner = ?1 ORDER BY number");
    all(connection, &sql, [owner.as_str()], read)
}

fn read(row: &Row<'_>) -> Result<FileRecord, StoreError> {
    Ok(FileRecord {
        id: FileId(Uuid::from_bytes(row.get(0)?)),
        owner: parsed("files.owner", &row.get::<_, String>(1)?)?,
        name: row.get(2)?,
        media_type: row.get(3)?,
        size: u64::try_from(row.get::<_, i64>(4)?).unwrap_or(0),
        hash: row.get(5)?,
        stored_at: time(row.get(6)?)?,
    })
}

pub(super) fn hashes(connection: &Connection) -> Result<Vec<[u8; 32]>, StoreError> {
    all(connection, "SELECT DISTINCT hash FROM files", [], |row| Ok(row.get(0)?))
}
