use std::sync::Arc;

use domain::{Address, Message, MessageId};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use rusqlite::Connection;

use super::{
    filing, messages, names,
    recent::Recent,
    values::{all, first, missing, sql_limit},
};
use crate::{ArchivePage, ArchivePlace, ArchiveQuery, Sequence, StoreError};

/// Pieces are counted no further than this.
const PIECES_COUNTED_MAX: usize = 1_000;
/// By how much the times of messages may run against their order, other than by setting the clock back.
const DISORDER: SignedDuration = SignedDuration::from_mins(1);

/// A reader's. What is recent is asked for first, so that whatever is filed meanwhile is found in the tables.
pub(super) fn page(
    connection: &Connection,
    recent: &Mutex<Recent>,
    query: &ArchiveQuery,
) -> Result<ArchivePage, StoreError> {
    let owner = names::account(connection, &query.owner)?;
    let place = |id: &MessageId| {
        let place = owner.map(|owner| messages::archived_at(connection, owner, *id)).transpose()?.flatten();
        place.ok_or_else(|| missing(format!("the message {id} in the archive of {}", query.owner)))
    };
    let after = query.after.iter().map(place).collect::<Result<Vec<_>, _>>()?.into_iter().max();
    let before = query.before.iter().map(place).collect::<Result<Vec<_>, _>>()?.into_iter().min();
    let named = query.ids.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let peer = query.with.as_ref().map(|with| names::peer(connection, with)).transpose()?;
    let (Some(owner), None | Some(Some(_))) = (owner, peer) else { return Ok(empty()) };
    let archive = Archive::open(connection, recent, owner, peer.flatten());
    let range = Range {
        from: after.map_or(Sequence::MIN, |after| after + 1).max(first_since(connection, query.start)?),
        to: before.map_or(Sequence::MAX, |before| before - 1).min(last_until(connection, query.end)?),
    };
    if named.is_empty() {
        let dated = query.start.is_some() || query.end.is_some();
        let count = if dated { None } else { archive.count()? };
        return Ok(ArchivePage {
            count,
            ..collect(connection, query, archive.places(range, query.from_end))?
        });
    }
    let mut found = named_messages(connection, query, named)?;
    let count = found.len() as u64;
    found.retain(|(place, _)| (range.from..=range.to).contains(place));
    let complete = found.len() <= query.limit;
    let surplus = found.len().saturating_sub(query.limit);
    let found = if query.from_end { found.split_off(surplus) } else { found };
    let messages = found.into_iter().take(query.limit).map(|(_, message)| message).collect();
    Ok(ArchivePage { messages, complete, count: Some(count) })
}

fn empty() -> ArchivePage {
    ArchivePage { messages: Vec::new(), complete: true, count: Some(0) }
}

fn named_messages(
    connection: &Connection,
    query: &ArchiveQuery,
    mut places: Vec<Sequence>,
) -> Result<Vec<(Sequence, Arc<Message>)>, StoreError> {
    places.sort_unstable();
    places.dedup();
    let mut found = messages::by_sequences(connection, &places)?;
    found.retain(|(_, message)| is_dated(query, message) && is_with(query, message));
    Ok(found)
}

fn is_with(query: &ArchiveQuery, message: &Message) -> bool {
    let Some(with) = &query.with else { return true };
    if message.recipient == query.owner {
        return message.sender.correspondent(message.recipient.domain()).as_ref() == Some(with);
    }
    message.recipient == *with
}

fn is_dated(query: &ArchiveQuery, message: &Message) -> bool {
    query.start.is_none_or(|start| message.accepted_at >= start)
        && query.end.is_none_or(|end| message.accepted_at <= end)
}

