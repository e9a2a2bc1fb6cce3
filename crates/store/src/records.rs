use std::{fmt, str::FromStr};

use domain::{Address, AlertId, MessageId, Presence, Recipient};
use jiff::Timestamp;
use uuid::Uuid;

/// What a person who comes is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// Everyone on their list, and who asks to be, by address.
    pub contacts: Vec<domain::Contact>,
    /// Whether messages are pending for them.
    pub has_pending: bool,
}

/// The place of a message in the order in which the service took them; the first is 1.
pub type Sequence = i64;

/// The id by which a client resumes a broken connection: 128 random bits, so that it cannot be guessed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamId(pub Uuid);

impl fmt::Display for StreamId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(formatter)
    }
}

impl FromStr for StreamId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

/// Whoever knows the id can take over the session: it stays out of logs.
impl fmt::Debug for StreamId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StreamId(…)")
    }
}

/// What must be known to resume a stream in a new process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRecord {
    /// Its id.
    pub id: StreamId,
    /// Whose it is.
    pub address: Address,
    /// The session's name.
    pub resource: String,
    /// How many stanzas of the client's the service has taken, modulo 2³² (XEP-0198 §4).
    pub received: u32,
    /// The last presence the client sent; none where it is not available.
    pub presence: Option<Presence>,
    /// When it was opened, or last seen by a starting service.
    pub touched_at: Timestamp,
}

/// Something durable that was given to a stream at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deliverable {
    /// A message.
    Message(MessageId),
    /// An alert.
    Alert(AlertId),
}

/// A file that a backup carries beside the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupFile {
    /// Its name inside the data directory, without folders.
    pub name: String,
    /// Its permission bits.
    pub mode: u32,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Which receipts of an alert are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptQuery {
    /// Of which alert.
    pub alert: AlertId,
    /// Only those whose recipients come after this one.
    pub after: Option<Recipient>,
    /// Only those that are not confirmed.
    pub unconfirmed: bool,
    /// How many at most.
    pub limit: usize,
}

/// How many recipients of an alert have come how far: each is counted once, at the furthest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiptCounts {
    /// All of them.
    pub recipients: usize,
    /// Those of them that are machines, which confirm nothing.
    pub computers: usize,
    /// No client of theirs has it.
    pub pending: usize,
    /// A client has it, and they have not looked.
    pub delivered: usize,
    /// They have looked, and not answered.
    pub seen: usize,
    /// They have answered.
    pub confirmed: usize,
    /// Those of them that have answered when the time for it was over.
    pub late: usize,
}
