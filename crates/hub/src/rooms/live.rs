use std::sync::Arc;

use domain::{
    Address, Presence,
    room::{Nickname, Role, Room, RoomRefusal, Standing},
};
use parking_lot::Mutex;

use super::{
    RoomView,
    item::{Departure, EntryNews, RoomItem, RoomPresence},
    recent::RecentMessages,
};
use crate::{Item, Session};

/// A room and who is in it. What is done under its lock is bounded by how many that may be.
#[derive(Debug)]
pub(crate) struct LiveRoom {
    pub(crate) address: Address,
    pub(crate) state: Mutex<State>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) room: Room,
    /// Whether its owner has yet to say how it is set up: until then nobody else enters.
    pub(crate) locked: bool,
    /// Whether it has ended.
    pub(crate) gone: bool,
    /// In the order in which they came.
    pub(crate) occupants: Vec<Occupant>,
    /// What was said last; none where that was not read yet.
    pub(crate) recent: Option<RecentMessages>,
}

/// Somebody who is in a room, by one or several of their sessions.
#[derive(Clone, Debug)]
pub(crate) struct Occupant {
    pub(crate) nickname: Nickname,
    pub(crate) address: Address,
    pub(crate) role: Role,
    pub(crate) devices: Vec<Device>,
}

#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) session: Arc<Session>,
    pub(crate) presence: Arc<Presence>,
}

/// What has changed about somebody, by whom and why.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cause {
    pub(crate) departure: Option<Departure>,
    pub(crate) by: Option<Nickname>,
    pub(crate) reason: Option<String>,
}

impl LiveRoom {
    /// One that is just being made.
    pub(crate) fn new(room: Room) -> Self {
        let address = room.address.clone();
        let recent = Some(RecentMessages::default());
        Self { address, state: Mutex::new(State { locked: true, recent, ..State::of(room) }) }
    }

    /// One that the store knows.
    pub(crate) fn known(room: Room) -> Self {
        Self { address: room.address.clone(), state: Mutex::new(State::of(room)) }
    }
}

impl State {
    fn of(room: Room) -> Self {
        Self { room, locked: false, gone: false, occupants: Vec::new(), recent: None }
    }

    /// Whether others may know of it.
    pub(crate) fn is_open(&self) -> bool {
        !self.locked && !self.gone
    }

    pub(crate) fn view(&self, asker: &Address, session: Option<&Session>) -> RoomView {
        let role = session.and_then(|session| self.occupant_of(session)).map(|occupant| occupant.role);
        RoomView {
            address: self.room.address.clone(),
            configuration: self.room.configuration.clone(),
            subject: self.room.subject.as_ref().map(|subject| subject.text.clone()),
            nicknames: self.occupants.iter().map(|occupant| occupant.nickname.to_string()).collect(),
            affiliation: self.room.affiliation(asker),
            role: role.unwrap_or(Role::None),
        }
    }

    pub(crate) fn occupant_of(&self, session: &Session) -> Option<&Occupant> {
        self.occupants.iter().find(|occupant| occupant.has(session))
    }

    pub(crate) fn occupant_of_mut(&mut self, session: &Session) -> Option<&mut Occupant> {
        self.occupants.iter_mut().find(|occupant| occupant.has(session))
    }

    pub(crate) fn named(&self, nickname: &str) -> Option<&Occupant> {
        self.occupants.iter().find(|occupant| occupant.nickname.as_str() == nickname)
    }

    /// What a session's person is to the room and may do in it.
    pub(crate) fn standing(&self, session: &Session) -> Standing {
        let role = self.occupant_of(session).map_or(Role::None, |occupant| occupant.role);
        Standing { affiliation: self.room.affiliation(session.address()), role }
    }

    /// The one whom a session is in the room, of a room that has not ended.
    pub(crate) fn present(&self, session: &Session) -> Result<&Occupant, RoomRefusal> {
        if self.gone {
            return Err(RoomRefusal::NoSuchRoom);
        }
        self.occupant_of(session).ok_or(RoomRefusal::NotInRoom)
    }

    /// Whether somebody may know the addresses of the others.
    pub(crate) fn sees_addresses(&self, occupant: &Occupant) -> bool {
        self.room.configuration.shows_addresses || occupant.role == Role::Moderator
    }

    /// Somebody as the others are told of them.
    pub(crate) fn presence(&self, occupant: &Occupant, device: &Device, cause: Cause) -> Arc<RoomPresence> {
        let is_there = matches!(cause.departure, None | Some(Departure::Renamed(_)));
        Arc::new(RoomPresence {
            room: self.room.address.clone(),
            nickname: occupant.nickname.clone(),
            address: occupant.address.clone(),
            resource: device.session.resource().clone(),
            affiliation: self.room.affiliation(&occupant.address),
            role: if is_there { occupant.role } else { Role::None },
            presence: device.presence.clone(),
            departure: cause.departure,
            by: cause.by,
            reason: cause.reason,
        })
    }

    /// Tells everyone who is in the room of somebody.
    pub(crate) fn tell_all(&self, presence: &Arc<RoomPresence>) {
        for occupant in &self.occupants {
            for device in &occupant.devices {
                self.tell(occupant, &device.session, presence, None);
            }
        }
    }

    /// Tells one session of somebody, perhaps of its own person.
    pub(crate) fn tell(
        &self,
        told: &Occupant,
        session: &Session,
        presence: &Arc<RoomPresence>,
        entry: Option<EntryNews>,
    ) {
        let own = told.nickname == presence.nickname;
        session.outbox.push(Item::Room(RoomItem::Presence {
            presence: presence.clone(),
            own,
            sees_address: own || self.sees_addresses(told),
            entry,
        }));
    }

    /// Takes people out of the room who match, and tells everyone, themselves included. Says by which sessions they
    /// were there.
    pub(crate) fn send_out(
        &mut self,
        cause: &Cause,
        leaves: impl Fn(&Self, &Occupant) -> bool,
    ) -> Vec<Arc<Session>> {
        let out: Vec<Occupant> =
            self.occupants.iter().filter(|occupant| leaves(self, occupant)).cloned().collect();
        let mut sessions = Vec::new();
        for occupant in out {
            for device in &occupant.devices {
                let device_presence = Device { presence: Arc::default(), ..device.clone() };
                let presence = self.presence(&occupant, &device_presence, cause.clone());
                self.tell(&occupant, &device.session, &presence, None);
                sessions.push(device.session.clone());
            }
            self.occupants.retain(|other| other.nickname != occupant.nickname);
            // Where the room ends everyone hears of themselves.
            let told = !matches!(cause.departure, Some(Departure::Ended { .. }));
            if let Some(device) = occupant.devices.last().filter(|_| told) {
                let device = Device { presence: Arc::default(), ..device.clone() };
                self.tell_all(&self.presence(&occupant, &device, cause.clone()));
            }
        }
        sessions
    }
}

impl Occupant {
    pub(crate) fn device_of(&self, session: &Session) -> Option<&Device> {
        self.devices.iter().find(|device| device.session.id() == session.id())
    }

    pub(crate) fn has(&self, session: &Session) -> bool {
        self.devices.iter().any(|device| device.session.id() == session.id())
    }
}
