use std::sync::Arc;

use domain::{Address, Content, Message, MessageId, MessageKind, Native, Protocol, Sender};
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, Row, params};

use super::{
    accounts,
    journal::Note,
    names::Names,
    recent::{Entry, Inbox, Recent, Recorded},
    repeats::{OwnId, Repeated, own_id},
    values::{
        all, corrupt, count, existing, exists, first, from_json, missing, nanoseconds, parsed, sql_limit,
        time, to_json,
    },
};
use crate::{Deliverable, Keep, Outcome, Sequence, StoreError, StreamId};

/// The recipient of what is for a correspondent without an account. Accounts are numbered from 1.
const NO_ACCOUNT: i64 = 0;

/// Everything that can be refused is checked before anything is changed.
pub(super) fn accept(
    connection: &Connection,
    recent: &mut Recent,
    message: &Message,
    keep: Keep,
    deliveries: &[(StreamId, u32)],
    limit: usize,
) -> Result<Outcome, StoreError> {
    let recipient = recent.names.account(connection, &message.recipient)?;
    let recipient = recipient.ok_or_else(|| missing(accounts::name(&message.recipient)))?;
    let outcome = accept_for(connection, recent, message, keep, recipient, limit)?;
    if outcome == Outcome::Accepted {
        for (stream, position) in deliveries {
            if let Some(stream) = recent.names.stream(connection, *stream)? {
                let item = Deliverable::Message(message.id);
                recent.note(Note::Given { stream, position: *position, item });
            }
        }
    }
    Ok(outcome)
}

/// Nobody's session is given it: what becomes of it is told by an acknowledgement alone.
pub(super) fn accept_answer(
    connection: &Connection,
    recent: &mut Recent,
    message: &Message,
    kept: bool,
    limit: usize,
) -> Result<Outcome, StoreError> {
    let keep = Keep { sender: kept, recipient: false };
    accept_for(connection, recent, message, keep, NO_ACCOUNT, limit)
}

fn accept_for(
    connection: &Connection,
    recent: &mut Recent,
    message: &Message,
    keep: Keep,
    recipient: i64,
    limit: usize,
) -> Result<Outcome, StoreError> {
    let (sender, recorded) = record(connection, &mut recent.names, message, keep, recipient)?;
    if let Some(own_id) = &recorded.own_id
        && (recent.used_at(own_id).is_some() || recent.runs.have(connection, own_id)?)
    {
        return Ok(Outcome::Repeated);
    }
    if pending_count(connection, recent, recorded.recipient)? >= limit {
        return Ok(Outcome::Full);
    }
    insert(connection, recent, message, keep, sender, &recorded)?;
    recent.record(recorded);
    Ok(Outcome::Accepted)
}

/// The sender's account, and what filing needs to know.
fn record(
    connection: &Connection,
    names: &mut Names,
    message: &Message,
    keep: Keep,
    recipient: i64,
) -> Result<(Option<i64>, Recorded), StoreError> {
    let sender = match message.sender.account() {
        Some(sender) => names.account(connection, sender)?,
        None => None,
    };
    let said = (content_word(&message.content), words(&message.content), subject(&message.content));
    let to = repeated_to(connection, names, recipient, &message.recipient)?;
    let own_id: Option<OwnId> = who_repeats(sender, matches!(message.sender, Sender::Unverified { .. }))
        .zip(message.sender_id.as_deref())
        .map(|(sender, sender_id)| own_id(&Repeated { between: (sender, to), sender_id, said }));
    let native = message.native.as_ref().map_or(0, |native| native.bytes.len());
    let recorded = Recorded {
        id: message.id,
        recipient,
        entries: entries(connection, names, message, keep, (sender, recipient))?,
        own_id,
        accepted_at: nanoseconds(message.accepted_at)?,
        bytes: native + words(&message.content).map_or(0, str::len),
        acknowledged: false,
    };
    Ok((sender, recorded))
}

/// The sender in what a repeat is recognised by: all whom nobody has proven are one, with ids of the service's making.
fn who_repeats(sender: Option<i64>, unverified: bool) -> Option<i64> {
    sender.or(unverified.then_some(0))
}

/// The recipient in it: those without an account are told apart by their addresses.
fn repeated_to(
    connection: &Connection,
    names: &mut Names,
    recipient: i64,
    address: &Address,
) -> Result<i64, StoreError> {
    if recipient == NO_ACCOUNT { Ok(-names.peer(connection, address)?) } else { Ok(recipient) }
}

