use domain::{Address, Message, MessageId};
use jiff::Timestamp;
use rusqlite::{Connection, params, types::Value};

use super::{
    messages,
    values::{all, execute, first, missing, nanoseconds, sql_limit, time},
};
use crate::{ArchivePage, ArchivePlace, ArchiveQuery, Keep, Sequence, StoreError};

/// Counting stops here.
const COUNT_MAX: i64 = 10_000;

/// Puts a message into the archives it belongs to.
pub(super) fn file(
    connection: &Connection,
    message: &Message,
    sequence: Sequence,
    keep: Keep,
) -> Result<(), StoreError> {
    let sender = message.sender.account();
    let mut owners = Vec::with_capacity(2);
    if let Some(sender) = sender.filter(|_| keep.sender) {
        owners.push((sender, Some(&message.recipient)));
    }
    if keep.recipient && owners.first().is_none_or(|(owner, _)| **owner != message.recipient) {
        owners.push((&message.recipient, sender));
    }
    for (owner, peer) in owners {
        let sql = "INSERT INTO archive (owner, sequence, peer, at)
                   SELECT address, ?2, ?3, ?4 FROM accounts WHERE address = ?1";
        let at = nanoseconds(message.accepted_at)?;
        execute(connection, sql, (owner.as_str(), sequence, peer.map(Address::as_str), at))?;
    }
    Ok(())
}

/// Whether a message is in anybody's archive.
pub(super) fn holds(connection: &Connection, sequence: Sequence) -> Result<bool, StoreError> {
    super::values::exists(connection, "SELECT 1 FROM archive WHERE sequence = ?1", [sequence])
}

pub(super) fn forget(connection: &Connection, before: Timestamp) -> Result<(), StoreError> {
    let before = nanoseconds(before)?;
    for sql in [
        "DELETE FROM archive WHERE at < ?1 AND sequence NOT IN (SELECT sequence FROM pending)",
        "DELETE FROM messages WHERE accepted_at < ?1 AND sequence NOT IN (SELECT sequence FROM pending)",
    ] {
        execute(connection, sql, [before])?;
    }
    Ok(())
}

/// Takes a person's archive away, and what is in nobody else's and not pending.
pub(super) fn remove(connection: &Connection, owner: &Address) -> Result<(), StoreError> {
    let sql = "DELETE FROM messages WHERE sequence IN (SELECT sequence FROM archive WHERE owner = ?1)
               AND sequence NOT IN (SELECT sequence FROM archive WHERE owner != ?1)
               AND sequence NOT IN (SELECT sequence FROM pending)";
    execute(connection, sql, [owner.as_str()])?;
    execute(connection, "DELETE FROM archive WHERE owner = ?1", [owner.as_str()]).map(drop)
}

pub(super) fn page(connection: &Connection, query: &ArchiveQuery) -> Result<ArchivePage, StoreError> {
    let place = |id: &MessageId| place_of(connection, &query.owner, *id);
    let after = query.after.as_ref().map(place).transpose()?;
    let before = query.before.as_ref().map(place).transpose()?;
    let named = query.ids.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let mut matching = Matching::of(query)?;
    if !named.is_empty() {
        let named: Vec<String> = named.iter().map(Sequence::to_string).collect();
        matching.also(&format!("sequence IN ({})", named.join(", ")));
    }
    let count = matching.count(connection)?;
    if let Some(after) = after {
        matching.also("sequence > ?");
        matching.parameters.push(Value::Integer(after));
    }
    if let Some(before) = before {
        matching.also("sequence < ?");
        matching.parameters.push(Value::Integer(before));
    }
    let mut sequences = matching.sequences(connection, query.from_end, query.limit.saturating_add(1))?;
    let complete = sequences.len() <= query.limit;
    sequences.truncate(query.limit);
    if query.from_end {
        sequences.reverse();
    }
    Ok(ArchivePage { messages: messages::by_sequences(connection, &sequences)?, complete, count })
}

/// Where in a person's archive a message is.
fn place_of(connection: &Connection, owner: &Address, id: MessageId) -> Result<Sequence, StoreError> {
    let sql =
        "SELECT sequence FROM messages CROSS JOIN archive USING (sequence) WHERE id = ?1 AND owner = ?2";
    let found = first(connection, sql, (id.as_bytes(), owner.as_str()), |row| Ok(row.get(0)?))?;
    found.ok_or_else(|| missing(format!("the message {id} in the archive of {owner}")))
}

/// A condition on rows of the archive.
struct Matching {
    condition: String,
    parameters: Vec<Value>,
}

impl Matching {
    fn of(query: &ArchiveQuery) -> Result<Self, StoreError> {
        let owner = Value::Text(query.owner.as_str().to_owned());
        let mut matching = Self { condition: "owner = ?".to_owned(), parameters: vec![owner] };
        if let Some(with) = &query.with {
            matching.also("peer = ?");
            matching.parameters.push(Value::Text(with.as_str().to_owned()));
        }
        for (condition, at) in [("at >= ?", query.start), ("at <= ?", query.end)] {
            if let Some(at) = at {
                matching.also(condition);
                matching.parameters.push(Value::Integer(nanoseconds(at)?));
            }
        }
        Ok(matching)
    }

    fn also(&mut self, condition: &str) {
        self.condition.push_str(" AND ");
        self.condition.push_str(condition);
    }

    fn sequences(
        &self,
        connection: &Connection,
        from_end: bool,
        limit: usize,
    ) -> Result<Vec<Sequence>, StoreError> {
        let order = if from_end { "DESC" } else { "ASC" };
        let limit = sql_limit(limit);
        let sql = format!(
            "SELECT sequence FROM archive WHERE {} ORDER BY sequence {order} LIMIT {limit}",
            self.condition
        );
        all(connection, &sql, rusqlite::params_from_iter(&self.parameters), |row| Ok(row.get(0)?))
    }

    fn count(&self, connection: &Connection) -> Result<Option<u64>, StoreError> {
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM archive WHERE {} LIMIT {})",
            self.condition,
            COUNT_MAX + 1
        );
        let parameters = rusqlite::params_from_iter(&self.parameters);
        let count: Option<i64> = first(connection, &sql, parameters, |row| Ok(row.get(0)?))?;
        Ok(count.filter(|count| *count <= COUNT_MAX).and_then(|count| u64::try_from(count).ok()))
    }
}

pub(super) fn bounds(
    connection: &Connection,
    owner: &Address,
) -> Result<Option<(ArchivePlace, ArchivePlace)>, StoreError> {
    let end = |order: &str| {
        let sql = format!(
            "SELECT id, at FROM archive CROSS JOIN messages USING (sequence)
             WHERE owner = ?1 ORDER BY sequence {order} LIMIT 1"
        );
        first(connection, &sql, params![owner.as_str()], |row| {
            Ok((MessageId::from_bytes(row.get(0)?), time(row.get(1)?)?))
        })
    };
    Ok(end("ASC")?.zip(end("DESC")?))
}
