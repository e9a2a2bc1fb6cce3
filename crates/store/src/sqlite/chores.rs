//! What takes long, piece by piece: emptying the archive of an account that is gone, forgetting old messages. What
//! was begun is known to the tables and goes on after a crash.

use jiff::Timestamp;
use rusqlite::Connection;

use super::{
    chunk, filing, messages,
    values::{all, execute, first, nanoseconds, sql_limit},
};
use crate::{Sequence, StoreError};

/// How many messages or pieces of archives one step visits.
const STEP: i64 = 256;
/// How many steps are done at once when a chore is given.
const STEPS_AT_ONCE: usize = 8;

const REMOVE: &str = "remove-archive";
const FORGET: &str = "forget-archive";
const EMPTY_ROOM: &str = "empty-room";

/// By how much the times of messages may run against their order, other than by setting the clock back.
const DISORDER_NANOSECONDS: i64 = 60_000_000_000;

/// Where the chore that is being done has come to. It begins anew in a new process.
#[derive(Default)]
pub(super) struct Progress {
    more: bool,
    chore: i64,
    messages_up_to: Sequence,
    messages_done: bool,
    piece: (i64, i64, Sequence),
}

impl Progress {
    /// As a process begins: it looks whether anything is left to do.
    pub(super) fn unknown() -> Self {
        Self { more: true, ..Self::default() }
    }

    /// Whether there may be something left to do.
    pub(super) fn has_more(&self) -> bool {
        self.more
    }
}

/// Empties the archive of an account that is gone.
pub(super) fn remove_archive(
    connection: &Connection,
    progress: &mut Progress,
    account: i64,
) -> Result<(), StoreError> {
    give(connection, progress, REMOVE, account)
}

/// Forgets what was taken before then and is not pending.
pub(super) fn forget_archive(
    connection: &Connection,
    progress: &mut Progress,
    before: Timestamp,
) -> Result<(), StoreError> {
    execute(
        connection,
        "DELETE FROM chores WHERE kind = ?1 AND subject <= ?2",
        (FORGET, nanoseconds(before)?),
    )?;
    give(connection, progress, FORGET, nanoseconds(before)?)
}

/// Takes away what was said in a room that is gone.
pub(super) fn empty_room(
    connection: &Connection,
    progress: &mut Progress,
    room: i64,
) -> Result<(), StoreError> {
    give(connection, progress, EMPTY_ROOM, room)
}

fn give(
    connection: &Connection,
    progress: &mut Progress,
    kind: &str,
    subject: i64,
) -> Result<(), StoreError> {
    execute(connection, "INSERT INTO chores (kind, subject) VALUES (?1, ?2)", (kind, subject))?;
    progress.more = true;
    (0..STEPS_AT_ONCE).try_for_each(|_| step(connection, progress))
}

/// Does a little of what there is to do.
pub(super) fn step(connection: &Connection, progress: &mut Progress) -> Result<(), StoreError> {
    let sql = "SELECT number, kind, subject FROM chores ORDER BY number LIMIT 1";
    let chore = first(connection, sql, [], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)))?;
    let Some((number, kind, subject)): Option<(i64, String, i64)> = chore else {
        progress.more = false;
        return Ok(());
    };
    if progress.chore != number {
        *progress =
            Progress { more: true, chore: number, piece: (0, 0, Sequence::MIN), ..Progress::default() };
    }
    let more = if kind == REMOVE {
        empty_archive(connection, subject)?
    } else if kind == EMPTY_ROOM {
        let sql = "DELETE FROM room_messages WHERE sequence IN
                   (SELECT sequence FROM room_messages WHERE room = ?1 LIMIT ?2)";
        execute(connection, sql, (subject, STEP))? > 0
    } else if forget_in_rooms(connection, subject)? {
        true
    } else if !progress.messages_done {
        forget_messages(connection, progress, subject)?;
        true
    } else {
        forget_places(connection, progress)?
    };
    if !more {
        execute(connection, "DELETE FROM chores WHERE number = ?1", [number])?;
        progress.chore = 0;
    }
    Ok(())
}

/// Some of what was said in rooms before then.
fn forget_in_rooms(connection: &Connection, before: i64) -> Result<bool, StoreError> {
    // Places come in the order of time, but for a clock that was set back: the oldest are looked at.
    let sql = "DELETE FROM room_messages WHERE accepted_at < ?1 AND sequence IN
               (SELECT sequence FROM room_messages ORDER BY sequence LIMIT ?2)";
    Ok(execute(connection, sql, (before, STEP))? > 0)
}