/// The places in archives that a message takes.
fn entries(
    connection: &Connection,
    names: &mut Names,
    message: &Message,
    keep: Keep,
    (sender, recipient): (Option<i64>, i64),
) -> Result<[Option<Entry>; 2], StoreError> {
    let mut entries = [None; 2];
    if let Some(owner) = sender.filter(|_| keep.sender) {
        entries[0] = Some(Entry { owner, peer: names.peer(connection, &message.recipient)? });
    }
    if keep.recipient && entries[0].is_none_or(|entry| entry.owner != recipient) {
        let peer = match message.sender.correspondent(message.recipient.domain()) {
            Some(sender) => names.peer(connection, &sender)?,
            None => 0,
        };
        entries[1] = Some(Entry { owner: recipient, peer });
    }
    Ok(entries)
}

fn pending_count(connection: &Connection, recent: &mut Recent, recipient: i64) -> Result<usize, StoreError> {
    if let Some(Inbox { count: Some(count), .. }) = recent.inboxes.get(&recipient) {
        return Ok(*count);
    }
    let sql = "SELECT count(*) FROM pending WHERE recipient = ?1";
    let filed = first(connection, sql, [recipient], |row| Ok(count(row.get(0)?)))?.unwrap_or(0);
    let waiting = recent.waiting(recipient, 0).len();
    let inbox = recent.inboxes.entry(recipient).or_default();
    let pending = filed.saturating_sub(inbox.acknowledged.len()) + waiting;
    inbox.count = Some(pending);
    Ok(pending)
}

fn insert(
    connection: &Connection,
    recent: &Recent,
    message: &Message,
    keep: Keep,
    sender: Option<i64>,
    recorded: &Recorded,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO messages
               (sequence, sender_account, recipient_account, keep, accepted_at, clock, id, sender, unverified,
                recipient, kind, content, words, subject, sender_id, native_protocol, native, automatic)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    let unverified = matches!(message.sender, Sender::Unverified { .. });
    let row = params![
        recent.next(),
        sender,
        recorded.recipient,
        i64::from(recorded.entries[0].is_some()) | i64::from(keep.recipient) << 1,
        recorded.accepted_at,
        Some(recent.clock).filter(|clock| *clock > recorded.accepted_at),
        message.id.as_bytes(),
        message.sender.account().map(Address::as_str),
        unverified.then(|| to_json(&message.sender)).transpose()?,
        message.recipient.as_str(),
        kind_word(message.kind),
        content_word(&message.content),
        words(&message.content),
        subject(&message.content),
        message.sender_id,
        message.native.as_ref().map(|native| native.protocol.as_str()),
        message.native.as_ref().map(|native| native.bytes.as_ref()),
        message.automatic
    ];
    connection.prepare_cached(sql)?.execute(row).map(drop).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => existing(format!("the message {}", message.id)),
        _ => error.into(),
    })
}

/// Messages that are not pending for this recipient are passed over.
pub(super) fn acknowledge(
    connection: &Connection,
    recent: &mut Recent,
    recipient: &Address,
    messages: &[MessageId],
) -> Result<(), StoreError> {
    let recipient = recent.names.account(connection, recipient)?.unwrap_or(NO_ACCOUNT);
    for id in messages {
        let found = match recent.place_of(*id) {
            Some(sequence) => recent
                .at(sequence)
                .filter(|message| message.recipient == recipient && !message.acknowledged)
                .map(|message| (sequence, message.is_kept())),
            None => filed_as_pending(connection, recipient, *id)?,
        };
        if let Some((sequence, kept)) = found {
            recent.note(Note::Acknowledged { recipient, sequence, kept });
        }
    }
    Ok(())
}

fn filed_as_pending(
    connection: &Connection,
    recipient: i64,
    id: MessageId,
) -> Result<Option<(Sequence, bool)>, StoreError> {
    let sql = "SELECT sequence, keep FROM messages WHERE id = ?1
               AND EXISTS (SELECT 1 FROM pending WHERE recipient = ?2 AND pending.sequence = messages.sequence)";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)? != 0));
    first(connection, sql, (id.as_bytes(), recipient), read)
}

