//! A person's conversations: with whom, what was said last, and how much of it they have not read.

use std::{collections::HashMap, sync::Arc};

use domain::{Address, Content, Message, MessageId};
use jiff::Timestamp;
use parking_lot::Mutex;
use rusqlite::Connection;

use super::{
    accounts,
    archive::{Archive, Range},
    filing, messages, names,
    recent::Recent,
    values::{all, execute, exists, first, missing, parsed},
};
use crate::{Conversation, Sequence, StoreError};

/// Unread messages are counted no further than this.
const COUNTED_MAX: usize = 1_000;

pub(super) fn mark(
    connection: &Connection,
    owner: &Address,
    conversation: &Address,
    message: MessageId,
) -> Result<(), StoreError> {
    let account = names::account(connection, owner)?.ok_or_else(|| missing(accounts::name(owner)))?;
    let said = "SELECT 1 FROM room_messages WHERE id = ?1 AND address = ?2";
    let is_there = messages::archived_at(connection, account, message)?.is_some()
        || exists(connection, said, (message.as_bytes(), conversation.as_str()))?;
    if !is_there {
        return Err(missing(format!("the message {message} in the conversation with {conversation}")));
    }
    // Ids are in the order of time.
    let sql = "INSERT INTO read_marks (owner, conversation, message) VALUES (?1, ?2, ?3)
               ON CONFLICT DO UPDATE SET message = max(message, excluded.message)";
    execute(connection, sql, (owner.as_str(), conversation.as_str(), message.as_bytes())).map(drop)
}

pub(super) fn marks(
    connection: &Connection,
    owner: &Address,
) -> Result<Vec<(Address, MessageId)>, StoreError> {
    let sql = "SELECT conversation, message FROM read_marks WHERE owner = ?1 ORDER BY conversation";
    all(connection, sql, [owner.as_str()], |row| {
        let conversation = parsed("read_marks.conversation", &row.get::<_, String>(0)?)?;
        Ok((conversation, MessageId::from_bytes(row.get(1)?)))
    })
}

/// A reader's. What is recent is asked for first, so that whatever is filed meanwhile is found in the tables.
pub(super) fn list(
    connection: &Connection,
    recent: &Mutex<Recent>,
    owner: &Address,
    limit: usize,
) -> Result<Vec<Conversation>, StoreError> {
    let Some(number) = names::account(connection, owner)? else { return Ok(Vec::new()) };
    let marks: HashMap<Address, MessageId> = marks(connection, owner)?.into_iter().collect();
    let mut newest = newest(connection, recent, number)?;
    newest.sort_unstable_by_key(|(_, place)| std::cmp::Reverse(*place));
    let mut found = Vec::new();
    for (peer, _) in newest {
        if found.len() == limit {
            break;
        }
        let with = first(connection, "SELECT address FROM peers WHERE number = ?1", [peer], |row| {
            parsed::<Address>("peers.address", &row.get::<_, String>(0)?)
        })?;
        let Some(with) = with else { continue };
        let archive = Archive::open(connection, recent, number, Some(peer));
        let read = marks.get(&with).copied();
        found.extend(conversation(connection, &archive, owner, with, read)?);
    }
    Ok(found)
}

/// Each peer with the place of what was said last.
fn newest(
    connection: &Connection,
    recent: &Mutex<Recent>,
    owner: i64,
) -> Result<Vec<(i64, Sequence)>, StoreError> {
    let mut newest: HashMap<i64, Sequence> = HashMap::new();
    for (place, message) in recent.lock().numbered() {
        for entry in message.entries.iter().flatten().filter(|entry| entry.owner == owner && entry.peer != 0)
        {
            newest.insert(entry.peer, place);
        }
    }
    let sql = "SELECT peer, max(first), sequences FROM archive WHERE owner = ?1 AND peer != 0 GROUP BY peer";
    let filed = all(connection, sql, [owner], |row| {
        let places = filing::places(row.get(1)?, &row.get::<_, Vec<u8>>(2)?)?;
        Ok((row.get::<_, i64>(0)?, places.last().copied().unwrap_or_default()))
    })?;
    for (peer, place) in filed {
        newest.entry(peer).and_modify(|newer| *newer = place.max(*newer)).or_insert(place);
    }
    Ok(newest.into_iter().collect())
}

/// From its end to what the owner has read, and on to what was said last.
fn conversation(
    connection: &Connection,
    archive: &Archive<'_>,
    owner: &Address,
    with: Address,
    read: Option<MessageId>,
) -> Result<Option<Conversation>, StoreError> {
    let (mut last, mut unread, mut read_at): (Option<Arc<Message>>, usize, Option<Timestamp>) =
        (None, 0, None);
    let mut changed = false;
    for place in archive.places(Range { from: Sequence::MIN, to: Sequence::MAX }, true) {
        let Some((_, message)) = messages::by_sequences(connection, &[place?])?.pop() else { continue };
        let is_own = message.sender.account() == Some(owner);
        let says = matches!(message.content, Content::Text { .. });
        let seen = matches!(message.content, Content::Receipt { seen: true, .. });
        if (is_own && (says || seen)) || read.is_some_and(|read| message.id <= read) {
            read_at.get_or_insert(message.accepted_at);
        }
        changed |= last.is_none() && message.content == Content::Other;
        unread += usize::from(read_at.is_none() && says);
        if says {
            last.get_or_insert(message);
        }
        if last.is_some() && (read_at.is_some() || unread >= COUNTED_MAX) {
            break;
        }
    }
    Ok(last.map(|last| Conversation { with, last, changed, unread, read_at }))
}
