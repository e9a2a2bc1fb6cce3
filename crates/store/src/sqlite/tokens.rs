use domain::{Token, TokenId};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::{
    accounts,
    values::{all, changed, execute, existing, exists, from_json, nanoseconds, parsed, time, to_json},
};
use crate::StoreError;

/// What programs have instead of a password. The secrets are not here, only their hashes.
pub(super) const TABLE: &str = "
CREATE TABLE tokens (
    id BLOB NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (address) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_account ON tokens (account);
";

pub(super) fn create(connection: &Connection, token: &Token, hash: &[u8; 32]) -> Result<(), StoreError> {
    accounts::require(connection, &token.account)?;
    let name = token.name.as_str();
    if exists(connection, "SELECT 1 FROM tokens WHERE name = ?1 OR id = ?2", (name, token.id.as_bytes()))? {
        return Err(existing(format_args!("the token {name}")));
    }
    let sql = "INSERT INTO tokens (id, hash, name, account, scopes, created_at, last_used_at, expires_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let row = params![
        token.id.as_bytes(),
        hash,
        name,
        token.account.as_str(),
        to_json(&token.scopes)?,
        nanoseconds(token.created_at)?,
        token.last_used_at.map(nanoseconds).transpose()?,
        token.expires_at.map(nanoseconds).transpose()?
    ];
    execute(connection, sql, row).map(drop)
}

pub(super) fn remove(connection: &Connection, token: TokenId) -> Result<(), StoreError> {
    let rows = execute(connection, "DELETE FROM tokens WHERE id = ?1", [token.as_bytes()])?;
    changed(rows, format_args!("the token {token}"))
}

pub(super) fn used(connection: &Connection, token: TokenId, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE tokens SET last_used_at = ?2 WHERE id = ?1";
    execute(connection, sql, params![token.as_bytes(), nanoseconds(at)?]).map(drop)
}

pub(super) fn list(connection: &Connection) -> Result<Vec<(Token, [u8; 32])>, StoreError> {
    let sql = "SELECT id, hash, name, account, scopes, created_at, last_used_at, expires_at
               FROM tokens ORDER BY id";
    all(connection, sql, [], read)
}

fn read(row: &Row<'_>) -> Result<(Token, [u8; 32]), StoreError> {
    let optional = |at: Option<i64>| at.map(time).transpose();
    let token = Token {
        id: TokenId::from_bytes(row.get(0)?),
        name: parsed("tokens.name", &row.get::<_, String>(2)?)?,
        account: parsed("tokens.account", &row.get::<_, String>(3)?)?,
        scopes: from_json("tokens.scopes", &row.get::<_, String>(4)?)?,
        created_at: time(row.get(5)?)?,
        last_used_at: optional(row.get(6)?)?,
        expires_at: optional(row.get(7)?)?,
    };
    Ok((token, row.get(1)?))
}
