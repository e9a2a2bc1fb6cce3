use std::sync::Arc;

use domain::{
    Address, Presence,
    room::{Nickname, Role, RoomRefusal, may_enter},
};
use jiff::{SignedDuration, Timestamp};
use store::RoomQuery;

use super::{
    ENTERED_MAX, LiveRoom,
    item::{Departure, EntryNews, RoomItem},
    live::{Cause, Device, Occupant, State},
    recent::{RECENT_MAX, RecentMessages},
};
use crate::{Hub, HubError, Item, Session};

/// How somebody wants to enter a room.
#[derive(Clone, Debug)]
pub struct RoomEntry {
    /// Under which name.
    pub nickname: Nickname,
    /// Whether the name is not quite the one that was asked for.
    pub renamed: bool,
    /// The password, where they say one.
    pub password: Option<String>,
    /// How much they want to know of what was said before.
    pub history: HistoryWish,
    /// What they say of themselves.
    pub presence: Presence,
}

/// How much of what was said before somebody wants to be given who enters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryWish {
    /// At most so many messages.
    pub messages_max: Option<usize>,
    /// At most so many characters.
    pub characters_max: Option<usize>,
    /// Only what is so new.
    pub within: Option<SignedDuration>,
    /// Only what was said since then.
    pub since: Option<Timestamp>,
}

/// How many messages somebody is given who does not say how many.
const HISTORY_USUAL: usize = 20;

impl Hub {
    /// Enters a room, which is made by that where there is none; or goes on under another name; or says something new
    /// about oneself there (XEP-0045 §7.2, §7.6, §7.7). Everybody is told in the same order.
    pub async fn enter_room(
        &self,
        session: &Arc<Session>,
        address: &Address,
        entry: RoomEntry,
    ) -> Result<(), HubError> {
        self.check_nickname(session.address(), &entry.nickname)?;
        let already = session.rooms.lock().contains(address);
        if !already && session.rooms.lock().len() >= ENTERED_MAX {
            return Err(RoomRefusal::TooManyEntered { limit: ENTERED_MAX }.into());
        }
        let (room, created) = match self.rooms.find(address) {
            Some(room) => (room, false),
            None => (self.make_room_of(address, session.address()).await?, true),
        };
        self.read_recent(&room).await?;
        let now = self.environment.now();
        session.rooms.lock().insert(address.clone());
        let entered = room.state.lock().enter(session, entry, created, now);
        if entered.is_err() && !already {
            session.rooms.lock().remove(address);
        }
        // Whoever ended meanwhile may have been shown out before it was in.
        if session.outbox.closed().is_some() {
            self.leave_room(session, address, Presence::default()).await;
        }
        if created && entered.is_err() {
            self.end_if_deserted(&room).await;
        }
        self.remember_rooms(session);
        Ok(entered?)
    }

    /// Says something new about oneself in a room, or goes on under another name, without entering it.
    pub fn change_in_room(
        &self,
        session: &Arc<Session>,
        address: &Address,
        nickname: Nickname,
        renamed: bool,
        presence: Presence,
    ) -> Result<(), HubError> {
        let room = self.rooms.find(address).ok_or(RoomRefusal::NotInRoom)?;
        let mut state = room.state.lock();
        let own = state.present(session)?.nickname.clone();
        if own != nickname {
            self.check_nickname(session.address(), &nickname)?;
        }
        let renames = own != nickname;
        state.change(session, nickname, renamed, presence)?;
        drop(state);
        if renames {
            self.remember_rooms(session);
        }
        Ok(())
    }

    /// Nobody is to be taken for an administrator or the service, but administrators for themselves.
    fn check_nickname(&self, person: &Address, nickname: &Nickname) -> Result<(), RoomRefusal> {
        if nickname.looks_like(person.name()) {
            return Ok(());
        }
        let accounts = self.people.all();
        let administrators = accounts.iter().filter(|account| account.administrator);
        let mistakable = nickname.is_mistakable(administrators.map(|account| account.address.name()));
        if mistakable { Err(RoomRefusal::NicknameMistakable) } else { Ok(()) }
    }

