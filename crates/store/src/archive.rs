use std::sync::Arc;

use domain::{Address, Message, MessageId};
use jiff::Timestamp;

/// Which messages of a person's archive are wanted (XEP-0313 §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveQuery {
    /// Whose archive.
    pub owner: Address,
    /// Only what went to or came from this person.
    pub with: Option<Address>,
    /// Only what was taken at this time or later.
    pub start: Option<Timestamp>,
    /// Only what was taken at this time or earlier.
    pub end: Option<Timestamp>,
    /// Only what comes after each of these messages of the archive.
    pub after: Vec<MessageId>,
    /// Only what comes before each of these messages of the archive.
    pub before: Vec<MessageId>,
    /// Only these messages, in whatever order they are named; empty: all. The caller bounds how many.
    pub ids: Vec<MessageId>,
    /// Whether the page is the end of what matches, and not its beginning.
    pub from_end: bool,
    /// How many messages the page may have.
    pub limit: usize,
}

impl ArchiveQuery {
    /// The beginning of a person's whole archive.
    pub fn of(owner: Address, limit: usize) -> Self {
        Self {
            owner,
            with: None,
            start: None,
            end: None,
            after: Vec::new(),
            before: Vec::new(),
            ids: Vec::new(),
            from_end: false,
            limit,
        }
    }
}

/// Some messages of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivePage {
    /// The messages, oldest first.
    pub messages: Vec<Arc<Message>>,
    /// Whether nothing more matches past the page: after it, or before it where it was taken from the end.
    pub complete: bool,
    /// How many messages match in all, on whichever page; none where counting them would take long.
    pub count: Option<u64>,
}

/// A message's id and when it was taken.
pub type ArchivePlace = (MessageId, Timestamp);