/// The first messages of these places, in their order, that are still there and of the time asked for.
fn collect(
    connection: &Connection,
    query: &ArchiveQuery,
    places: impl Iterator<Item = Result<Sequence, StoreError>>,
) -> Result<ArchivePage, StoreError> {
    let (mut found, mut complete) = (Vec::new(), true);
    for place in places {
        for (_, message) in messages::by_sequences(connection, &[place?])? {
            if is_dated(query, &message) {
                found.push(message);
            }
        }
        if found.len() > query.limit {
            found.pop();
            complete = false;
            break;
        }
    }
    if query.from_end {
        found.reverse();
    }
    Ok(ArchivePage { messages: found, complete, count: None })
}

/// Places from one to another, both included.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) from: Sequence,
    pub(super) to: Sequence,
}

/// The places of one person's archive, or of one conversation in it.
pub(super) struct Archive<'a> {
    connection: &'a Connection,
    owner: i64,
    peer: i64,
    recent: Vec<Sequence>,
}

impl<'a> Archive<'a> {
    pub(super) fn open(
        connection: &'a Connection,
        recent: &Mutex<Recent>,
        owner: i64,
        peer: Option<i64>,
    ) -> Self {
        let recent = recent.lock().archived(owner, peer);
        Self { connection, owner, peer: peer.unwrap_or(0), recent }
    }

    /// The places of a range, newest first where they are wanted from the end.
    pub(super) fn places(&self, range: Range, from_end: bool) -> Places<'_> {
        let edge = if from_end { range.to } else { range.from };
        Places { archive: self, range, from_end, edge, ready: Vec::new(), filed: false, ended: false }
    }

    /// How many places there are; none where there are too many pieces to count.
    fn count(&self) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT places, first FROM archive WHERE owner = ?1 AND peer = ?2 LIMIT ?3";
        let parameters = (self.owner, self.peer, sql_limit(PIECES_COUNTED_MAX + 1));
        let pieces: Vec<(i64, Sequence)> =
            all(self.connection, sql, parameters, |row| Ok((row.get(0)?, row.get(1)?)))?;
        if pieces.len() > PIECES_COUNTED_MAX {
            return Ok(None);
        }
        let filed: i64 = pieces.iter().map(|(places, _)| places).sum();
        let last = pieces.iter().map(|(_, first)| *first).max();
        // What was filed since it was asked for is counted in the tables.
        let recent = self.recent.iter().filter(|place| last.is_none_or(|last| **place > last)).count();
        Ok(Some((super::values::count(filed) + recent) as u64))
    }

    /// The piece that has this place or comes next to it, in the direction of reading.
    fn piece(&self, edge: Sequence, from_end: bool) -> Result<Option<Vec<Sequence>>, StoreError> {
        let read = |row: &rusqlite::Row<'_>| filing::places(row.get(0)?, &row.get::<_, Vec<u8>>(1)?);
        let parameters = (self.owner, self.peer, edge);
        let up_to = "SELECT first, sequences FROM archive WHERE owner = ?1 AND peer = ?2 AND first <= ?3
                     ORDER BY first DESC LIMIT 1";
        let piece = first(self.connection, up_to, parameters, read)?;
        if from_end || piece.as_ref().is_some_and(|piece| piece.last().is_some_and(|last| *last >= edge)) {
            return Ok(piece);
        }
        let next = "SELECT first, sequences FROM archive WHERE owner = ?1 AND peer = ?2 AND first > ?3
                    ORDER BY first LIMIT 1";
        first(self.connection, next, parameters, read)
    }
}

/// Walks the pieces in the tables and what is recent, which is all later.
pub(super) struct Places<'a> {
    archive: &'a Archive<'a>,
    range: Range,
    from_end: bool,
    /// The next place that may come.
    edge: Sequence,
    /// What comes next, the very next last.
    ready: Vec<Sequence>,
    /// Whether the pieces in the tables are being read, from the end, or were read, from the beginning.
    filed: bool,
    ended: bool,
}

