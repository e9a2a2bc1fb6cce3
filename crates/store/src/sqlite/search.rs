//! Looking for words. What was said is indexed when there is time; what is not yet is indexed for the one search.

use std::{collections::HashSet, sync::Arc};

use parking_lot::Mutex;
use rusqlite::Connection;

use super::{
    archive::{self, Archive},
    messages, names,
    recent::Recent,
    rooms,
    values::{all, execute, first, sql_limit},
};
use crate::{Found, SearchPage, SearchQuery, Sequence, StoreError};

/// How many words one search may have; further ones are passed over.
const WORDS_MAX: usize = 16;
/// How many of a search's matches are read at a time.
const BATCH: usize = 100;
/// How many messages one step of indexing visits.
const STEP: usize = 128;

/// A reader's: what is found, newest first.
pub(super) fn search(
    connection: &Connection,
    recent: &Mutex<Recent>,
    query: &SearchQuery,
) -> Result<SearchPage, StoreError> {
    let Some(words) = expression(&query.text) else {
        return Ok(SearchPage { found: Vec::new(), complete: true });
    };
    let owner = names::account(connection, &query.owner)?.filter(|_| query.own);
    let mut room_numbers = Vec::new();
    for room in &query.rooms {
        room_numbers.extend(rooms::number(connection, room)?);
    }
    let readers = owner.map(|owner| format!("o{owner}")).into_iter();
    let readers: Vec<String> = readers.chain(room_numbers.iter().map(|room| format!("r{room}"))).collect();
    if readers.is_empty() {
        return Ok(SearchPage { found: Vec::new(), complete: true });
    }
    let filter = format!("readers : ({}) AND said : ({words})", readers.join(" OR "));
    let mut rows: Vec<i64> = Vec::new();
    let late = unindexed(connection, recent, owner, &room_numbers)?;
    rows.extend(matching(connection, "late_words", &filter, &late)?);
    rows.extend(all(connection, "SELECT rowid FROM words WHERE words MATCH ?1", [&filter], |row| {
        Ok(row.get::<_, i64>(0)?)
    })?);
    page(connection, query, owner, &rows)
}

/// The places in a room where these words were said.
pub(super) fn in_room(
    connection: &Connection,
    room: i64,
    text: &str,
) -> Result<HashSet<Sequence>, StoreError> {
    let Some(words) = expression(text) else { return Ok(HashSet::new()) };
    let filter = format!("readers : (r{room}) AND said : ({words})");
    let mut late = Vec::new();
    unindexed_in_rooms(connection, &[room], &mut late)?;
    let mut rows = matching(connection, "late_words", &filter, &late)?;
    rows.extend(all(connection, "SELECT rowid FROM words WHERE words MATCH ?1", [&filter], |row| {
        Ok(row.get::<_, i64>(0)?)
    })?);
    Ok(rows.into_iter().filter(|row| row % 2 == 1).map(|row| row / 2).collect())
}

/// Reads what was found, newest first, until the page is full.
fn page(
    connection: &Connection,
    query: &SearchQuery,
    owner: Option<i64>,
    rows: &[i64],
) -> Result<SearchPage, StoreError> {
    // Places of both tables say nothing of each other; ids do, by their time.
    let mut dated: Vec<([u8; 16], i64)> = Vec::with_capacity(rows.len());
    for batch in rows.chunks(BATCH) {
        for row in batch {
            let table = if row % 2 == 0 { "messages" } else { "room_messages" };
            let sql = format!("SELECT id FROM {table} WHERE sequence = ?1");
            let id = first(connection, &sql, [row / 2], |found| Ok(found.get::<_, [u8; 16]>(0)?))?;
            dated.extend(
                id.filter(|id| query.before.is_none_or(|before| id < before.as_bytes())).map(|id| (id, *row)),
            );
        }
    }
    dated.sort_unstable_by(|one, other| other.cmp(one));
    dated.dedup();
    let (mut found, mut complete) = (Vec::new(), true);
    for (id, row) in dated {
        let next = if row % 2 == 1 {
            rooms::by_sequence(connection, row / 2)?.map(|message| Found::InRoom(Arc::new(message)))
        } else {
            let is_owners = owner
                .map(|owner| messages::archived_at(connection, owner, domain::MessageId::from_bytes(id)));
            match is_owners.transpose()?.flatten() {
                Some(place) => messages::by_sequences(connection, &[place])?
                    .pop()
                    .map(|(_, message)| message)
                    .filter(|message| is_with(query, message))
                    .map(Found::Message),
                None => None,
            }
        };
        let Some(next) = next else { continue };
        if found.len() == query.limit {
            complete = false;
            break;
        }
        found.push(next);
    }
    Ok(SearchPage { found, complete })
}

