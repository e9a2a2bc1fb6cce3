use std::sync::Arc;

use domain::{
    Address, Presence,
    room::{Affiliation, Nickname, Role, RoomMessage, RoomSubject},
};

/// What a room tells one of those who are in it.
#[derive(Clone, Debug)]
pub enum RoomItem {
    /// Somebody in it, who has come, gone or changed.
    Presence {
        /// Who, and what.
        presence: Arc<RoomPresence>,
        /// Whether it is about who is told.
        own: bool,
        /// Whether who is told may know whose address it is.
        sees_address: bool,
        /// What else who is told must know, about themselves.
        entry: Option<EntryNews>,
    },
    /// Something that was said.
    Message {
        /// What.
        message: Arc<RoomMessage>,
        /// Whether it was said before who is told came.
        late: bool,
        /// Whether who is told may know whose address it is.
        sees_address: bool,
    },
    /// What the room talks about, for who has just come.
    Subject {
        /// The room.
        room: Address,
        /// What; none where nobody has said.
        subject: Option<RoomSubject>,
    },
    /// The room is set up anew.
    Configured {
        /// The room.
        room: Address,
        /// Whether everyone sees everyone's address now, where that has changed.
        shows_addresses: Option<bool>,
    },
}

/// What somebody must know who has come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryNews {
    /// The room was made by that.
    pub created: bool,
    /// The service changed the name.
    pub renamed: bool,
    /// Everyone sees their address.
    pub address_shown: bool,
}

/// Somebody in a room.
#[derive(Clone, Debug)]
pub struct RoomPresence {
    /// Where.
    pub room: Address,
    /// Under which name.
    pub nickname: Nickname,
    /// Who.
    pub address: Address,
    /// By which of their sessions.
    pub resource: Arc<str>,
    /// What they are to the room.
    pub affiliation: Affiliation,
    /// What they may do now; [`Role::None`] where they have left.
    pub role: Role,
    /// What they say of themselves.
    pub presence: Arc<Presence>,
    /// Why they are no longer there under this name; none where they are.
    pub departure: Option<Departure>,
    /// The name of who has changed what they are, and why.
    pub by: Option<Nickname>,
    /// In the words of who has changed it.
    pub reason: Option<String>,
}

/// Why somebody is no longer in a room under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// They went.
    Left,
    /// They have this name now.
    Renamed(Nickname),
    /// A moderator sent them out.
    Kicked,
    /// They were banned.
    Banned,
    /// They do not belong to it any more.
    MembershipEnded,
    /// It is only for those now who belong to it.
    MembersOnly,
    /// The service has stopped meanwhile.
    ServiceStopped,
    /// The room was ended, perhaps for another.
    Ended {
        /// Where the conversation goes on.
        instead: Option<Address>,
    },
}

impl RoomItem {
    /// About how many bytes it holds.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Presence { presence, .. } => {
                presence.presence.native.as_ref().map_or(0, |native| native.len())
            }
            Self::Message { message, .. } => message.native.as_ref().map_or(512, |native| native.bytes.len()),
            Self::Subject { subject, .. } => subject.as_ref().map_or(0, |subject| subject.text.len()),
            Self::Configured { .. } => 0,
        }
    }
}