impl Iterator for Places<'_> {
    type Item = Result<Sequence, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(place) = self.ready.pop() {
                let next = if self.from_end { place.checked_sub(1) } else { place.checked_add(1) };
                self.edge = next.unwrap_or(place);
                return Some(Ok(place));
            }
            if self.ended {
                return None;
            }
            if let Err(error) = self.refill() {
                self.ended = true;
                return Some(Err(error));
            }
        }
    }
}

impl Places<'_> {
    fn refill(&mut self) -> Result<(), StoreError> {
        let places = if self.from_end && !self.filed {
            self.filed = true;
            self.archive.recent.clone()
        } else if self.from_end || !self.filed {
            match self.archive.piece(self.edge, self.from_end)? {
                Some(piece) => piece,
                None => {
                    self.ended = self.from_end;
                    self.filed = true;
                    return Ok(());
                }
            }
        } else {
            self.ended = true;
            self.archive.recent.clone()
        };
        let (from, to) =
            if self.from_end { (self.range.from, self.edge) } else { (self.edge, self.range.to) };
        let whole = places.len();
        let last = if self.from_end { places.first().copied() } else { places.last().copied() };
        self.ready = places.into_iter().filter(|place| (from..=to).contains(place)).collect();
        if !self.from_end {
            self.ready.reverse();
        }
        // A piece that reaches past the range is the last; one that lies before the edge has nothing new.
        let past = last.is_some_and(|last| if self.from_end { last < from } else { last > to });
        self.ended |= past && whole > 0;
        Ok(())
    }
}

/// The first place that may have been taken at this time or later.
fn first_since(connection: &Connection, start: Option<Timestamp>) -> Result<Sequence, StoreError> {
    let Some(start) = start else { return Ok(Sequence::MIN) };
    partition(connection, |clock| clock < start)
}

/// The last place that may have been taken at this time or earlier.
fn last_until(connection: &Connection, end: Option<Timestamp>) -> Result<Sequence, StoreError> {
    let Some(end) = end else { return Ok(Sequence::MAX) };
    let end = end.saturating_add(DISORDER).unwrap_or(Timestamp::MAX);
    Ok(partition(connection, |clock| clock <= end)?.saturating_sub(1))
}

/// The first place of the log at whose clock `is_before` no longer holds.
fn partition(connection: &Connection, is_before: impl Fn(Timestamp) -> bool) -> Result<Sequence, StoreError> {
    let last = "SELECT coalesce(max(sequence), 0) FROM messages";
    let last: Sequence = first(connection, last, [], |row| Ok(row.get(0)?))?.unwrap_or(0);
    let (mut low, mut high) = (1, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        match messages::clock_from(connection, middle)? {
            Some((place, clock)) if is_before(clock) => low = place + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// A reader's: which of these messages are in an archive.
pub(super) fn archived(
    connection: &Connection,
    owner: &Address,
    mut ids: Vec<MessageId>,
) -> Result<Vec<MessageId>, StoreError> {
    let Some(owner) = names::account(connection, owner)? else { return Ok(Vec::new()) };
    let mut is_there = Vec::with_capacity(ids.len());
    for id in &ids {
        is_there.push(messages::archived_at(connection, owner, *id)?.is_some());
    }
    let mut is_there = is_there.into_iter();
    ids.retain(|_| is_there.next().unwrap_or(false));
    Ok(ids)
}

/// A reader's: the ends of an archive.
pub(super) fn bounds(
    connection: &Connection,
    recent: &Mutex<Recent>,
    owner: &Address,
) -> Result<Option<(ArchivePlace, ArchivePlace)>, StoreError> {
    let end = |from_end| -> Result<Option<ArchivePlace>, StoreError> {
        let query = ArchiveQuery { from_end, ..ArchiveQuery::of(owner.clone(), 1) };
        let found = page(connection, recent, &query)?.messages;
        Ok(found.first().map(|message| (message.id, message.accepted_at)))
    };
    Ok(end(false)?.zip(end(true)?))
}