fn is_with(query: &SearchQuery, message: &domain::Message) -> bool {
    let Some(with) = &query.with else { return true };
    if message.recipient == query.owner {
        return message.sender.correspondent(message.recipient.domain()).as_ref() == Some(with);
    }
    message.recipient == *with
}

/// A row that the index has not, with who reads it and its words.
type Unindexed = (i64, String, String);

fn unindexed(
    connection: &Connection,
    recent: &Mutex<Recent>,
    owner: Option<i64>,
    room_numbers: &[i64],
) -> Result<Vec<Unindexed>, StoreError> {
    let mut late = Vec::new();
    if let Some(owner) = owner {
        let (up_to, _) = indexed(connection)?;
        let archive = Archive::open(connection, recent, owner, None);
        for place in archive.places(archive::Range { from: up_to + 1, to: Sequence::MAX }, false) {
            let place = place?;
            let words = first(
                connection,
                "SELECT words FROM messages WHERE sequence = ?1 AND content = 'text'",
                [place],
                |row| Ok(row.get::<_, Option<String>>(0)?),
            )?;
            late.extend(words.flatten().map(|words| (2 * place, format!("o{owner}"), words)));
        }
    }
    unindexed_in_rooms(connection, room_numbers, &mut late)?;
    Ok(late)
}

fn unindexed_in_rooms(
    connection: &Connection,
    room_numbers: &[i64],
    late: &mut Vec<Unindexed>,
) -> Result<(), StoreError> {
    let (_, up_to) = indexed(connection)?;
    for room in room_numbers {
        let sql = "SELECT sequence, words FROM room_messages
                   WHERE room = ?1 AND sequence > ?2 AND content = 'text' AND words IS NOT NULL";
        late.extend(all(connection, sql, (room, up_to), |row| {
            Ok((2 * row.get::<_, i64>(0)? + 1, format!("r{room}"), row.get::<_, String>(1)?))
        })?);
    }
    Ok(())
}

/// Which of these rows match, by an index of them alone that lasts no longer.
fn matching(
    connection: &Connection,
    table: &str,
    filter: &str,
    rows: &[Unindexed],
) -> Result<Vec<i64>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    // A transaction's temporary table is the reader's own, whose file it cannot write.
    connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.{table} USING fts5
             (readers, said, content = '', tokenize = 'unicode61 remove_diacritics 2');
         INSERT INTO temp.{table} ({table}) VALUES ('delete-all');"
    ))?;
    let sql = format!("INSERT INTO temp.{table} (rowid, readers, said) VALUES (?1, ?2, ?3)");
    for row in rows {
        execute(connection, &sql, (row.0, &row.1, &row.2))?;
    }
    let sql = format!("SELECT rowid FROM temp.{table} WHERE {table} MATCH ?1");
    let found = all(connection, &sql, [filter], |row| Ok(row.get(0)?))?;
    connection.execute_batch(&format!("INSERT INTO temp.{table} ({table}) VALUES ('delete-all');"))?;
    Ok(found)
}

