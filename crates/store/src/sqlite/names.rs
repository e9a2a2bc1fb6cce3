//! The numbers by which the engine knows accounts, streams and peers, remembered so that they are looked up once.

use domain::Address;
use foldhash::HashMap;
use rusqlite::Connection;

use super::values::{execute, first};
use crate::{StoreError, StreamId};

/// What was looked up. It is forgotten when an account or a stream goes, and when a commit fails.
#[derive(Default)]
pub(super) struct Names {
    accounts: HashMap<Address, i64>,
    peers: HashMap<Address, i64>,
    streams: HashMap<StreamId, i64>,
}

impl Names {
    /// The number of the account of this address.
    pub(super) fn account(
        &mut self,
        connection: &Connection,
        address: &Address,
    ) -> Result<Option<i64>, StoreError> {
        if let Some(number) = self.accounts.get(address) {
            return Ok(Some(*number));
        }
        let number = account(connection, address)?;
        if let Some(number) = number {
            self.accounts.insert(address.clone(), number);
        }
        Ok(number)
    }

    /// The number of a person as the other side in archives; given if they have none.
    pub(super) fn peer(&mut self, connection: &Connection, address: &Address) -> Result<i64, StoreError> {
        if let Some(number) = self.peers.get(address) {
            return Ok(*number);
        }
        let number = match peer(connection, address)? {
            Some(number) => number,
            None => {
                execute(connection, "INSERT INTO peers (address) VALUES (?1)", [address.as_str()])?;
                connection.last_insert_rowid()
            }
        };
        self.peers.insert(address.clone(), number);
        Ok(number)
    }

    /// The number of the stream of this id.
    pub(super) fn stream(
        &mut self,
        connection: &Connection,
        id: StreamId,
    ) -> Result<Option<i64>, StoreError> {
        if let Some(number) = self.streams.get(&id) {
            return Ok(Some(*number));
        }
        let number = stream(connection, id)?;
        if let Some(number) = number {
            self.streams.insert(id, number);
        }
        Ok(number)
    }

    /// A stream is gone, or there is a new one of this id.
    pub(super) fn forget_stream(&mut self, id: StreamId) {
        self.streams.remove(&id);
    }
}

pub(super) fn account(connection: &Connection, address: &Address) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT number FROM accounts WHERE address = ?1";
    first(connection, sql, [address.as_str()], |row| Ok(row.get(0)?))
}

pub(super) fn peer(connection: &Connection, address: &Address) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT number FROM peers WHERE address = ?1";
    first(connection, sql, [address.as_str()], |row| Ok(row.get(0)?))
}

pub(super) fn stream(connection: &Connection, id: StreamId) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT number FROM streams WHERE id = ?1";
    first(connection, sql, [id.0.as_bytes()], |row| Ok(row.get(0)?))
}
