use std::sync::Arc;

use domain::{Address, Message, MessageId, room::RoomMessage};
use jiff::Timestamp;

/// What is looked for in what a person may read: their own archive, and the rooms that are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// Whose archive.
    pub owner: Address,
    /// The words. All of them must be there, in any order; capitals and accents make no difference, and the last may
    /// be only begun. Words between quotation marks follow each other. Without a word nothing is found.
    pub text: String,
    /// Only the conversation with this person.
    pub with: Option<Address>,
    /// The rooms in which to look too. The caller has seen to it that the person may read them.
    pub rooms: Vec<Address>,
    /// Whether the person's own archive is looked through.
    pub own: bool,
    /// Only what is older than this message.
    pub before: Option<MessageId>,
    /// How many at most.
    pub limit: usize,
}

/// What was found, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchPage {
    /// The messages.
    pub found: Vec<Found>,
    /// Whether nothing more matches.
    pub complete: bool,
}

/// A message that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Of the person's own archive.
    Message(Arc<Message>),
    /// Said in a room.
    InRoom(Arc<RoomMessage>),
}

impl Found {
    /// Its id.
    pub fn id(&self) -> MessageId {
        match self {
            Self::Message(message) => message.id,
            Self::InRoom(message) => message.id,
        }
    }
}

/// A conversation with a person or another sender, as its owner's archive has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The other side: see [`domain::Sender::correspondent`].
    pub with: Address,
    /// What was said last.
    pub last: Arc<Message>,
    /// Whether something came after it that is neither words nor a receipt: it may change what was said.
    pub changed: bool,
    /// How many words of the other side's came after the owner last answered, said that they have seen something, or
    /// marked it as read; counted no further than 1,000.
    pub unread: usize,
    /// When the newest thing was said that the owner has read; none where nothing is known to be read.
    pub read_at: Option<Timestamp>,
}