    /// Reads what was said last, before anybody says anything.
    async fn read_recent(&self, room: &LiveRoom) -> Result<(), HubError> {
        if room.state.lock().recent.is_some() {
            return Ok(());
        }
        let query = RoomQuery { from_end: true, ..RoomQuery::of(room.address.clone(), RECENT_MAX) };
        let messages = self.store.room_messages(query).await?.messages;
        room.state.lock().recent.get_or_insert_with(|| RecentMessages::of(messages));
        Ok(())
    }
}

impl State {
    fn enter(
        &mut self,
        session: &Arc<Session>,
        entry: RoomEntry,
        created: bool,
        now: Timestamp,
    ) -> Result<(), RoomRefusal> {
        if self.gone {
            return Err(RoomRefusal::NoSuchRoom);
        }
        let affiliation = self.room.affiliation(session.address());
        if self.locked && affiliation != domain::room::Affiliation::Owner {
            return Err(RoomRefusal::NoSuchRoom);
        }
        let own = self.occupant_of(session).map(|occupant| occupant.nickname.clone());
        if own.as_ref().is_some_and(|own| *own != entry.nickname) {
            return self.change(session, entry.nickname, entry.renamed, entry.presence);
        }
        let present = self.occupants.len() - usize::from(own.is_some());
        let role = may_enter(&self.room.configuration, affiliation, entry.password.as_deref(), present)?;
        self.check_free(&entry.nickname, session.address())?;
        // Who enters again has forgotten everything: they are given it again.
        self.forget_device(session);
        let device = Device { session: session.clone(), presence: Arc::new(entry.presence) };
        self.seat(session, &entry.nickname, role, device);
        let Some(own) = self.occupant_of(session) else { return Err(RoomRefusal::NotInRoom) };
        self.show_others(own, session);
        let Some(device) = own.devices.last() else { return Err(RoomRefusal::NotInRoom) };
        let presence = self.presence(own, device, Cause::default());
        for occupant in &self.occupants {
            for other in occupant.devices.iter().filter(|other| other.session.id() != session.id()) {
                self.tell(occupant, &other.session, &presence, None);
            }
        }
        let address_shown = self.room.configuration.shows_addresses;
        self.tell(
            own,
            session,
            &presence,
            Some(EntryNews { created, renamed: entry.renamed, address_shown }),
        );
        self.give_history(own, session, entry.history, now);
        let (room, subject) = (self.room.address.clone(), self.room.subject.clone());
        session.outbox.push(Item::Room(RoomItem::Subject { room, subject }));
        Ok(())
    }

    /// Gives somebody a place under a name that nobody else has.
    fn seat(&mut self, session: &Session, nickname: &Nickname, role: Role, device: Device) {
        // One person may be there by several sessions, under one name.
        let own = self.occupants.iter_mut().find(|occupant| occupant.nickname == *nickname);
        match own {
            Some(occupant) => occupant.devices.push(device),
            None => self.occupants.push(Occupant {
                nickname: nickname.clone(),
                address: session.address().clone(),
                role,
                devices: vec![device],
            }),
        }
    }

    fn check_free(&self, nickname: &Nickname, person: &Address) -> Result<(), RoomRefusal> {
        let taken = |occupant: &Occupant| {
            let is_own = occupant.address == *person && occupant.nickname == *nickname;
            !is_own && occupant.nickname.looks_like(nickname.as_str())
        };
        if self.occupants.iter().any(taken) { Err(RoomRefusal::NicknameTaken) } else { Ok(()) }
    }

    fn show_others(&self, own: &Occupant, session: &Session) {
        for other in self.occupants.iter().filter(|other| other.nickname != own.nickname) {
            if let Some(device) = other.devices.last() {
                self.tell(own, session, &self.presence(other, device, Cause::default()), None);
            }
        }
    }