fn indexed(connection: &Connection) -> Result<(Sequence, Sequence), StoreError> {
    let sql = "SELECT messages_up_to, room_messages_up_to FROM indexed";
    Ok(first(connection, sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or((0, 0)))
}

/// Indexes some of what is filed and some of what was said in rooms. Says whether there may be more.
pub(super) fn step(connection: &Connection) -> Result<bool, StoreError> {
    let (messages_up_to, rooms_up_to) = indexed(connection)?;
    let sql = "SELECT sequence, keep, sender_account, recipient_account, content, words FROM messages
               WHERE sequence > ?1 AND sequence <= (SELECT up_to FROM filed) ORDER BY sequence LIMIT ?2";
    let said = all(connection, sql, (messages_up_to, sql_limit(STEP)), |row| {
        let (keep, sender, recipient): (i64, Option<i64>, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let readers = [sender.filter(|_| keep & 1 != 0), Some(recipient).filter(|_| keep & 2 != 0)];
        let readers: Vec<String> =
            readers.into_iter().flatten().map(|account| format!("o{account}")).collect();
        let words = row
            .get::<_, Option<String>>(5)?
            .filter(|_| row.get::<_, String>(4).is_ok_and(|word| word == "text"));
        Ok((row.get::<_, Sequence>(0)?, readers.join(" "), words))
    })?;
    let sql = "SELECT sequence, room, content, words FROM room_messages WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
    let in_rooms = all(connection, sql, (rooms_up_to, sql_limit(STEP)), |row| {
        let words = row
            .get::<_, Option<String>>(3)?
            .filter(|_| row.get::<_, String>(2).is_ok_and(|word| word == "text"));
        Ok((row.get::<_, Sequence>(0)?, format!("r{}", row.get::<_, i64>(1)?), words))
    })?;
    let insert = "INSERT INTO words (rowid, readers, said) VALUES (?1, ?2, ?3)";
    for (place, readers, words) in said.iter().filter(|(_, readers, _)| !readers.is_empty()) {
        if let Some(words) = words {
            execute(connection, insert, (2 * place, readers, words))?;
        }
    }
    for (place, readers, words) in &in_rooms {
        if let Some(words) = words {
            execute(connection, insert, (2 * place + 1, readers, words))?;
        }
    }
    let messages_up_to = said.last().map_or(messages_up_to, |(place, ..)| *place);
    let rooms_up_to = in_rooms.last().map_or(rooms_up_to, |(place, ..)| *place);
    let sql = "UPDATE indexed SET messages_up_to = ?1, room_messages_up_to = ?2";
    execute(connection, sql, (messages_up_to, rooms_up_to))?;
    Ok(said.len().max(in_rooms.len()) == STEP)
}

/// The words of a person as the index is asked for them; none where there are none. Whatever they write is words: it
/// cannot be an operator.
fn expression(text: &str) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut begun = false;
    for (index, piece) in text.split('"').enumerate() {
        if index % 2 == 1 {
            parts.extend(phrase(piece));
            begun = false;
            continue;
        }
        for word in piece.split_whitespace() {
            parts.extend(phrase(word));
        }
        begun = !piece.is_empty() && !piece.ends_with(char::is_whitespace);
    }
    parts.truncate(WORDS_MAX);
    if parts.is_empty() {
        return None;
    }
    let prefix = if begun { " *" } else { "" };
    Some(format!("{}{prefix}", parts.join(" AND ")))
}

/// A piece of text as words that follow each other; none where it has neither letters nor digits.
fn phrase(text: &str) -> Option<String> {
    let said = text.chars().any(char::is_alphanumeric);
    said.then(|| format!("\"{}\"", text.replace(['"', '\0'], " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_people_write_is_words_and_no_operator() {
        assert_eq!(expression("pump 3 OR").as_deref(), Some("\"pump\" AND \"3\" AND \"OR\" *"));
        assert_eq!(expression("\"pump house\" key ").as_deref(), Some("\"pump house\" AND \"key\""));
        assert_eq!(expression("said:x) NEAR(").as_deref(), Some("\"said:x)\" AND \"NEAR(\" *"));
        for nothing in ["", " ", "\"\"", "*", "( - )"] {
            assert_eq!(expression(nothing), None, "{nothing:?}");
        }
    }
}
