//! What happens to messages and streams after they were taken, as notes that a commit writes in one row.

use domain::{AlertId, MessageId};
use rusqlite::Connection;

use super::values::{all, corrupt, execute};
use crate::{Deliverable, Sequence, StoreError};

/// Something that has happened. Accounts and streams go by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// The recipient has a message.
    Acknowledged { recipient: i64, sequence: Sequence, kept: bool },
    /// So many stanzas of a stream were taken.
    Received { stream: i64, received: u32 },
    /// Something was given to a stream.
    Given { stream: i64, position: u32, item: Deliverable },
    /// The client of a stream has what it was given at a position.
    Taken { stream: i64, position: u32 },
}

/// Writes notes, if there are any.
pub(super) fn write(connection: &Connection, notes: &[Note]) -> Result<(), StoreError> {
    if notes.is_empty() {
        return Ok(());
    }
    let mut bytes = Vec::with_capacity(notes.len() * 24);
    notes.iter().for_each(|note| encode(note, &mut bytes));
    execute(connection, "INSERT INTO journal (notes) VALUES (?1)", [bytes]).map(drop)
}

/// All notes, in the order in which they were written.
pub(super) fn read(connection: &Connection) -> Result<Vec<Note>, StoreError> {
    let rows: Vec<Vec<u8>> =
        all(connection, "SELECT notes FROM journal ORDER BY entry", [], |row| Ok(row.get(0)?))?;
    let mut notes = Vec::new();
    for row in rows {
        let mut rest = row.as_slice();
        while !rest.is_empty() {
            notes.push(decode(&mut rest).ok_or_else(|| corrupt("journal.notes", &"it ends in a note"))?);
        }
    }
    Ok(notes)
}

pub(super) fn clear(connection: &Connection) -> Result<(), StoreError> {
    execute(connection, "DELETE FROM journal", []).map(drop)
}

fn encode(note: &Note, bytes: &mut Vec<u8>) {
    match *note {
        Note::Acknowledged { recipient, sequence, kept } => {
            bytes.push(if kept { b'k' } else { b'a' });
            bytes.extend_from_slice(&recipient.to_le_bytes());
            bytes.extend_from_slice(&sequence.to_le_bytes());
        }
        Note::Received { stream, received } => encode_place(b'r', stream, received, bytes),
        Note::Taken { stream, position } => encode_place(b't', stream, position, bytes),
        Note::Given { stream, position, item: Deliverable::Message(id) } => {
            encode_place(b'm', stream, position, bytes);
            bytes.extend_from_slice(id.as_bytes());
        }
        Note::Given { stream, position, item: Deliverable::Alert(id) } => {
            encode_place(b'l', stream, position, bytes);
            bytes.extend_from_slice(id.as_bytes());
        }
    }
}

fn encode_place(kind: u8, stream: i64, number: u32, bytes: &mut Vec<u8>) {
    bytes.push(kind);
    bytes.extend_from_slice(&stream.to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn decode(bytes: &mut &[u8]) -> Option<Note> {
    let [kind] = take(bytes)?;
    let subject = i64::from_le_bytes(take(bytes)?);
    if matches!(kind, b'k' | b'a') {
        let sequence = i64::from_le_bytes(take(bytes)?);
        return Some(Note::Acknowledged { recipient: subject, sequence, kept: kind == b'k' });
    }
    let (stream, number) = (subject, u32::from_le_bytes(take(bytes)?));
    let given = |item| Note::Given { stream, position: number, item };
    match kind {
        b'r' => Some(Note::Received { stream, received: number }),
        b't' => Some(Note::Taken { stream, position: number }),
        b'm' => Some(given(Deliverable::Message(MessageId::from_bytes(take(bytes)?)))),
        b'l' => Some(given(Deliverable::Alert(AlertId::from_bytes(take(bytes)?)))),
        _ => None,
    }
}

fn take<const COUNT: usize>(bytes: &mut &[u8]) -> Option<[u8; COUNT]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_read_back_as_they_were_written_and_half_a_note_is_said_to_be_corrupt() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE journal (entry INTEGER PRIMARY KEY, notes BLOB NOT NULL)")
            .unwrap();
        let notes = [
            Note::Acknowledged { recipient: 7, sequence: i64::MAX, kept: true },
            Note::Acknowledged { recipient: 8, sequence: 1, kept: false },
            Note::Received { stream: 9, received: u32::MAX },
            Note::Given {
                stream: 9,
                position: 3,
                item: Deliverable::Message(MessageId::from_bytes([5; 16])),
            },
            Note::Given { stream: 9, position: 4, item: Deliverable::Alert(AlertId::from_bytes([6; 16])) },
            Note::Taken { stream: 9, position: 3 },
        ];
        write(&connection, &notes[..4]).unwrap();
        write(&connection, &[]).unwrap();
        write(&connection, &notes[4..]).unwrap();
        assert_eq!(read(&connection).unwrap(), notes);
        connection.execute_batch("UPDATE journal SET notes = x'6d00' WHERE entry = 2").unwrap();
        assert!(matches!(read(&connection), Err(StoreError::Corrupt { .. })));
        clear(&connection).unwrap();
        assert_eq!(read(&connection), Ok(vec![]));
    }
}
