//! Rooms as they are now: who is in them, and what was said last. What lasts of them is in the store.

mod archive;
mod configuration;
mod enter;
mod item;
mod kept;
mod leave;
mod live;
mod recent;
mod resumed;
mod say;
mod standing;

use std::{collections::HashMap, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Address,
    room::{Affiliation, Nickname, Role, Room, RoomConfiguration, RoomRefusal},
};
use parking_lot::RwLock;
use sha2::{Digest, Sha256};
use store::{Change, RoomChange, Store, StoreError};

pub use archive::RoomReader;
pub use enter::{HistoryWish, RoomEntry};
pub use item::{Departure, EntryNews, RoomItem, RoomPresence};
pub use kept::RoomPerson;
pub(crate) use live::LiveRoom;
pub use say::{RoomAnswer, RoomDraft};
pub use standing::Invitation;

use crate::{Hub, HubError, Session};

/// The first label of the domain of all rooms.
const LABEL: &str = "rooms";

/// How many rooms one person may own.
const OWNED_MAX: usize = 100;
/// In how many rooms one session may be at once.
const ENTERED_MAX: usize = 200;
/// How many people one room may know.
const AFFILIATIONS_MAX: usize = 5_000;

/// All rooms, by address.
#[derive(Debug)]
pub(crate) struct Rooms {
    by_address: RwLock<HashMap<Address, Arc<LiveRoom>>>,
    /// What stands behind the ids of those who are in them.
    secret: [u8; 32],
}

/// A room as somebody sees it who asks about it.
#[derive(Clone, Debug)]
pub struct RoomView {
    /// Its address.
    pub address: Address,
    /// How it is set up.
    pub configuration: RoomConfiguration,
    /// What it talks about.
    pub subject: Option<String>,
    /// The names of those who are in it.
    pub nicknames: Vec<String>,
    /// What the asker is to it.
    pub affiliation: Affiliation,
    /// The asker's role in it, where they are in it.
    pub role: Role,
}

impl Rooms {
    pub(crate) async fn load(store: &dyn Store, secret: [u8; 32]) -> Result<Self, StoreError> {
        let rooms = store.rooms().await?.into_iter();
        let live = rooms.map(|room| (room.address.clone(), Arc::new(LiveRoom::known(room))));
        Ok(Self { by_address: RwLock::new(live.collect()), secret })
    }

    pub(crate) fn find(&self, address: &Address) -> Option<Arc<LiveRoom>> {
        self.by_address.read().get(address).cloned()
    }

    fn all(&self) -> Vec<Arc<LiveRoom>> {
        self.by_address.read().values().cloned().collect()
    }

    /// Puts a new room in its place, unless there is one.
    fn put(&self, room: Arc<LiveRoom>) -> bool {
        let mut rooms = self.by_address.write();
        let free = !rooms.contains_key(&room.address);
        if free {
            rooms.insert(room.address.clone(), room);
        }
        free
    }

    fn take(&self, room: &LiveRoom) {
        self.by_address.write().remove(&room.address);
    }

    /// A person has no account any more.
    pub(crate) fn forget_person(&self, person: &Address) {
        for room in self.all() {
            room.state.lock().room.affiliations.remove(person);
        }
    }

    /// Somebody unknown stands in a person's place in what was said last. The store has done so.
    pub(crate) fn rename_speaker(&self, person: &Address, pseudonym: &Address) {
        let Ok(nickname) = Nickname::new(pseudonym.name()) else { return };
        for room in self.all() {
            let mut state = room.state.lock();
            let names = state.recent.as_mut().map(|recent| recent.rename(person, pseudonym, &nickname));
            if let Some(subject) = &mut state.room.subject
                && names.is_some_and(|names| names.contains(&subject.by))
            {
                subject.by = nickname.clone();
            }
        }
    }

    fn owned_by(&self, person: &Address) -> usize {
        let owns = |room: &&Arc<LiveRoom>| room.state.lock().room.affiliation(person) == Affiliation::Owner;
        self.all().iter().filter(owns).count()
    }
}

impl Hub {
    /// The domain of all rooms.
    pub fn rooms_domain(&self) -> String {
        format!("{LABEL}.{}", self.domain())
    }

    /// Whether a domain is that of the rooms.
    pub fn is_rooms_domain(&self, domain: &str) -> bool {
        domain.strip_prefix(LABEL).and_then(|rest| rest.strip_prefix('.')) == Some(self.domain())
    }

