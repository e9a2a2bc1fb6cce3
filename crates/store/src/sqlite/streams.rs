use domain::{AlertId, MessageId, Presence};
use rusqlite::{Connection, Row, params};

use super::{
    accounts,
    values::{all, corrupt, execute, first, from_json, nanoseconds, parsed, time, to_json},
};
use crate::{Deliverable, StoreError, StreamId, StreamRecord};

pub(super) fn open(connection: &Connection, stream: &StreamRecord) -> Result<(), StoreError> {
    accounts::require(connection, &stream.address)?;
    close(connection, stream.id)?;
    let sql = "INSERT INTO streams (id, address, resource, received, presence, touched_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let row = params![
        stream.id.0.as_bytes(),
        stream.address.as_str(),
        stream.resource,
        stream.received,
        stream.presence.as_ref().map(to_json).transpose()?,
        nanoseconds(stream.touched_at)?
    ];
    execute(connection, sql, row).map(drop)
}

/// Forward is what lies less than half of the numbers ahead (XEP-0198 §4: the counter wraps at 2³²).
pub(super) fn received(connection: &Connection, id: StreamId, received: u32) -> Result<(), StoreError> {
    let sql = "UPDATE streams SET received = ?2
               WHERE id = ?1 AND ((?2 - received) & 4294967295) BETWEEN 1 AND 2147483647";
    execute(connection, sql, (id.0.as_bytes(), received)).map(drop)
}

pub(super) fn presence(
    connection: &Connection,
    id: StreamId,
    presence: Option<&Presence>,
) -> Result<(), StoreError> {
    let presence = presence.map(to_json).transpose()?;
    execute(connection, "UPDATE streams SET presence = ?2 WHERE id = ?1", (id.0.as_bytes(), presence))
        .map(drop)
}

/// A stream that was closed meanwhile is passed over: what it should have had stays pending.
pub(super) fn deliver(
    connection: &Connection,
    id: StreamId,
    position: u32,
    item: Deliverable,
) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO stream_deliveries (stream, position, kind, item)
               SELECT id, ?2, ?3, ?4 FROM streams WHERE id = ?1";
    let (kind, item) = match &item {
        Deliverable::Message(id) => ("message", id.as_bytes()),
        Deliverable::Alert(id) => ("alert", id.as_bytes()),
    };
    execute(connection, sql, (id.0.as_bytes(), position, kind, item)).map(drop)
}

pub(super) fn acknowledged(
    connection: &Connection,
    id: StreamId,
    positions: &[u32],
) -> Result<(), StoreError> {
    let sql = "DELETE FROM stream_deliveries WHERE stream = ?1 AND position = ?2";
    positions.iter().try_for_each(|position| execute(connection, sql, (id.0.as_bytes(), position)).map(drop))
}

pub(super) fn close(connection: &Connection, id: StreamId) -> Result<(), StoreError> {
    execute(connection, "DELETE FROM streams WHERE id = ?1", [id.0.as_bytes()]).map(drop)
}

const COLUMNS: &str = "id, address, resource, received, presence, touched_at";

pub(super) fn by_id(connection: &Connection, id: StreamId) -> Result<Option<StreamRecord>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM streams WHERE id = ?1");
    first(connection, &sql, [id.0.as_bytes()], read)
}

pub(super) fn all_streams(connection: &Connection) -> Result<Vec<StreamRecord>, StoreError> {
    all(connection, &format!("SELECT {COLUMNS} FROM streams ORDER BY address, id"), [], read)
}

fn read(row: &Row<'_>) -> Result<StreamRecord, StoreError> {
    let presence = row.get::<_, Option<String>>(4)?;
    Ok(StreamRecord {
        id: StreamId(uuid::Uuid::from_bytes(row.get(0)?)),
        address: parsed("streams.address", &row.get::<_, String>(1)?)?,
        resource: row.get(2)?,
        received: row.get(3)?,
        presence: presence.map(|text| from_json("streams.presence", &text)).transpose()?,
        touched_at: time(row.get(5)?)?,
    })
}

pub(super) fn deliveries(
    connection: &Connection,
    id: StreamId,
) -> Result<Vec<(u32, Deliverable)>, StoreError> {
    let sql = "SELECT position, kind, item FROM stream_deliveries WHERE stream = ?1 ORDER BY position";
    all(connection, sql, [id.0.as_bytes()], |row| {
        let item = row.get(2)?;
        let item = match row.get::<_, String>(1)?.as_str() {
            "message" => Deliverable::Message(MessageId::from_bytes(item)),
            "alert" => Deliverable::Alert(AlertId::from_bytes(item)),
            other => return Err(corrupt("stream_deliveries.kind", &other)),
        };
        Ok((row.get(0)?, item))
    })
}
