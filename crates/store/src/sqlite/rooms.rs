use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Address, Content, MessageId, Native, Protocol,
    room::{Affiliation, Room, RoomConfiguration, RoomMessage, RoomSubject},
};
use jiff::Timestamp;
use rusqlite::{Connection, Row, ToSql, params};

use super::{
    chores,
    messages::{content_of, content_word, words},
    recent::Recent,
    search,
    values::{
        all, changed, corrupt, execute, existing, exists, first, from_json, missing, nanoseconds, parsed,
        sql_limit, time, to_json,
    },
};
use crate::{Outcome, RoomChange, RoomPage, RoomQuery, Sequence, StoreError};

pub(super) fn apply(
    connection: &Connection,
    recent: &mut Recent,
    change: RoomChange,
) -> Result<Outcome, StoreError> {
    match change {
        RoomChange::Create { room, configuration, owner, created_at } => {
            create(connection, &room, &configuration, &owner, created_at)?;
        }
        RoomChange::Configure { room, configuration } => {
            let sql = "UPDATE rooms SET configuration = ?2 WHERE address = ?1";
            let rows = execute(connection, sql, (room.as_str(), to_json(&configuration)?))?;
            changed(rows, name(&room))?;
        }
        RoomChange::SetSubject { room, subject } => {
            let subject = subject.as_ref().map(to_json).transpose()?;
            let sql = "UPDATE rooms SET subject = ?2 WHERE address = ?1";
            changed(execute(connection, sql, (room.as_str(), subject))?, name(&room))?;
        }
        RoomChange::SetAffiliation { room, person, affiliation } => {
            set_affiliation(connection, required(connection, &room)?, &person, affiliation)?;
        }
        RoomChange::Accept { message, keep } => return accept(connection, recent, &message, keep),
        RoomChange::Remove { room } => {
            if let Some(number) = number(connection, &room)? {
                execute(connection, "DELETE FROM rooms WHERE number = ?1", [number])?;
                chores::empty_room(connection, &mut recent.chores, number)?;
            }
        }
    }
    Ok(Outcome::Done)
}

fn create(
    connection: &Connection,
    room: &Address,
    configuration: &RoomConfiguration,
    owner: &Address,
    created_at: Timestamp,
) -> Result<(), StoreError> {
    if number(connection, room)?.is_some() {
        return Err(existing(name(room)));
    }
    let sql = "INSERT INTO rooms (address, configuration, created_at) VALUES (?1, ?2, ?3)";
    execute(connection, sql, (room.as_str(), to_json(configuration)?, nanoseconds(created_at)?))?;
    set_affiliation(connection, connection.last_insert_rowid(), owner, Affiliation::Owner)
}

fn set_affiliation(
    connection: &Connection,
    room: i64,
    person: &Address,
    affiliation: Affiliation,
) -> Result<(), StoreError> {
    if affiliation == Affiliation::None {
        let sql = "DELETE FROM room_affiliations WHERE room = ?1 AND person = ?2";
        return execute(connection, sql, (room, person.as_str())).map(drop);
    }
    let sql = "INSERT OR REPLACE INTO room_affiliations (room, person, affiliation) VALUES (?1, ?2, ?3)";
    execute(connection, sql, (room, person.as_str(), affiliation.as_str())).map(drop)
}