    /// Who somebody is in a room whatever their name there is, and nobody elsewhere (XEP-0421): it tells nothing of
    /// their address.
    pub fn occupant_id(&self, room: &Address, person: &Address) -> String {
        let inner = Sha256::new()
            .chain_update(self.rooms.secret)
            .chain_update(room.as_str())
            .chain_update([0])
            .chain_update(person.as_str())
            .finalize();
        let outer = Sha256::new().chain_update(self.rooms.secret).chain_update(inner).finalize();
        URL_SAFE_NO_PAD.encode(&outer[..16])
    }

    /// The rooms that everyone finds, by address, at most `limit` from after `after`.
    pub fn listed_rooms(&self, after: Option<&str>, limit: usize) -> Vec<RoomView> {
        let nobody = Address::new("nobody", self.domain()).ok();
        let mut rooms: Vec<Arc<LiveRoom>> = self.rooms.all();
        rooms.retain(|room| after.is_none_or(|after| room.address.as_str() > after));
        rooms.sort_unstable_by(|one, other| one.address.cmp(&other.address));
        let listed = rooms.iter().filter_map(|room| {
            let state = room.state.lock();
            let listed = state.is_open() && state.room.configuration.listed;
            nobody.as_ref().filter(|_| listed).map(|nobody| state.view(nobody, None))
        });
        listed.take(limit).collect()
    }

    /// A room as the person of a session sees it.
    pub fn room(&self, address: &Address, session: &Session) -> Result<RoomView, HubError> {
        let room = self.rooms.find(address).ok_or(RoomRefusal::NoSuchRoom)?;
        let state = room.state.lock();
        let affiliation = state.room.affiliation(session.address());
        if state.is_open() || (!state.gone && affiliation == Affiliation::Owner) {
            return Ok(state.view(session.address(), Some(session)));
        }
        Err(RoomRefusal::NoSuchRoom.into())
    }

    /// The rooms that a person belongs to or is in.
    pub fn rooms_of(&self, person: &Address) -> Vec<RoomView> {
        let mut views: Vec<RoomView> = Vec::new();
        for room in self.rooms.all() {
            let state = room.state.lock();
            let is_in = state.occupants.iter().any(|occupant| occupant.address == *person);
            if state.is_open() && (is_in || state.room.affiliation(person) >= Affiliation::Member) {
                views.push(state.view(person, None));
            }
        }
        views.sort_unstable_by(|one, other| one.address.cmp(&other.address));
        views
    }

    /// Ends rooms of the process before that were to last only while somebody is in them, once their people have had
    /// time to come back.
    pub(crate) fn end_deserted_rooms(&self) {
        let resumption = self.settings.resumption;
        self.spawn(|hub| async move {
            tokio::time::sleep(resumption).await;
            for room in hub.rooms.all() {
                hub.end_if_deserted(&room).await;
            }
        });
    }

    /// Ends a room that was to last only while somebody is in it, if nobody is.
    pub(crate) async fn end_if_deserted(&self, room: &Arc<LiveRoom>) {
        let deserted = {
            let mut state = room.state.lock();
            let lasts = state.room.configuration.persistent && !state.locked;
            let deserted = state.occupants.is_empty() && !lasts && !state.gone;
            state.gone |= deserted;
            deserted
        };
        if deserted {
            self.forget_room(room).await;
        }
    }

    /// Forgets a room that is gone. Its name is free once the store has forgotten it too.
    async fn forget_room(&self, room: &LiveRoom) {
        let change = Change::Room(RoomChange::Remove { room: room.address.clone() });
        if let Err(error) = self.store.commit(vec![change]).await {
            tracing::warn!(%error, "a room that is gone was not forgotten");
        }
        self.rooms.take(room);
    }

    /// Makes a room of a person's own, and puts it in its place.
    async fn make_room_of(&self, address: &Address, owner: &Address) -> Result<Arc<LiveRoom>, HubError> {
        if self.rooms.owned_by(owner) >= OWNED_MAX {
            return Err(RoomRefusal::TooManyRooms { limit: OWNED_MAX }.into());
        }
        let created_at = self.environment.now();
        let room = Room::new(address.clone(), owner.clone(), created_at);
        let configuration = room.configuration.clone();
        let live = Arc::new(LiveRoom::new(room));
        if !self.rooms.put(live.clone()) {
            return Err(RoomRefusal::NoSuchRoom.into());
        }
        let (room, owner) = (address.clone(), owner.clone());
        let change = Change::Room(RoomChange::Create { room, configuration, owner, created_at });
        match self.store.commit(vec![change]).await {
            Ok(_) => Ok(live),
            Err(error) => {
                live.state.lock().gone = true;
                self.rooms.take(&live);
                Err(error.into())
            }
        }
    }
}
