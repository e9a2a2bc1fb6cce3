use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Nickname;
use crate::{Address, Content, MessageId, Native};

/// Something said in a room, to all who are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomMessage {
    /// The service's id of it.
    pub id: MessageId,
    /// Where.
    pub room: Address,
    /// Who said it.
    pub sender: Address,
    /// Under which name.
    pub nickname: Nickname,
    /// What it says. A text without words that has a subject changes the room's.
    pub content: Content,
    /// The bytes it came in by, without who it is from and to: each who gets it is told that anew.
    pub native: Option<Native>,
    /// The sender's own id, unique among all they say there, by which a repeat is recognised.
    pub sender_id: Option<String>,
    /// When the service took it.
    pub accepted_at: Timestamp,
}

impl RoomMessage {
    /// The subject that it gives the room, and nothing else; an empty one takes the subject away.
    pub fn new_subject(&self) -> Option<&str> {
        match &self.content {
            Content::Text { body, subject } if body.is_empty() => subject.as_deref(),
            _ => None,
        }
    }
}

/// What a room talks about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSubject {
    /// The words.
    pub text: String,
    /// The name of who said so.
    pub by: Nickname,
    /// When.
    pub at: Timestamp,
}
