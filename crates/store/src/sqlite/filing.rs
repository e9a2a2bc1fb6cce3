//! Filing: what has come since the last time goes from memory to the tables, many messages at once.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{
    chunk, journal,
    messages::recorded,
    recent::{Inbox, Recent, Recorded},
    repeats::Runs,
    streams,
    values::{execute, first, sql_limit},
};
use crate::{Sequence, StoreError};

/// What the log and the journal say that is not filed.
pub(super) fn load(connection: &Connection) -> Result<Recent, StoreError> {
    let mut recent = Recent::default();
    recent.runs = Runs::load(connection)?;
    (recent.filed_up_to, recent.clock) = filed(connection)?;
    for (sequence, message) in recorded(connection, &mut recent.names, recent.filed_up_to)? {
        while recent.next() < sequence {
            recent.skip();
        }
        recent.record(message);
    }
    journal::read(connection)?.into_iter().for_each(|note| recent.apply(note));
    Ok(recent)
}

fn filed(connection: &Connection) -> Result<(Sequence, i64), StoreError> {
    let found =
        first(connection, "SELECT up_to, clock FROM filed", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    found.ok_or_else(|| StoreError::Corrupt { why: "filed: it does not say up to where".to_owned() })
}

/// Files everything, inside the transaction that is open.
pub(super) fn file(connection: &Connection, recent: &mut Recent) -> Result<(), StoreError> {
    if recent.is_empty() {
        return Ok(());
    }
    // Room is made before it is used.
    delete(connection, recent)?;
    for (sequence, message) in recent.numbered().filter(|(_, message)| !message.acknowledged) {
        let sql = "INSERT INTO pending (recipient, sequence) VALUES (?1, ?2)";
        execute(connection, sql, (message.recipient, sequence))?;
    }
    archive(connection, recent)?;
    let own_ids = recent.own_ids();
    recent.runs.add(connection, own_ids)?;
    for (stream, changes) in &recent.streams {
        streams::file(connection, *stream, changes)?;
    }
    journal::clear(connection)?;
    let up_to = recent.next() - 1;
    execute(connection, "UPDATE filed SET up_to = ?1, clock = ?2", (up_to, recent.clock))?;
    recent.unindexed |= recent.messages.iter().any(Recorded::is_kept);
    recent.clear();
    Ok(())
}

/// Deletes what was acknowledged from what is pending, and messages that nobody keeps.
fn delete(connection: &Connection, recent: &Recent) -> Result<(), StoreError> {
    for (recipient, Inbox { acknowledged, .. }) in &recent.inboxes {
        for (sequence, kept) in acknowledged {
            let sql = "DELETE FROM pending WHERE recipient = ?1 AND sequence = ?2";
            execute(connection, sql, (recipient, sequence))?;
            if !kept {
                execute(connection, "DELETE FROM messages WHERE sequence = ?1 AND keep = 0", [sequence])?;
            }
        }
    }
    for (sequence, _) in recent.numbered().filter(|(_, message)| message.is_dead()) {
        execute(connection, "DELETE FROM messages WHERE sequence = ?1", [sequence])?;
    }
    Ok(())
}

fn archive(connection: &Connection, recent: &Recent) -> Result<(), StoreError> {
    let mut places: BTreeMap<(i64, i64), Vec<Sequence>> = BTreeMap::new();
    for (sequence, message) in recent.numbered() {
        for entry in message.entries.iter().flatten() {
            places.entry((entry.owner, 0)).or_default().push(sequence);
            if entry.peer != 0 {
                places.entry((entry.owner, entry.peer)).or_default().push(sequence);
            }
        }
    }
    for ((owner, peer), sequences) in places {
        for piece in sequences.chunks(chunk::PLACES_MAX) {
            let sql =
                "INSERT INTO archive (owner, peer, first, places, sequences) VALUES (?1, ?2, ?3, ?4, ?5)";
            execute(connection, sql, (owner, peer, piece[0], sql_limit(piece.len()), chunk::encode(piece)))?;
        }
    }
    Ok(())
}

/// Whether nobody else has filed what this process knows as recent.
pub(super) fn is_ours(connection: &Connection, recent: &Recent) -> Result<bool, StoreError> {
    Ok(filed(connection)?.0 == recent.filed_up_to)
}

/// The places of a piece of an archive.
pub(super) fn places(first: Sequence, bytes: &[u8]) -> Result<Vec<Sequence>, StoreError> {
    chunk::decode(first, bytes)
        .ok_or_else(|| StoreError::Corrupt { why: format!("archive.sequences: the piece from {first}") })
}