fn accept(
    connection: &Connection,
    recent: &mut Recent,
    message: &RoomMessage,
    keep: Option<usize>,
) -> Result<Outcome, StoreError> {
    let room = required(connection, &message.room)?;
    if let Some(sender_id) = &message.sender_id {
        let sql = "SELECT 1 FROM room_messages WHERE room = ?1 AND sender = ?2 AND sender_id = ?3";
        if exists(connection, sql, (room, message.sender.as_str(), sender_id))? {
            return Ok(Outcome::Repeated);
        }
    }
    if exists(connection, "SELECT 1 FROM room_messages WHERE id = ?1", [message.id.as_bytes()])? {
        return Err(existing(format!("the message {}", message.id)));
    }
    let subject = match &message.content {
        Content::Text { subject, .. } => subject.as_deref(),
        _ => None,
    };
    let sql = "INSERT INTO room_messages
               (room, address, id, sender, nickname, accepted_at, content, words, subject, sender_id, native_protocol,
                native)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let row = params![
        room,
        message.room.as_str(),
        message.id.as_bytes(),
        message.sender.as_str(),
        message.nickname.as_str(),
        nanoseconds(message.accepted_at)?,
        content_word(&message.content),
        words(&message.content),
        subject,
        message.sender_id,
        message.native.as_ref().map(|native| native.protocol.as_str()),
        message.native.as_ref().map(|native| native.bytes.as_ref()),
    ];
    execute(connection, sql, row)?;
    recent.unindexed = true;
    if let Some(keep) = keep {
        let sql = "DELETE FROM room_messages WHERE room = ?1 AND sequence <=
                   (SELECT sequence FROM room_messages WHERE room = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2)";
        execute(connection, sql, (room, sql_limit(keep)))?;
    }
    Ok(Outcome::Accepted)
}

/// A person has no account any more: they are nothing to any room.
pub(super) fn forget_person(connection: &Connection, person: &Address) -> Result<(), StoreError> {
    execute(connection, "DELETE FROM room_affiliations WHERE person = ?1", [person.as_str()]).map(drop)
}

