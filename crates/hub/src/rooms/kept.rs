//! The rooms that a person wants to be in wherever they are signed in by a client that remembers nothing itself.

use std::sync::Arc;

use domain::{
    Address, Protocol,
    room::{Affiliation, Nickname, Role, RoomRefusal},
};

use super::RoomView;
use crate::{Hub, HubError, Session};

/// Under which key a person's are kept.
const KEY: &str = "kept-rooms";

/// Somebody who is in a room or belongs to it, as one who may know of them sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomPerson {
    /// Under which name they are there; none where they are not.
    pub nickname: Option<Nickname>,
    /// Who it is, where the asker may know.
    pub address: Option<Address>,
    /// What they are to the room.
    pub affiliation: Affiliation,
    /// What they may do now.
    pub role: Role,
}

impl Hub {
    /// The rooms that a person wants to be in.
    ///
    /// # Errors
    /// The store cannot be asked now.
    pub async fn kept_rooms(&self, person: &Address) -> Result<Vec<Address>, HubError> {
        let kept = self.store.datum(person, KEY).await?;
        Ok(kept.and_then(|kept| serde_json::from_slice(&kept).ok()).unwrap_or_default())
    }

    /// Remembers that a person wants to be in a room, or no longer.
    ///
    /// # Errors
    /// They want to be in too many, or the store cannot do it now.
    pub async fn keep_room(&self, person: &Address, room: &Address, keep: bool) -> Result<(), HubError> {
        let mut kept = self.kept_rooms(person).await?;
        if kept.contains(room) == keep {
            return Ok(());
        }
        kept.retain(|other| other != room);
        if keep {
            if kept.len() >= super::ENTERED_MAX {
                return Err(RoomRefusal::TooManyEntered { limit: super::ENTERED_MAX }.into());
            }
            kept.push(room.clone());
        }
        let value = serde_json::to_vec(&kept).ok().filter(|_| !kept.is_empty());
        self.set_data(person, vec![(KEY.to_owned(), value)]).await
    }

    /// Whether a session is in a room.
    pub fn has_entered(&self, session: &Session, room: &Address) -> bool {
        session.rooms.lock().contains(room)
    }

    /// A person's sessions that are available by this protocol.
    pub fn sessions_by(&self, person: &Address, protocol: Protocol) -> Vec<Arc<Session>> {
        let available = self.directory.available(person).into_iter().map(|seat| seat.session);
        available.filter(|session| session.protocol() == protocol).collect()
    }

    /// A room and who is in it or belongs to it, as a person sees it who may enter it.
    ///
    /// # Errors
    /// There is no such room, or it is none of theirs.
    pub fn room_people(
        &self,
        person: &Address,
        room: &Address,
    ) -> Result<(RoomView, Vec<RoomPerson>), HubError> {
        let room = self.rooms.find(room).ok_or(RoomRefusal::NoSuchRoom)?;
        let state = room.state.lock();
        let own = state.room.affiliation(person);
        let is_in = state.occupants.iter().any(|occupant| occupant.address == *person);
        let configuration = &state.room.configuration;
        let is_open_to_all =
            configuration.listed && !configuration.members_only && own != Affiliation::Outcast;
        let may_see = is_in || own >= Affiliation::Member || is_open_to_all;
        if !may_see || state.gone || (state.locked && own != Affiliation::Owner) {
            return Err(RoomRefusal::NoSuchRoom.into());
        }
        let sees = configuration.shows_addresses || own >= Affiliation::Administrator;
        let mut people: Vec<RoomPerson> = state
            .occupants
            .iter()
            .map(|occupant| RoomPerson {
                nickname: Some(occupant.nickname.clone()),
                address: Some(occupant.address.clone()).filter(|address| sees || address == person),
                affiliation: state.room.affiliation(&occupant.address),
                role: occupant.role,
            })
            .collect();
        let is_there =
            |address: &Address| state.occupants.iter().any(|occupant| occupant.address == *address);
        let away = state.room.affiliations.iter().filter(|(address, affiliation)| {
            sees && **affiliation >= Affiliation::Member && !is_there(address)
        });
        people.extend(away.map(|(address, affiliation)| RoomPerson {
            nickname: None,
            address: Some(address.clone()),
            affiliation: *affiliation,
            role: Role::None,
        }));
        Ok((state.view(person, None), people))
    }
}
