use domain::{
    Address,
    room::{Role, RoomRefusal, may_read_archive},
};
use store::{RoomPage, RoomQuery};

use crate::{Hub, HubError, Session};

/// What somebody may see in a room's archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomReader {
    /// Whether they may know whose address was behind a name.
    pub sees_addresses: bool,
}

impl Hub {
    /// Whether the person of a session may read what was said in a room, and what of it.
    pub fn room_reader(&self, session: &Session, address: &Address) -> Result<RoomReader, HubError> {
        let room = self.rooms.find(address).ok_or(RoomRefusal::NoSuchRoom)?;
        let state = room.state.lock();
        if !state.is_open() {
            return Err(RoomRefusal::NoSuchRoom.into());
        }
        let own = state.standing(session);
        may_read_archive(&state.room.configuration, own.affiliation, own.role > Role::None)?;
        let sees_addresses = state.room.configuration.shows_addresses || own.role == Role::Moderator;
        Ok(RoomReader { sees_addresses })
    }

    /// A page of what was said in a room. Whoever asks has seen to it that it may be read.
    pub async fn room_messages(&self, query: RoomQuery) -> Result<RoomPage, HubError> {
        Ok(self.store.room_messages(query).await?)
    }
}
