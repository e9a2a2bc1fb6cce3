//! What has come since the log was last filed, in memory: what the tables do not say yet. The log and the journal say
//! it too, so that a process that begins anew knows it again.

use std::collections::{BTreeMap, HashSet};

use domain::MessageId;
use foldhash::HashMap;

use super::{
    chores::Progress,
    journal::Note,
    names::Names,
    repeats::{OwnId, Runs},
};
use crate::{Deliverable, Sequence};

/// How many messages may be waiting to be filed, how many bytes of what is to be deleted, and how many notes.
const MESSAGES_MAX: usize = 2_048;
const DEAD_BYTES_MAX: usize = 128 << 10;
const NOTES_MAX: usize = 16_384;

#[derive(Default)]
pub(super) struct Recent {
    /// The place up to which the log is filed.
    pub(super) filed_up_to: Sequence,
    /// The latest time at which a message was taken.
    pub(super) clock: i64,
    /// The messages after that place, without gaps.
    pub(super) messages: Vec<Recorded>,
    places: HashMap<MessageId, Sequence>,
    own_ids: HashMap<OwnId, i64>,
    pub(super) inboxes: HashMap<i64, Inbox>,
    pub(super) streams: HashMap<i64, StreamChanges>,
    dead: HashSet<Sequence>,
    dead_bytes: usize,
    /// What the journal does not say yet.
    pub(super) unwritten: Vec<Note>,
    notes: usize,
    /// Whether anything was changed since this was last set to false.
    pub(super) touched: bool,
    pub(super) names: Names,
    pub(super) runs: Runs,
    pub(super) chores: Progress,
    /// Whether something may have been said whose words are not in the index.
    pub(super) unindexed: bool,
}

/// A message of the log, as far as filing needs to know.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) id: MessageId,
    pub(super) recipient: i64,
    /// Whose archives have it, and under which peer.
    pub(super) entries: [Option<Entry>; 2],
    pub(super) own_id: Option<OwnId>,
    pub(super) accepted_at: i64,
    pub(super) bytes: usize,
    pub(super) acknowledged: bool,
}

/// A place in a person's archive, in the conversation with a peer; 0 where the other side has no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) owner: i64,
    pub(super) peer: i64,
}

impl Recorded {
    pub(super) fn is_kept(&self) -> bool {
        self.entries.iter().any(Option::is_some)
    }

    /// Whether it may be deleted.
    pub(super) fn is_dead(&self) -> bool {
        self.acknowledged && !self.is_kept()
    }
}

/// What is pending for one person.
#[derive(Default)]
pub(super) struct Inbox {
    /// How many messages, once that was counted.
    pub(super) count: Option<usize>,
    /// What is filed as pending and was acknowledged since, and whether it is kept.
    pub(super) acknowledged: HashMap<Sequence, bool>,
}

/// What has happened to one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StreamChanges {
    pub(super) received: Option<u32>,
    pub(super) given: BTreeMap<u32, Deliverable>,
    pub(super) taken: HashSet<u32>,
}

impl Recent {
    /// Where the next message goes.
    pub(super) fn next(&self) -> Sequence {
        self.filed_up_to + Sequence::try_from(self.messages.len()).unwrap_or(Sequence::MAX) + 1
    }