/// One piece of the archive of an account that is gone. Messages that are in no other are deleted.
fn empty_archive(connection: &Connection, owner: i64) -> Result<bool, StoreError> {
    let sql = "SELECT peer, first, sequences FROM archive WHERE owner = ?1 ORDER BY peer LIMIT 1";
    let piece = first(connection, sql, [owner], |row| {
        Ok((row.get(0)?, row.get(1)?, filing::places(row.get(1)?, &row.get::<_, Vec<u8>>(2)?)?))
    })?;
    let Some((peer, first, places)): Option<(i64, Sequence, Vec<Sequence>)> = piece else { return Ok(false) };
    if peer == 0 {
        for place in places {
            let sql =
                "UPDATE messages SET keep = keep & ~(sender_account IS ?2) & ~(2 * (recipient_account = ?2))
                       WHERE sequence = ?1";
            execute(connection, sql, (place, owner))?;
            let sql = "DELETE FROM messages WHERE sequence = ?1 AND keep = 0 AND NOT EXISTS
                       (SELECT 1 FROM pending WHERE recipient = recipient_account AND pending.sequence = ?1)";
            execute(connection, sql, [place])?;
        }
    }
    let sql = "DELETE FROM archive WHERE owner = ?1 AND peer = ?2 AND first = ?3";
    execute(connection, sql, (owner, peer, first)).map(|_| true)
}

/// Some messages, oldest first, until the clock says that they are recent enough.
fn forget_messages(connection: &Connection, progress: &mut Progress, before: i64) -> Result<(), StoreError> {
    let sql = "SELECT sequence, accepted_at < ?2, coalesce(clock, accepted_at) > ?4 FROM messages
               WHERE sequence > ?1 AND sequence <= (SELECT up_to FROM filed) ORDER BY sequence LIMIT ?3";
    let past = before.saturating_add(DISORDER_NANOSECONDS);
    let parameters = (progress.messages_up_to, before, STEP, past);
    let visited: Vec<(Sequence, bool, bool)> =
        all(connection, sql, parameters, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    progress.messages_done = visited.is_empty();
    for (place, is_old, clock_is_past) in visited {
        progress.messages_up_to = place;
        // From here on, only a clock that was set back makes messages old.
        if clock_is_past {
            progress.messages_done = true;
            break;
        }
        if is_old {
            let sql = "DELETE FROM messages WHERE sequence = ?1 AND NOT EXISTS
                       (SELECT 1 FROM pending WHERE recipient = recipient_account AND pending.sequence = ?1)";
            execute(connection, sql, [place])?;
        }
    }
    Ok(())
}

/// Some pieces of archives: places whose messages are gone are taken out.
fn forget_places(connection: &Connection, progress: &mut Progress) -> Result<bool, StoreError> {
    let sql = "SELECT owner, peer, first, sequences FROM archive
               WHERE (owner, peer, first) > (?1, ?2, ?3) ORDER BY owner, peer, first LIMIT ?4";
    let (owner, peer, first) = progress.piece;
    let pieces: Vec<((i64, i64, Sequence), Vec<u8>)> =
        all(connection, sql, (owner, peer, first, STEP), |row| {
            Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?))
        })?;
    let more = !pieces.is_empty();
    for (piece, bytes) in pieces {
        progress.piece = piece;
        if piece.2 > progress.messages_up_to {
            continue;
        }
        let places = filing::places(piece.2, &bytes)?;
        let mut left = Vec::with_capacity(places.len());
        for place in &places {
            if *place > progress.messages_up_to || messages::is_there(connection, *place)? {
                left.push(*place);
            }
        }
        if left.len() == places.len() {
            continue;
        }
        let sql = "DELETE FROM archive WHERE owner = ?1 AND peer = ?2 AND first = ?3";
        execute(connection, sql, piece)?;
        if let Some(first) = left.first() {
            let sql =
                "INSERT INTO archive (owner, peer, first, places, sequences) VALUES (?1, ?2, ?3, ?4, ?5)";
            execute(connection, sql, (piece.0, piece.1, first, sql_limit(left.len()), chunk::encode(&left)))?;
        }
    }
    Ok(more)
}