/// The messages of the log after a place, as far as filing needs to know them.
pub(super) fn recorded(
    connection: &Connection,
    names: &mut Names,
    after: Sequence,
) -> Result<Vec<(Sequence, Recorded)>, StoreError> {
    let sql = "SELECT sequence, id, sender_account, recipient_account, keep, accepted_at, sender, recipient, sender_id,
                      coalesce(octet_length(native), 0) + coalesce(octet_length(words), 0), content,
                      CASE WHEN sender_id IS NULL THEN NULL ELSE words END, subject, unverified
               FROM messages WHERE sequence > ?1 ORDER BY sequence";
    all(connection, sql, [after], |row| {
        let (sender, recipient): (Option<i64>, i64) = (row.get(2)?, row.get(3)?);
        let keep: i64 = row.get(4)?;
        let mut entries = [None; 2];
        let to: Address = parsed("messages.recipient", &row.get::<_, String>(7)?)?;
        if keep & 3 != 0 {
            if let Some(owner) = sender.filter(|_| keep & 1 != 0) {
                entries[0] = Some(Entry { owner, peer: names.peer(connection, &to)? });
            }
            if keep & 2 != 0 && entries[0].is_none_or(|entry| entry.owner != recipient) {
                let peer = match sender_of(row.get(6)?, row.get(13)?)?.correspondent(to.domain()) {
                    Some(from) => names.peer(connection, &from)?,
                    None => 0,
                };
                entries[1] = Some(Entry { owner: recipient, peer });
            }
        }
        let repeats_as = who_repeats(sender, row.get::<_, Option<String>>(13)?.is_some());
        let sender_id = row.get::<_, Option<String>>(8)?;
        let content: String = row.get(10)?;
        let (words, subject): (Option<String>, Option<String>) = (row.get(11)?, row.get(12)?);
        let said = (content.as_str(), words.as_deref(), subject.as_deref());
        let repeated_to = repeated_to(connection, names, recipient, &to)?;
        let recorded = Recorded {
            id: MessageId::from_bytes(row.get(1)?),
            recipient,
            entries,
            own_id: repeats_as.zip(sender_id.as_deref()).map(|(sender, sender_id)| {
                own_id(&Repeated { between: (sender, repeated_to), sender_id, said })
            }),
            accepted_at: row.get(5)?,
            bytes: count(row.get(9)?),
            acknowledged: false,
        };
        Ok((row.get(0)?, recorded))
    })
}

/// A reader's: what is recent is asked for first, so that whatever is filed meanwhile is found in the tables.
pub(super) fn pending(
    connection: &Connection,
    recent: &parking_lot::Mutex<Recent>,
    recipient: &Address,
    after: Sequence,
    limit: usize,
) -> Result<Vec<(Sequence, Arc<Message>)>, StoreError> {
    match super::names::account(connection, recipient)? {
        Some(recipient) => pending_for(connection, recent, recipient, after, limit),
        None => Ok(Vec::new()),
    }
}

/// A reader's: what is under way to correspondents without an account.
pub(super) fn answers_under_way(
    connection: &Connection,
    recent: &parking_lot::Mutex<Recent>,
    limit: usize,
) -> Result<Vec<Arc<Message>>, StoreError> {
    let found = pending_for(connection, recent, NO_ACCOUNT, 0, limit)?;
    Ok(found.into_iter().map(|(_, message)| message).collect())
}

fn pending_for(
    connection: &Connection,
    recent: &parking_lot::Mutex<Recent>,
    recipient: i64,
    mut after: Sequence,
    limit: usize,
) -> Result<Vec<(Sequence, Arc<Message>)>, StoreError> {
    let (waiting, acknowledged) = {
        let recent = recent.lock();
        (recent.waiting(recipient, after), recent.acknowledged(recipient))
    };
    loop {
        let sql =
            "SELECT sequence FROM pending WHERE recipient = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3";
        let most = sql_limit(limit.saturating_add(acknowledged.len()));
        let mut places: Vec<Sequence> =
            all(connection, sql, (recipient, after, most), |row| Ok(row.get(0)?))?;
        places.retain(|place| !acknowledged.contains(place));
        places.extend(waiting.iter().filter(|place| **place > after));
        places.sort_unstable();
        places.dedup();
        places.truncate(limit);
        let Some(last) = places.last() else { return Ok(Vec::new()) };
        let found = by_sequences(connection, &places)?;
        // Others may have been acknowledged and deleted while this read.
        if !found.is_empty() {
            return Ok(found);
        }
        after = *last;
    }
}

/// A reader's: messages that are about to be deleted are gone.
pub(super) fn by_ids(
    connection: &Connection,
    recent: &parking_lot::Mutex<Recent>,
    ids: &[MessageId],
) -> Result<Vec<Arc<Message>>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE id = ?1");
    let found = ids.iter().map(|id| first(connection, &sql, [id.as_bytes()], read_with_place).transpose());
    let found = found.flatten().collect::<Result<Vec<_>, _>>()?;
    let recent = recent.lock();
    let alive = found.into_iter().filter(|(sequence, _)| !recent.is_dead(*sequence));
    Ok(alive.map(|(_, message)| message).collect())
}

/// The messages in these places, in this order; those that are gone are left out.
pub(super) fn by_sequences(
    connection: &Connection,
    sequences: &[Sequence],
) -> Result<Vec<(Sequence, Arc<Message>)>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE sequence = ?1");
    sequences
        .iter()
        .filter_map(|sequence| first(connection, &sql, [sequence], read_with_place).transpose())
        .collect()
}