    fn give_history(&self, own: &Occupant, session: &Arc<Session>, wish: HistoryWish, now: Timestamp) {
        let Some(recent) = &self.recent else { return };
        let since = wish.within.and_then(|within| now.checked_sub(within).ok()).max(wish.since);
        let (most, mut characters) = (wish.messages_max.unwrap_or(HISTORY_USUAL), 0);
        let wanted: Vec<_> = recent
            .iter()
            .rev()
            .filter(|(message, _)| message.new_subject().is_none())
            .take_while(|(message, _)| {
                characters += message.native.as_ref().map_or(512, |native| native.bytes.len());
                since.is_none_or(|since| message.accepted_at >= since)
                    && wish.characters_max.is_none_or(|most| characters <= most)
            })
            .take(most)
            .collect();
        for (message, flight) in wanted.into_iter().rev() {
            let item = || {
                let sees_address = self.sees_addresses(own);
                Item::Room(RoomItem::Message { message: message.clone(), late: true, sees_address })
            };
            flight.join(
                || _ = session.outbox.push(item()),
                || session.outbox.reserve(item()).map(|slot| (session.clone(), slot)),
            );
        }
    }

    /// Takes one session out without a word.
    pub(crate) fn forget_device(&mut self, session: &Session) {
        for occupant in &mut self.occupants {
            occupant.devices.retain(|device| device.session.id() != session.id());
        }
        self.occupants.retain(|occupant| !occupant.devices.is_empty());
    }

    /// Somebody who is there says something new, or goes on under another name (XEP-0045 §7.6, §7.7).
    fn change(
        &mut self,
        session: &Arc<Session>,
        nickname: Nickname,
        renamed: bool,
        presence: Presence,
    ) -> Result<(), RoomRefusal> {
        let before = self.present(session)?.clone();
        self.check_free_for(&before, &nickname)?;
        if let Some(occupant) = self.occupant_of_mut(session) {
            let presence = Arc::new(presence);
            for device in occupant.devices.iter_mut().filter(|device| device.session.id() == session.id()) {
                device.presence = presence.clone();
            }
        }
        if before.nickname == nickname {
            let Some(own) = self.occupant_of(session) else { return Ok(()) };
            if let Some(device) = own.device_of(session) {
                self.tell_all(&self.presence(own, device, Cause::default()));
            }
            return Ok(());
        }
        let cause = Cause { departure: Some(Departure::Renamed(nickname.clone())), ..Cause::default() };
        if let Some(device) = before.device_of(session) {
            self.tell_all(&self.presence(&before, device, cause));
        }
        self.rename(&before, nickname);
        let Some(own) = self.occupant_of(session) else { return Ok(()) };
        let Some(device) = own.device_of(session) else { return Ok(()) };
        let presence = self.presence(own, device, Cause::default());
        for occupant in &self.occupants {
            for told in &occupant.devices {
                let is_own = told.session.id() == session.id();
                let entry = (is_own && renamed).then(|| EntryNews { renamed, ..EntryNews::default() });
                self.tell(occupant, &told.session, &presence, entry);
            }
        }
        Ok(())
    }

    /// Whether somebody who is there may have this name: it is their own, or of nobody else.
    fn check_free_for(&self, own: &Occupant, nickname: &Nickname) -> Result<(), RoomRefusal> {
        let taken = |other: &&Occupant| {
            let shared = other.address == own.address && other.nickname == *nickname;
            other.nickname != own.nickname && !shared && other.nickname.looks_like(nickname.as_str())
        };
        if self.occupants.iter().find(taken).is_some() { Err(RoomRefusal::NicknameTaken) } else { Ok(()) }
    }

    /// All sessions of somebody go on under another name, together with those that the person has there under it.
    fn rename(&mut self, before: &Occupant, nickname: Nickname) {
        let Some(index) = self.occupants.iter().position(|occupant| occupant.nickname == before.nickname)
        else {
            return;
        };
        let mut own = self.occupants.remove(index);
        match self.occupants.iter_mut().find(|occupant| occupant.nickname == nickname) {
            Some(other) => other.devices.append(&mut own.devices),
            None => {
                own.nickname = nickname;
                self.occupants.insert(index, own);
            }
        }
    }
}
