use rusqlite::Connection;

use super::values::{execute, first};
use crate::StoreError;

pub(super) fn set(connection: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO settings (key, value) VALUES (?1, ?2)";
    execute(connection, sql, (key, value)).map(drop)
}

pub(super) fn by_key(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    first(connection, "SELECT value FROM settings WHERE key = ?1", [key], |row| Ok(row.get(0)?))
}
