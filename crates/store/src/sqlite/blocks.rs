use domain::Address;
use rusqlite::Connection;

use super::{
    accounts,
    values::{all, execute, first, parsed, sql_limit},
};
use crate::{Outcome, StoreError};

pub(super) fn block(
    connection: &Connection,
    owner: &Address,
    jids: &[String],
    limit: usize,
) -> Result<Outcome, StoreError> {
    accounts::require(connection, owner)?;
    let before = count(connection, owner)?;
    let mut new = Vec::new();
    for jid in jids {
        let sql = "INSERT INTO blocks (owner, jid) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        if execute(connection, sql, (owner.as_str(), jid))? == 1 {
            new.push(jid.clone());
        }
    }
    if !new.is_empty() && before + sql_limit(new.len()) > sql_limit(limit) {
        new.iter().try_for_each(|jid| unblock_one(connection, owner, jid))?;
        return Ok(Outcome::Full);
    }
    Ok(Outcome::Done)
}

fn count(connection: &Connection, owner: &Address) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM blocks WHERE owner = ?1";
    Ok(first(connection, sql, [owner.as_str()], |row| Ok(row.get(0)?))?.unwrap_or(0))
}

pub(super) fn unblock(connection: &Connection, owner: &Address, jids: &[String]) -> Result<(), StoreError> {
    if jids.is_empty() {
        return execute(connection, "DELETE FROM blocks WHERE owner = ?1", [owner.as_str()]).map(drop);
    }
    jids.iter().try_for_each(|jid| unblock_one(connection, owner, jid))
}

fn unblock_one(connection: &Connection, owner: &Address, jid: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM blocks WHERE owner = ?1 AND jid = ?2";
    execute(connection, sql, (owner.as_str(), jid)).map(drop)
}

pub(super) fn list(connection: &Connection) -> Result<Vec<(Address, String)>, StoreError> {
    let sql = "SELECT owner, jid FROM blocks ORDER BY owner, jid";
    all(connection, sql, [], |row| Ok((parsed("blocks.owner", &row.get::<_, String>(0)?)?, row.get(1)?)))
}
