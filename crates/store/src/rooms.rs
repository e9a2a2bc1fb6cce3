use std::sync::Arc;

use domain::{
    Address, MessageId,
    room::{Affiliation, RoomConfiguration, RoomMessage, RoomSubject},
};
use jiff::Timestamp;

/// One thing to remember about rooms. The rules behind it are in `domain::room`.
#[derive(Clone, Debug)]
pub enum RoomChange {
    /// Makes a room with its first owner. Refused where it exists.
    Create {
        /// Its address.
        room: Address,
        /// How it is set up.
        configuration: RoomConfiguration,
        /// Whose it is.
        owner: Address,
        /// When.
        created_at: Timestamp,
    },
    /// Sets a room up anew. Refused where it does not exist, as are those below.
    Configure {
        /// Which.
        room: Address,
        /// How.
        configuration: RoomConfiguration,
    },
    /// Says what a room talks about, or that nobody has said.
    SetSubject {
        /// Which.
        room: Address,
        /// What.
        subject: Option<RoomSubject>,
    },
    /// Gives a person a lasting relation to a room; [`Affiliation::None`] ends it.
    SetAffiliation {
        /// Which.
        room: Address,
        /// Who.
        person: Address,
        /// What they are to it.
        affiliation: Affiliation,
    },
    /// Takes what was said in a room → [`Outcome::Accepted`](crate::Outcome::Accepted), or
    /// [`Outcome::Repeated`](crate::Outcome::Repeated) where the same sender has said something there with the same
    /// `sender_id` that is still kept. Then it changes nothing, and the other changes of the list are applied all the
    /// same.
    Accept {
        /// What was said.
        message: Arc<RoomMessage>,
        /// How many of the newest are kept; none: all.
        keep: Option<usize>,
    },
    /// Removes a room with everything that was said in it, the latter piece by piece after the commit. Not being
    /// there is no mistake.
    Remove {
        /// Which.
        room: Address,
    },
}

/// Which of what was said in a room is wanted (XEP-0313 §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomQuery {
    /// Where.
    pub room: Address,
    /// Only what this person said.
    pub sender: Option<Address>,
    /// Only what was taken at this time or later.
    pub start: Option<Timestamp>,
    /// Only what was taken at this time or earlier.
    pub end: Option<Timestamp>,
    /// Only what comes after this message.
    pub after: Option<MessageId>,
    /// Only what comes before this message.
    pub before: Option<MessageId>,
    /// Only these; empty: all. The caller bounds how many.
    pub ids: Vec<MessageId>,
    /// Only what has these words in it, as [`SearchQuery`](crate::SearchQuery) reads them.
    pub text: Option<String>,
    /// Whether the page is the end of what matches, and not its beginning.
    pub from_end: bool,
    /// How many messages the page may have.
    pub limit: usize,
}

impl RoomQuery {
    /// The beginning of everything.
    pub fn of(room: Address, limit: usize) -> Self {
        Self {
            room,
            sender: None,
            start: None,
            end: None,
            after: None,
            before: None,
            ids: Vec::new(),
            text: None,
            from_end: false,
            limit,
        }
    }
}

/// Some of what was said in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomPage {
    /// The messages, oldest first.
    pub messages: Vec<Arc<RoomMessage>>,
    /// Whether nothing more matches past the page: after it, or before it where it was taken from the end.
    pub complete: bool,
}
