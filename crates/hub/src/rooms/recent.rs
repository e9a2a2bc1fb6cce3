use std::{collections::VecDeque, sync::Arc};

use domain::{
    Address,
    room::{Nickname, RoomMessage},
};
use parking_lot::Mutex;

use crate::{Session, outbox::Slot};

/// How much of what was said last is given to who comes in, at most.
pub(crate) const RECENT_MAX: usize = 100;
const RECENT_BYTES_MAX: usize = 512 << 10;

/// What was said last in a room, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RecentMessages {
    messages: VecDeque<(Arc<RoomMessage>, Arc<Flight>)>,
    bytes: usize,
}

impl RecentMessages {
    /// What the store has, of a room in which nobody was.
    pub(crate) fn of(messages: Vec<Arc<RoomMessage>>) -> Self {
        let mut recent = Self::default();
        for message in messages {
            recent.push(message, Arc::new(Flight::landed()));
        }
        recent
    }

    pub(crate) fn push(&mut self, message: Arc<RoomMessage>, flight: Arc<Flight>) {
        self.bytes += weight(&message);
        self.messages.push_back((message, flight));
        while self.messages.len() > RECENT_MAX || self.bytes > RECENT_BYTES_MAX {
            let Some((oldest, _)) = self.messages.pop_front() else { return };
            self.bytes = self.bytes.saturating_sub(weight(&oldest));
        }
    }

    /// Puts somebody else in the place of who has spoken; returns the names that they had.
    pub(crate) fn rename(&mut self, from: &Address, to: &Address, nickname: &Nickname) -> Vec<Nickname> {
        let mut names = Vec::new();
        for (message, _) in self.messages.iter_mut().filter(|(message, _)| message.sender == *from) {
            names.push(message.nickname.clone());
            let renamed =
                RoomMessage { sender: to.clone(), nickname: nickname.clone(), ..(**message).clone() };
            *message = Arc::new(renamed);
        }
        names
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&Arc<RoomMessage>, &Arc<Flight>)> {
        self.messages.iter().map(|(message, flight)| (message, flight))
    }
}

fn weight(message: &RoomMessage) -> usize {
    256 + message.native.as_ref().map_or(512, |native| native.bytes.len())
}

/// A message on its way to the disk, and the places that are kept for it meanwhile.
#[derive(Debug)]
pub(crate) struct Flight(Mutex<State>);

#[derive(Debug)]
enum State {
    Up(Vec<(Arc<Session>, Slot)>),
    Landed,
    Lost,
}

impl Flight {
    pub(crate) fn with(places: Vec<(Arc<Session>, Slot)>) -> Self {
        Self(Mutex::new(State::Up(places)))
    }

    fn landed() -> Self {
        Self(Mutex::new(State::Landed))
    }

    /// Lets one more have the message: at once where it is on the disk, in a place that `reserve` keeps where it is on
    /// its way.
    pub(crate) fn join(&self, give: impl FnOnce(), reserve: impl FnOnce() -> Option<(Arc<Session>, Slot)>) {
        match &mut *self.0.lock() {
            State::Up(places) => places.extend(reserve()),
            State::Landed => give(),
            State::Lost => {}
        }
    }

    /// The message is on the disk, or it was refused.
    pub(crate) fn end(&self, accepted: bool) {
        let ended = if accepted { State::Landed } else { State::Lost };
        let before = std::mem::replace(&mut *self.0.lock(), ended);
        let State::Up(places) = before else { return };
        for (session, slot) in places {
            if accepted {
                session.outbox.release(slot);
            } else {
                session.outbox.cancel(slot);
            }
        }
    }
}
