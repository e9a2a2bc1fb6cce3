use std::collections::BTreeMap;

use domain::{AlertId, MessageId, Presence};
use parking_lot::Mutex;
use rusqlite::{Connection, Row, params};

use super::{
    accounts, names,
    recent::{Recent, StreamChanges, is_forward},
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

pub(super) fn presence(
    connection: &Connection,
    id: StreamId,
    presence: Option<&Presence>,
) -> Result<(), StoreError> {
    let presence = presence.map(to_json).transpose()?;
    execute(connection, "UPDATE streams SET presence = ?2 WHERE id = ?1", (id.0.as_bytes(), presence))
        .map(drop)
}

/// Writes what has happened to a stream. One that was closed meanwhile is passed over: what it should have had stays
/// pending.
pub(super) fn file(connection: &Connection, stream: i64, changes: &StreamChanges) -> Result<(), StoreError> {
    if let Some(received) = changes.received {
        let sql = "UPDATE streams SET received = ?2
                   WHERE number = ?1 AND ((?2 - received) & 4294967295) BETWEEN 1 AND 2147483647";
        execute(connection, sql, (stream, received))?;
    }
    for position in &changes.taken {
        let sql = "DELETE FROM stream_deliveries WHERE stream = ?1 AND position = ?2";
        execute(connection, sql, (stream, position))?;
    }
    for (position, item) in &changes.given {
        let sql = "INSERT OR REPLACE INTO stream_deliveries (stream, position, kind, item)
                   SELECT number, ?2, ?3, ?4 FROM streams WHERE number = ?1";
        let (kind, item) = match item {
            Deliverable::Message(id) => ("message", id.as_bytes()),
            Deliverable::Alert(id) => ("alert", id.as_bytes()),
        };
        execute(connection, sql, (stream, position, kind, item))?;
    }
    Ok(())
}

pub(super) fn close(connection: &Connection, id: StreamId) -> Result<(), StoreError> {
    execute(connection, "DELETE FROM streams WHERE id = ?1", [id.0.as_bytes()]).map(drop)
}

const COLUMNS: &str = "id, address, resource, received, presence, touched_at, number";

pub(super) fn by_id(
    connection: &Connection,
    recent: &Mutex<Recent>,
    id: StreamId,
) -> Result<Option<StreamRecord>, StoreError> {
    let Some(number) = names::stream(connection, id)? else { return Ok(None) };
    let changes = recent.lock().stream_changes(number);
    let sql = format!("SELECT {COLUMNS} FROM streams WHERE number = ?1");
    first(connection, &sql, [number], |row| Ok(up_to_date(read(row)?, &changes)))
}

pub(super) fn all_streams(
    connection: &Connection,
    recent: &Mutex<Recent>,
) -> Result<Vec<StreamRecord>, StoreError> {
    let changes = recent.lock().streams.clone();
    let unchanged = StreamChanges::default();
    all(connection, &format!("SELECT {COLUMNS} FROM streams ORDER BY address, id"), [], |row| {
        Ok(up_to_date(read(row)?, changes.get(&row.get(6)?).unwrap_or(&unchanged)))
    })
}

fn up_to_date(mut stream: StreamRecord, changes: &StreamChanges) -> StreamRecord {
    if let Some(received) = changes.received.filter(|received| is_forward(stream.received, *received)) {
        stream.received = received;
    }
    stream
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
    recent: &Mutex<Recent>,
    id: StreamId,
) -> Result<Vec<(u32, Deliverable)>, StoreError> {
    let Some(number) = names::stream(connection, id)? else { return Ok(Vec::new()) };
    let StreamChanges { given, taken, .. } = recent.lock().stream_changes(number);
    let sql = "SELECT position, kind, item FROM stream_deliveries WHERE stream = ?1";
    let filed = all(connection, sql, [number], |row| {
        let item = row.get(2)?;
        let item = match row.get::<_, String>(1)?.as_str() {
            "message" => Deliverable::Message(MessageId::from_bytes(item)),
            "alert" => Deliverable::Alert(AlertId::from_bytes(item)),
            other => return Err(corrupt("stream_deliveries.kind", &other)),
        };
        Ok((row.get(0)?, item))
    })?;
    let mut deliveries: BTreeMap<u32, Deliverable> =
        filed.into_iter().filter(|(position, _)| !taken.contains(position)).collect();
    deliveries.extend(given);
    Ok(deliveries.into_iter().collect())
}
