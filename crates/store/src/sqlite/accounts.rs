use domain::{Account, Address, netbios_spellings};
use rusqlite::{Connection, Row, params};

use super::{
    chores::{self, Progress},
    names, rooms,
    values::{all, changed, execute, existing, exists, first, missing, nanoseconds, parsed, time},
};
use crate::{NewAccount, StoreError};

const COLUMNS: &str = "address, netbios, administrator, disabled, accepts_unverified, created_at, password";

pub(super) fn create(connection: &Connection, new: &NewAccount) -> Result<Account, StoreError> {
    if is_here(connection, &new.address)? {
        return Err(existing(name(&new.address)));
    }
    let account = Account {
        address: new.address.clone(),
        netbios: free_spelling(connection, &new.address)?,
        administrator: new.administrator,
        disabled: false,
        accepts_unverified: true,
        created_at: new.created_at,
    };
    execute(
        connection,
        &format!("INSERT INTO accounts ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
        params![
            account.address.as_str(),
            account.netbios,
            account.administrator,
            account.disabled,
            account.accepts_unverified,
            nanoseconds(account.created_at)?,
            new.password
        ],
    )?;
    Ok(account)
}

fn free_spelling(connection: &Connection, address: &Address) -> Result<String, StoreError> {
    for spelling in netbios_spellings(address.name()) {
        if !exists(connection, "SELECT 1 FROM accounts WHERE netbios = ?1", [&spelling])? {
            return Ok(spelling);
        }
    }
    Err(missing(format!("a free NetBIOS spelling for {address}")))
}

pub(super) fn set_password(
    connection: &Connection,
    address: &Address,
    record: &str,
) -> Result<(), StoreError> {
    let sql = "UPDATE accounts SET password = ?2 WHERE address = ?1";
    changed(execute(connection, sql, (address.as_str(), record))?, name(address))
}

pub(super) fn set_administrator(
    connection: &Connection,
    address: &Address,
    administrator: bool,
) -> Result<(), StoreError> {
    let sql = "UPDATE accounts SET administrator = ?2 WHERE address = ?1";
    changed(execute(connection, sql, (address.as_str(), administrator))?, name(address))
}

pub(super) fn set_disabled(
    connection: &Connection,
    address: &Address,
    disabled: bool,
) -> Result<(), StoreError> {
    let sql = "UPDATE accounts SET disabled = ?2 WHERE address = ?1";
    changed(execute(connection, sql, (address.as_str(), disabled))?, name(address))
}

pub(super) fn set_accepts_unverified(
    connection: &Connection,
    address: &Address,
    accepts: bool,
) -> Result<(), StoreError> {
    let sql = "UPDATE accounts SET accepts_unverified = ?2 WHERE address = ?1";
    changed(execute(connection, sql, (address.as_str(), accepts))?, name(address))
}

/// Everything is filed before. What the sender's ids were is bound to the account's number, which nobody gets again.
pub(super) fn remove(
    connection: &Connection,
    chores: &mut Progress,
    address: &Address,
) -> Result<(), StoreError> {
    let number = names::account(connection, address)?.ok_or_else(|| missing(name(address)))?;
    execute(connection, "DELETE FROM accounts WHERE number = ?1", [number])?;
    execute(connection, "DELETE FROM contacts WHERE address = ?1", [address.as_str()])?;
    for sql in [
        "DELETE FROM messages WHERE keep = 0 AND sequence IN (SELECT sequence FROM pending WHERE recipient = ?1)",
        "DELETE FROM pending WHERE recipient = ?1",
    ] {
        execute(connection, sql, [number])?;
    }
    rooms::forget_person(connection, address)?;
    chores::remove_archive(connection, chores, number)
}

/// Whether there is an account of this address.
pub(super) fn is_here(connection: &Connection, address: &Address) -> Result<bool, StoreError> {
    exists(connection, "SELECT 1 FROM accounts WHERE address = ?1", [address.as_str()])
}

/// Missing, unless there is an account of this address.
pub(super) fn require(connection: &Connection, address: &Address) -> Result<(), StoreError> {
    if is_here(connection, address)? { Ok(()) } else { Err(missing(name(address))) }
}

/// What errors call an account.
pub(super) fn name(address: &Address) -> String {
    format!("the account {address}")
}

pub(super) fn with_password(
    connection: &Connection,
    address: &Address,
) -> Result<Option<(Account, String)>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM accounts WHERE address = ?1");
    first(connection, &sql, [address.as_str()], |row| Ok((read(row)?, row.get(6)?)))
}

pub(super) fn by_address(connection: &Connection, address: &Address) -> Result<Option<Account>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM accounts WHERE address = ?1");
    first(connection, &sql, [address.as_str()], read)
}

pub(super) fn by_netbios(connection: &Connection, spelling: &str) -> Result<Option<Account>, StoreError> {
    first(connection, &format!("SELECT {COLUMNS} FROM accounts WHERE netbios = ?1"), [spelling], read)
}

pub(super) fn list(connection: &Connection) -> Result<Vec<Account>, StoreError> {
    all(connection, &format!("SELECT {COLUMNS} FROM accounts ORDER BY address"), [], read)
}

fn read(row: &Row<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        address: parsed("accounts.address", &row.get::<_, String>(0)?)?,
        netbios: row.get(1)?,
        administrator: row.get(2)?,
        disabled: row.get(3)?,
        accepts_unverified: row.get(4)?,
        created_at: time(row.get(5)?)?,
    })
}