/// Another address, and its name, in the place of a person's in what they have said in rooms.
pub(super) fn rename_speaker(
    connection: &Connection,
    from: &Address,
    to: &Address,
) -> Result<(), StoreError> {
    let sql = "SELECT DISTINCT room, nickname FROM room_messages WHERE sender = ?1";
    let names = all(connection, sql, [from.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let names: Vec<(i64, String)> = names;
    let sql = "UPDATE rooms SET subject = json_set(subject, '$.by', ?3)
               WHERE number = ?1 AND json_extract(subject, '$.by') = ?2";
    for (room, name) in names {
        execute(connection, sql, (room, name, to.name()))?;
    }
    let sql = "UPDATE room_messages SET sender = ?2, nickname = ?3 WHERE sender = ?1";
    execute(connection, sql, (from.as_str(), to.as_str(), to.name())).map(drop)
}

pub(super) fn number(connection: &Connection, room: &Address) -> Result<Option<i64>, StoreError> {
    first(connection, "SELECT number FROM rooms WHERE address = ?1", [room.as_str()], |row| Ok(row.get(0)?))
}

fn required(connection: &Connection, room: &Address) -> Result<i64, StoreError> {
    number(connection, room)?.ok_or_else(|| missing(name(room)))
}

fn name(room: &Address) -> String {
    format!("the room {room}")
}

pub(super) fn list(connection: &Connection) -> Result<Vec<Room>, StoreError> {
    let sql = "SELECT number, address, configuration, subject, created_at FROM rooms ORDER BY address";
    let rooms = all(connection, sql, [], |row| {
        let subject = row.get::<_, Option<String>>(3)?;
        let room = Room {
            address: parsed("rooms.address", &row.get::<_, String>(1)?)?,
            configuration: from_json("rooms.configuration", &row.get::<_, String>(2)?)?,
            subject: subject
                .map(|subject| from_json::<RoomSubject>("rooms.subject", &subject))
                .transpose()?,
            affiliations: BTreeMap::new(),
            created_at: time(row.get(4)?)?,
        };
        Ok((row.get::<_, i64>(0)?, room))
    })?;
    let mut rooms: BTreeMap<i64, Room> = rooms.into_iter().collect();
    let sql = "SELECT room, person, affiliation FROM room_affiliations";
    let affiliations = all(connection, sql, [], |row| {
        let word: String = row.get(2)?;
        let affiliation =
            Affiliation::from_name(&word).ok_or_else(|| corrupt("room_affiliations.affiliation", &word))?;
        let person: Address = parsed("room_affiliations.person", &row.get::<_, String>(1)?)?;
        Ok((row.get::<_, i64>(0)?, person, affiliation))
    })?;
    for (room, person, affiliation) in affiliations {
        if let Some(room) = rooms.get_mut(&room) {
            room.affiliations.insert(person, affiliation);
        }
    }
    let mut rooms: Vec<Room> = rooms.into_values().collect();
    rooms.sort_unstable_by(|one, other| one.address.cmp(&other.address));
    Ok(rooms)
}

const COLUMNS: &str =
    "sequence, address, id, sender, nickname, accepted_at, content, words, subject, sender_id,
                       native_protocol, native";

pub(super) fn messages(connection: &Connection, query: &RoomQuery) -> Result<RoomPage, StoreError> {
    let Some(room) = number(connection, &query.room)? else {
        return Ok(RoomPage { messages: Vec::new(), complete: true });
    };
    let place = |id: &MessageId| {
        let sql = "SELECT sequence FROM room_messages WHERE id = ?1 AND room = ?2";
        let place = first(connection, sql, (id.as_bytes(), room), |row| Ok(row.get::<_, Sequence>(0)?))?;
        place.ok_or_else(|| missing(format!("the message {id} in {}", query.room)))
    };
    let from = query.after.as_ref().map(place).transpose()?.map_or(Sequence::MIN, |after| after + 1);
    let to = query.before.as_ref().map(place).transpose()?.map_or(Sequence::MAX, |before| before - 1);
    let named = query.ids.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let found = match &query.text {
        Some(text) => Some(search::in_room(connection, room, text)?),
        None => None,
    };
    let wanted = |message: &RoomMessage| {
        query.sender.as_ref().is_none_or(|sender| *sender == message.sender)
            && query.start.is_none_or(|start| message.accepted_at >= start)
            && query.end.is_none_or(|end| message.accepted_at <= end)
    };
    let is_named = |place: &Sequence| named.is_empty() || named.contains(place);
    let is_found = |place: &Sequence| found.as_ref().is_none_or(|found| found.contains(place));
    let order = if query.from_end { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {COLUMNS} FROM room_messages WHERE room = ?1 AND sequence BETWEEN ?2 AND ?3 ORDER BY sequence {order}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((room, from, to))?;
    let (mut messages, mut complete) = (Vec::new(), true);
    while let Some(row) = rows.next()? {
        let place: Sequence = row.get(0)?;
        if !is_named(&place) || !is_found(&place) {
            continue;
        }
        let message = read(row)?;
        if !wanted(&message) {
            continue;
        }
        if messages.len() == query.limit {
            complete = false;
            break;
        }
        messages.push(Arc::new(message));
    }
    if query.from_end {
        messages.reverse();
    }
    Ok(RoomPage { messages, complete })
}

/// What was said in this place.
pub(super) fn by_sequence(
    connection: &Connection,
    place: Sequence,
) -> Result<Option<RoomMessage>, StoreError> {
    first(
        connection,
        &format!("SELECT {COLUMNS} FROM room_messages WHERE sequence = ?1"),
        [&place as &dyn ToSql],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<RoomMessage, StoreError> {
    let native = match (row.get::<_, Option<String>>(10)?, row.get::<_, Option<Vec<u8>>>(11)?) {
        (Some(protocol), Some(bytes)) => Some(Native {
            protocol: Protocol::from_name(&protocol)
                .ok_or_else(|| corrupt("room_messages.native_protocol", &protocol))?,
            bytes: bytes.into(),
        }),
        _ => None,
    };
    Ok(RoomMessage {
        room: parsed("room_messages.address", &row.get::<_, String>(1)?)?,
        id: MessageId::from_bytes(row.get(2)?),
        sender: parsed("room_messages.sender", &row.get::<_, String>(3)?)?,
        nickname: parsed("room_messages.nickname", &row.get::<_, String>(4)?)?,
        accepted_at: time(row.get(5)?)?,
        content: content_of(&row.get::<_, String>(6)?, row.get(7)?, row.get(8)?)?,
        sender_id: row.get(9)?,
        native,
    })
}