/// Whether a place has a message.
pub(super) fn is_there(connection: &Connection, sequence: Sequence) -> Result<bool, StoreError> {
    exists(connection, "SELECT 1 FROM messages WHERE sequence = ?1", [sequence])
}

/// The first place from `from` on that has a message, and the latest time known when it was taken.
pub(super) fn clock_from(
    connection: &Connection,
    from: Sequence,
) -> Result<Option<(Sequence, Timestamp)>, StoreError> {
    let sql = "SELECT sequence, coalesce(clock, accepted_at) FROM messages
               WHERE sequence >= ?1 ORDER BY sequence LIMIT 1";
    first(connection, sql, [from], |row| Ok((row.get(0)?, time(row.get(1)?)?)))
}

/// The place of a message in the archive of an account.
pub(super) fn archived_at(
    connection: &Connection,
    owner: i64,
    id: MessageId,
) -> Result<Option<Sequence>, StoreError> {
    let sql = "SELECT sequence FROM messages WHERE id = ?1
               AND (sender_account = ?2 AND keep & 1 OR recipient_account = ?2 AND keep & 2)";
    first(connection, sql, (id.as_bytes(), owner), |row| Ok(row.get(0)?))
}

const COLUMNS: &str = "sequence, id, sender, unverified, recipient, kind, content, words, subject, sender_id,
                       accepted_at, native_protocol, native, automatic";

fn read_with_place(row: &Row<'_>) -> Result<(Sequence, Arc<Message>), StoreError> {
    Ok((row.get(0)?, Arc::new(read(row)?)))
}

fn read(row: &Row<'_>) -> Result<Message, StoreError> {
    let sender = sender_of(row.get(2)?, row.get(3)?)?;
    let native = match (row.get::<_, Option<String>>(11)?, row.get::<_, Option<Vec<u8>>>(12)?) {
        (Some(protocol), Some(bytes)) => Some(Native {
            protocol: Protocol::from_name(&protocol)
                .ok_or_else(|| corrupt("messages.native_protocol", &protocol))?,
            bytes: bytes.into(),
        }),
        _ => None,
    };
    Ok(Message {
        id: MessageId::from_bytes(row.get(1)?),
        sender,
        recipient: parsed("messages.recipient", &row.get::<_, String>(4)?)?,
        kind: kind_of(&row.get::<_, String>(5)?)?,
        content: content(row)?,
        automatic: row.get(13)?,
        native,
        sender_id: row.get(9)?,
        accepted_at: time(row.get(10)?)?,
    })
}

fn sender_of(account: Option<String>, unverified: Option<String>) -> Result<Sender, StoreError> {
    match (account, unverified) {
        (Some(address), _) => Ok(Sender::Account { address: parsed("messages.sender", &address)? }),
        (None, Some(unverified)) => from_json("messages.unverified", &unverified),
        (None, None) => Ok(Sender::Service),
    }
}

fn content(row: &Row<'_>) -> Result<Content, StoreError> {
    content_of(&row.get::<_, String>(6)?, row.get(7)?, row.get(8)?)
}

/// What a message says, from the columns that say it.
pub(super) fn content_of(
    word: &str,
    words: Option<String>,
    subject: Option<String>,
) -> Result<Content, StoreError> {
    let words = || words.ok_or_else(|| corrupt("messages.words", &"there are none"));
    match word {
        TEXT => Ok(Content::Text { body: words()?, subject }),
        DELIVERED => Ok(Content::Receipt { of: words()?, seen: false }),
        SEEN => Ok(Content::Receipt { of: words()?, seen: true }),
        OTHER => Ok(Content::Other),
        FLEETING => Ok(Content::Fleeting),
        word => Err(corrupt("messages.content", &word)),
    }
}

const TEXT: &str = "text";
const DELIVERED: &str = "delivered";
const SEEN: &str = "seen";
const OTHER: &str = "other";
const FLEETING: &str = "fleeting";

/// The word for a kind of content.
pub(super) fn content_word(content: &Content) -> &'static str {
    match content {
        Content::Text { .. } => TEXT,
        Content::Receipt { seen: false, .. } => DELIVERED,
        Content::Receipt { seen: true, .. } => SEEN,
        Content::Other => OTHER,
        // Nobody stores that somebody is typing.
        Content::Fleeting | Content::Typing { .. } => FLEETING,
    }
}

/// What a message says, or which message a receipt is of.
pub(super) fn words(content: &Content) -> Option<&str> {
    match content {
        Content::Text { body, .. } => Some(body),
        Content::Receipt { of, .. } => Some(of),
        Content::Other | Content::Fleeting | Content::Typing { .. } => None,
    }
}

fn subject(content: &Content) -> Option<&str> {
    match content {
        Content::Text { subject, .. } => subject.as_deref(),
        _ => None,
    }
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
