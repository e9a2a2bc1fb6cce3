use std::sync::Arc;

use domain::{Address, Message, MessageId, MessageKind, Native, Protocol};
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, Row, params};

use super::{
    accounts, archive, streams,
    values::{
        all, corrupt, execute, existing, first, from_json, missing, nanoseconds, parsed, sql_limit, time,
        to_json,
    },
};
use crate::{Deliverable, Keep, Outcome, Sequence, StoreError, StreamId};

pub(super) fn accept(
    connection: &Connection,
    message: &Message,
    keep: Keep,
    deliveries: &[(StreamId, u32)],
    limit: usize,
) -> Result<Outcome, StoreError> {
    let sent_as = message.sender.account().zip(message.sender_id.as_deref());
    if let Some((sender, sender_id)) = sent_as
        && !remember(connection, sender, sender_id, nanoseconds(message.accepted_at)?)?
    {
        return Ok(Outcome::Repeated);
    }
    if pending_count(connection, &message.recipient, limit)? >= sql_limit(limit) {
        if let Some((sender, sender_id)) = sent_as {
            forget(connection, sender, sender_id)?;
        }
        return Ok(Outcome::Full);
    }
    let sequence = insert(connection, message)?;
    archive::file(connection, message, sequence, keep)?;
    let sql = "INSERT INTO pending (recipient, sequence) VALUES (?1, ?2)";
    execute(connection, sql, (message.recipient.as_str(), sequence))?;
    for (stream, position) in deliveries {
        streams::deliver(connection, *stream, *position, Deliverable::Message(message.id))?;
    }
    Ok(Outcome::Accepted)
}

/// Notes the sender's own id; false where it was noted before.
fn remember(connection: &Connection, sender: &Address, sender_id: &str, at: i64) -> Result<bool, StoreError> {
    let sql = "INSERT INTO repeats (sender, sender_id, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    Ok(execute(connection, sql, (sender.as_str(), sender_id, at))? == 1)
}

pub(super) fn forget_repeats(connection: &Connection, before: Timestamp) -> Result<(), StoreError> {
    execute(connection, "DELETE FROM repeats WHERE at < ?1", [nanoseconds(before)?]).map(drop)
}

/// A message that found no room may be sent again.
fn forget(connection: &Connection, sender: &Address, sender_id: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM repeats WHERE sender = ?1 AND sender_id = ?2";
    execute(connection, sql, (sender.as_str(), sender_id)).map(drop)
}

/// How many messages are pending, counted no further than `limit`.
fn pending_count(connection: &Connection, recipient: &Address, limit: usize) -> Result<i64, StoreError> {
    let sql = "SELECT (SELECT count(*) FROM (SELECT 1 FROM pending WHERE recipient = ?1 LIMIT ?2))
               FROM accounts WHERE address = ?1";
    let count = first(connection, sql, (recipient.as_str(), sql_limit(limit)), |row| Ok(row.get(0)?))?;
    count.ok_or_else(|| missing(accounts::name(recipient)))
}

fn insert(connection: &Connection, message: &Message) -> Result<Sequence, StoreError> {
    let sql = "INSERT INTO messages
               (id, sender, recipient, kind, content, native_protocol, native, sender_id, accepted_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let row = params![
        message.id.as_bytes(),
        to_json(&message.sender)?,
        message.recipient.as_str(),
        kind_word(message.kind),
        to_json(&message.content)?,
        message.native.as_ref().map(|native| native.protocol.as_str()),
        message.native.as_ref().map(|native| native.bytes.as_ref()),
        message.sender_id,
        nanoseconds(message.accepted_at)?
    ];
    connection.prepare_cached(sql)?.insert(row).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => existing(format!("the message {}", message.id)),
        _ => error.into(),
    })
}

/// Messages that are not pending for this recipient are passed over.
pub(super) fn acknowledge(
    connection: &Connection,
    recipient: &Address,
    messages: &[MessageId],
) -> Result<(), StoreError> {
    for id in messages {
        let sql = "SELECT sequence FROM messages WHERE id = ?1";
        let found = first(connection, sql, [id.as_bytes()], |row| Ok(row.get(0)?))?;
        let Some(sequence): Option<Sequence> = found else { continue };
        let sql = "DELETE FROM pending WHERE recipient = ?1 AND sequence = ?2";
        let was_pending = execute(connection, sql, (recipient.as_str(), sequence))? == 1;
        if was_pending && !archive::holds(connection, sequence)? {
            execute(connection, "DELETE FROM messages WHERE sequence = ?1", [sequence])?;
        }
    }
    Ok(())
}

pub(super) fn pending(
    connection: &Connection,
    recipient: &Address,
    after: Sequence,
    limit: usize,
) -> Result<Vec<(Sequence, Arc<Message>)>, StoreError> {
    let sql = "SELECT id, sender, messages.recipient, kind, content, native_protocol, native, sender_id, accepted_at,
                      sequence
               FROM pending CROSS JOIN messages USING (sequence)
               WHERE pending.recipient = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3";
    let parameters = (recipient.as_str(), after, sql_limit(limit));
    all(connection, sql, parameters, |row| Ok((row.get(9)?, Arc::new(read(row)?))))
}

pub(super) fn by_ids(connection: &Connection, ids: &[MessageId]) -> Result<Vec<Arc<Message>>, StoreError> {
    let sql = "SELECT id, sender, recipient, kind, content, native_protocol, native, sender_id, accepted_at
               FROM messages WHERE id = ?1";
    let found = ids.iter().map(|id| first(connection, sql, [id.as_bytes()], read).transpose());
    found.flatten().map(|message| message.map(Arc::new)).collect()
}

/// The messages in these places, in this order; those that are gone are left out.
pub(super) fn by_sequences(
    connection: &Connection,
    sequences: &[Sequence],
) -> Result<Vec<Arc<Message>>, StoreError> {
    let sql = "SELECT id, sender, recipient, kind, content, native_protocol, native, sender_id, accepted_at
               FROM messages WHERE sequence = ?1";
    let found = sequences.iter().map(|sequence| first(connection, sql, [sequence], read).transpose());
    found.flatten().map(|message| message.map(Arc::new)).collect()
}

fn read(row: &Row<'_>) -> Result<Message, StoreError> {
    let native = match (row.get::<_, Option<String>>(5)?, row.get::<_, Option<Vec<u8>>>(6)?) {
        (Some(protocol), Some(bytes)) => Some(Native {
            protocol: Protocol::from_name(&protocol)
                .ok_or_else(|| corrupt("messages.native_protocol", &protocol))?,
            bytes: bytes.into(),
        }),
        _ => None,
    };
    Ok(Message {
        id: MessageId::from_bytes(row.get(0)?),
        sender: from_json("messages.sender", &row.get::<_, String>(1)?)?,
        recipient: parsed("messages.recipient", &row.get::<_, String>(2)?)?,
        kind: kind_of(&row.get::<_, String>(3)?)?,
        content: from_json("messages.content", &row.get::<_, String>(4)?)?,
        native,
        sender_id: row.get(7)?,
        accepted_at: time(row.get(8)?)?,
    })
}

fn kind_word(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Chat => "chat",
        MessageKind::Normal => "normal",
        MessageKind::Headline => "headline",
    }
}

fn kind_of(word: &str) -> Result<MessageKind, StoreError> {
    [MessageKind::Chat, MessageKind::Normal, MessageKind::Headline]
        .into_iter()
        .find(|kind| kind_word(*kind) == word)
        .ok_or_else(|| corrupt("messages.kind", &word))
}
