use std::{collections::HashMap, hash::BuildHasher, sync::Arc};

use domain::{Address, Presence};
use foldhash::fast::RandomState;
use parking_lot::Mutex;
use smallvec::SmallVec;

use crate::session::{Session, SessionId};

/// Who is signed in: people by address, in shards, so that few wait for the same lock. No lock is held while
/// anything is awaited, and never two at once.
#[derive(Debug)]
pub(crate) struct Directory {
    shards: Vec<Mutex<HashMap<Address, Person, RandomState>>>,
    hasher: RandomState,
}

/// The sessions of one person.
#[derive(Debug, Default)]
pub(crate) struct Person {
    pub(crate) seats: Vec<Seat>,
    /// How often something for this person was given to the store while a session was catching up.
    pub(crate) missed: u64,
}

/// One session in the directory.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) session: Arc<Session>,
    /// Its presence, while it is available.
    pub(crate) presence: Option<Arc<Presence>>,
    /// Whether it is given what comes.
    pub(crate) receiving: Receiving,
    /// Whether its client has asked for the list of contacts, and so is told of changes.
    pub(crate) interested: bool,
    /// Whether it is given copies of what the person's other sessions send and get.
    pub(crate) carbons: bool,
    /// Whether its client has asked whom the person has blocked, and so is told of changes.
    pub(crate) hears_blocks: bool,
}

/// Some of one person's sessions: mostly one, so that choosing them allocates nothing.
pub(crate) type Seats<'a> = SmallVec<[&'a Seat; 4]>;

/// Whether a session is given messages as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiving {
    /// It is not available to them.
    No,
    /// It is being given what waited; what comes meanwhile waits too.
    CatchingUp,
    /// It has everything that waited.
    Live,
}

const SHARDS: usize = 64;

impl Directory {
    pub(crate) fn new() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, hasher: RandomState::default() }
    }

    /// Looks at or changes one person's sessions. Whoever has none is forgotten afterwards.
    pub(crate) fn with<T>(&self, address: &Address, act: impl FnOnce(&mut Person) -> T) -> T {
        let mut shard = self.shard(address).lock();
        if let Some(person) = shard.get_mut(address) {
            let result = act(person);
            if person.seats.is_empty() {
                shard.remove(address);
            }
            return result;
        }
        let mut person = Person::default();
        let result = act(&mut person);
        if !person.seats.is_empty() {
            shard.insert(address.clone(), person);
        }
        result
    }

    /// The sessions of a person that are available.
    pub(crate) fn available(&self, address: &Address) -> Vec<Seat> {
        self.with(address, |person| {
            person.seats.iter().filter(|seat| seat.presence.is_some()).cloned().collect()
        })
    }

    /// Who has a session that is available.
    pub(crate) fn present(&self) -> Vec<Address> {
        let is_present = |person: &Person| person.seats.iter().any(|seat| seat.presence.is_some());
        let mut addresses = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock();
            let present = shard.iter().filter(|(_, person)| is_present(person));
            addresses.extend(present.map(|(address, _)| address.clone()));
        }
        addresses
    }

    /// Everyone's sessions.
    pub(crate) fn all(&self) -> Vec<Seat> {
        let mut seats = Vec::new();
        for shard in &self.shards {
            seats.extend(shard.lock().values().flat_map(|person| person.seats.iter().cloned()));
        }
        seats
    }

    /// How many sessions there are.
    pub(crate) fn count(&self) -> usize {
        self.shards
            .iter()
            .map(|shard| shard.lock().values().map(|person| person.seats.len()).sum::<usize>())
            .sum()
    }

    fn shard(&self, address: &Address) -> &Mutex<HashMap<Address, Person, RandomState>> {
        let index = self.hasher.hash_one(address) as usize % SHARDS;
        &self.shards[index]
    }
}

impl Person {
    pub(crate) fn seat(&mut self, id: SessionId) -> Option<&mut Seat> {
        self.seats.iter_mut().find(|seat| seat.session.id() == id)
    }
}

impl Seat {
    /// The place of a session that has said nothing yet.
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            presence: None,
            receiving: Receiving::No,
            interested: false,
            carbons: false,
            hears_blocks: false,
        }
    }

    /// Whether messages to the person go to this session now.
    pub(crate) fn takes_messages(&self) -> bool {
        self.receiving == Receiving::Live && self.takes_messages_later()
    }

    /// Stops giving it what comes. One that is catching up finds out by itself.
    pub(crate) fn stop_receiving(&mut self) {
        if self.receiving == Receiving::Live {
            self.receiving = Receiving::No;
        }
    }

    /// Whether they will, once it has caught up.
    pub(crate) fn takes_messages_later(&self) -> bool {
        self.presence.as_ref().is_some_and(|presence| presence.receives_messages())
    }
}