    /// Each message with its place.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (Sequence, &Recorded)> {
        (self.filed_up_to + 1..self.next()).zip(&self.messages)
    }

    /// A message was taken at [`Recent::next`].
    pub(super) fn record(&mut self, message: Recorded) {
        self.touched = true;
        self.clock = self.clock.max(message.accepted_at);
        self.places.insert(message.id, self.next());
        if let Some(own_id) = message.own_id {
            self.own_ids.insert(own_id, message.accepted_at);
        }
        if let Some(Inbox { count: Some(count), .. }) = self.inboxes.get_mut(&message.recipient) {
            *count += 1;
        }
        self.messages.push(message);
    }

    /// A place from which somebody has taken the message.
    pub(super) fn skip(&mut self) {
        self.messages.push(Recorded {
            id: MessageId::from_bytes([0; 16]),
            recipient: 0,
            entries: [None; 2],
            own_id: None,
            accepted_at: i64::MIN,
            bytes: 0,
            acknowledged: true,
        });
    }

    /// Something has happened that the journal is still to say.
    pub(super) fn note(&mut self, note: Note) {
        self.touched = true;
        self.unwritten.push(note);
        self.apply(note);
    }

    /// Something has happened.
    pub(super) fn apply(&mut self, note: Note) {
        self.notes += 1;
        match note {
            Note::Acknowledged { recipient, sequence, kept } => self.acknowledge(recipient, sequence, kept),
            Note::Received { stream, received } => {
                let changes = self.streams.entry(stream).or_default();
                if changes.received.is_none_or(|before| is_forward(before, received)) {
                    changes.received = Some(received);
                }
            }
            Note::Given { stream, position, item } => {
                self.streams.entry(stream).or_default().given.insert(position, item);
            }
            Note::Taken { stream, position } => {
                let changes = self.streams.entry(stream).or_default();
                if changes.given.remove(&position).is_none() {
                    changes.taken.insert(position);
                }
            }
        }
    }

    fn acknowledge(&mut self, recipient: i64, sequence: Sequence, kept: bool) {
        let inbox = self.inboxes.entry(recipient).or_default();
        let recent = sequence - self.filed_up_to - 1;
        let news = match usize::try_from(recent) {
            Ok(index) => {
                let Some(message) = self.messages.get_mut(index) else { return };
                let news = !std::mem::replace(&mut message.acknowledged, true);
                if news && !kept {
                    self.dead.insert(sequence);
                    self.dead_bytes += message.bytes;
                }
                news
            }
            Err(_) => {
                if !kept {
                    self.dead.insert(sequence);
                }
                inbox.acknowledged.insert(sequence, kept).is_none()
            }
        };
        if let Some(count) = inbox.count.as_mut().filter(|_| news) {
            *count = count.saturating_sub(1);
        }
    }

    /// The place of a message that is not filed.
    pub(super) fn place_of(&self, id: MessageId) -> Option<Sequence> {
        self.places.get(&id).copied()
    }

    /// The message in a place that is not filed.
    pub(super) fn at(&self, sequence: Sequence) -> Option<&Recorded> {
        self.messages.get(usize::try_from(sequence - self.filed_up_to - 1).ok()?)
    }

    /// When a sender's own id was used.
    pub(super) fn used_at(&self, own_id: &OwnId) -> Option<i64> {
        self.own_ids.get(own_id).copied()
    }

    /// The ids that senders have used.
    pub(super) fn own_ids(&self) -> Vec<(OwnId, i64)> {
        self.own_ids.iter().map(|(own_id, at)| (*own_id, *at)).collect()
    }

    /// What is pending for a person and not filed, in order.
    pub(super) fn waiting(&self, recipient: i64, after: Sequence) -> Vec<Sequence> {
        let waits = |message: &Recorded| message.recipient == recipient && !message.acknowledged;
        let waiting = self.numbered().filter(|(sequence, message)| *sequence > after && waits(message));
        waiting.map(|(sequence, _)| sequence).collect()
    }

    /// What is filed as pending for a person and is no longer.
    pub(super) fn acknowledged(&self, recipient: i64) -> HashSet<Sequence> {
        self.inboxes
            .get(&recipient)
            .map(|inbox| inbox.acknowledged.keys().copied().collect())
            .unwrap_or_default()
    }

    /// What a person's archive has and is not filed, in order.
    pub(super) fn archived(&self, owner: i64, peer: Option<i64>) -> Vec<Sequence> {
        let has = |message: &Recorded| {
            let entry = |entry: &Entry| entry.owner == owner && peer.is_none_or(|peer| entry.peer == peer);
            message.entries.iter().flatten().any(entry)
        };
        self.numbered().filter(|(_, message)| has(message)).map(|(sequence, _)| sequence).collect()
    }

    /// Whether a message is about to be deleted.
    pub(super) fn is_dead(&self, sequence: Sequence) -> bool {
        self.dead.contains(&sequence)
    }

    /// What has happened to a stream.
    pub(super) fn stream_changes(&self, stream: i64) -> StreamChanges {
        self.streams.get(&stream).cloned().unwrap_or_default()
    }

    /// Whether there is anything to be filed.
    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.notes == 0
    }

    /// Whether it is time to file.
    pub(super) fn is_much(&self) -> bool {
        self.messages.len() >= MESSAGES_MAX || self.dead_bytes >= DEAD_BYTES_MAX || self.notes >= NOTES_MAX
    }

    /// An account is gone: its number means nobody, and its address may come to mean another.
    pub(super) fn forget_names(&mut self) {
        self.touched = true;
        self.names = Names::default();
        self.inboxes.clear();
    }

    /// Everything is filed.
    pub(super) fn clear(&mut self) {
        self.touched = true;
        self.filed_up_to = self.next() - 1;
        self.messages.clear();
        self.places.clear();
        self.own_ids.clear();
        self.streams.clear();
        self.dead.clear();
        self.unwritten.clear();
        (self.dead_bytes, self.notes) = (0, 0);
        // Who has nothing pending is not remembered: the inboxes do not grow with everyone who ever wrote.
        self.inboxes.retain(|_, inbox| inbox.count.is_some_and(|count| count > 0));
        self.inboxes.values_mut().for_each(|inbox| inbox.acknowledged.clear());
    }
}

/// Forward is what lies less than half of the numbers ahead (XEP-0198 §4: the counter wraps at 2³²).
pub(super) fn is_forward(before: u32, now: u32) -> bool {
    (1..=0x7fff_ffff).contains(&now.wrapping_sub(before))
}
