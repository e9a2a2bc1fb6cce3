use domain::Address;
use rusqlite::Connection;

use super::{
    accounts,
    values::{all, execute, first, parsed, sql_limit},
};
use crate::{Outcome, StoreError};

pub(super) fn set(
    connection: &Connection,
    owner: &Address,
    key: &str,
    value: Option<&[u8]>,
    bytes_max: usize,
) -> Result<Outcome, StoreError> {
    accounts::require(connection, owner)?;
    let Some(value) = value else {
        let sql = "DELETE FROM data WHERE owner = ?1 AND key = ?2";
        return execute(connection, sql, (owner.as_str(), key)).map(|_| Outcome::Done);
    };
    let others = bytes_without(connection, owner, key)?;
    let own = sql_limit(key.len().saturating_add(value.len()).saturating_add(DATUM_BYTES));
    if others.saturating_add(own) > sql_limit(bytes_max) {
        return Ok(Outcome::Full);
    }
    let sql = "INSERT OR REPLACE INTO data (owner, key, value) VALUES (?1, ?2, ?3)";
    execute(connection, sql, (owner.as_str(), key, value)).map(|_| Outcome::Done)
}

/// What each datum is taken to cost beside its bytes, so that there are never very many of them.
const DATUM_BYTES: usize = 512;

fn bytes_without(connection: &Connection, owner: &Address, key: &str) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce(sum(octet_length(key) + octet_length(value) + ?3), 0)
               FROM data WHERE owner = ?1 AND key != ?2";
    Ok(first(connection, sql, (owner.as_str(), key, sql_limit(DATUM_BYTES)), |row| Ok(row.get(0)?))?
        .unwrap_or(0))
}

pub(super) fn one(
    connection: &Connection,
    owner: &Address,
    key: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT value FROM data WHERE owner = ?1 AND key = ?2";
    first(connection, sql, (owner.as_str(), key), |row| Ok(row.get(0)?))
}

pub(super) fn with_prefix(
    connection: &Connection,
    owner: &Address,
    prefix: &str,
) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let sql = "SELECT key, value FROM data
               WHERE owner = ?1 AND key >= ?2 AND substr(key, 1, length(?2)) = ?2 ORDER BY key";
    all(connection, sql, (owner.as_str(), prefix), |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(super) fn of_all(connection: &Connection, key: &str) -> Result<Vec<(Address, Vec<u8>)>, StoreError> {
    let sql = "SELECT owner, value FROM data WHERE key = ?1 ORDER BY owner";
    all(connection, sql, [key], |row| Ok((parsed("data.owner", &row.get::<_, String>(0)?)?, row.get(1)?)))
}
