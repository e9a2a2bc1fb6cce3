use std::sync::Arc;

use domain::{
    Address, Content, Message, MessageId, Native,
    room::{Nickname, RoomMessage, RoomRefusal, RoomSubject, may_change_subject, may_speak},
};
use jiff::Timestamp;
use store::{Change, Outcome, Permit, RoomChange, StoreError};

use super::{
    LiveRoom,
    item::RoomItem,
    live::State,
    recent::{Flight, RECENT_MAX},
};
use crate::{
    Hub, HubError, Item, Origin, Session,
    away::Answered,
    done::Done,
    messages::{Sent, begin},
};

/// Makes what the sender's client is told of what became of something, if anything.
pub type RoomAnswer = Box<dyn FnOnce(Result<(), &HubError>) -> Option<Item> + Send>;

/// Something that is to be said in a room.
#[derive(Clone, Debug)]
pub struct RoomDraft {
    /// The service's id of it.
    pub id: MessageId,
    /// What it says. A text without words that has a subject changes the room's.
    pub content: Content,
    /// The bytes it came in by, without who it is from and to.
    pub native: Option<Native>,
    /// The sender's own id.
    pub sender_id: Option<String>,
    /// When the service took it.
    pub accepted_at: Timestamp,
}

impl Hub {
    /// Says something to all who are in a room, the sender included (XEP-0045 §7.4, §8.1). Everybody is told in the
    /// same order, after it is on the disk.
    pub async fn say_in_room(&self, room: &Address, draft: RoomDraft, origin: Origin, answer: RoomAnswer) {
        let session = origin.session.clone();
        let done = begin(Done::Room(origin, answer));
        let Some(room) = self.rooms.find(room) else {
            return done.tell(Err(RoomRefusal::NoSuchRoom.into()));
        };
        if !draft.content.is_durable() {
            let passed = room.state.lock().pass_on(&session, draft);
            return done.tell(passed.map(|()| Sent::Accepted).map_err(HubError::from));
        }
        match self.store.reserve().await {
            Ok(permit) => self.store_then_tell(&room, &session, draft, permit, done),
            Err(error) => done.tell(Err(error.into())),
        }
    }

    /// Places are kept in everyone's outbox, the message is committed, and then they are released: the order of the
    /// store is the order in which everyone reads.
    fn store_then_tell(
        &self,
        room: &Arc<LiveRoom>,
        session: &Session,
        draft: RoomDraft,
        permit: Permit,
        done: Done,
    ) {
        let mut state = room.state.lock();
        let message = match state.said(session, draft) {
            Ok(message) => message,
            Err(refusal) => {
                drop(state);
                return done.tell(Err(refusal.into()));
            }
        };
        let flight = state.take_off(&message);
        // Without archives, only what is given to who comes in is kept.
        let keep = (!self.settings.archive).then_some(RECENT_MAX);
        let mut changes = vec![Change::Room(RoomChange::Accept { message: message.clone(), keep })];
        let subject = message.new_subject().map(|text| subject_of(&message, text));
        if let Some(subject) = subject.clone() {
            changes.push(Change::Room(RoomChange::SetSubject { room: room.address.clone(), subject }));
        }
        if let Some((stream, number)) =
            done.origin().and_then(|origin| Some((origin.session.durable_stream()?, origin.number)))
        {
            changes.push(Change::StreamReceived { stream, received: number });
        }
        let place = room.clone();
        let finish = move |result: Result<Vec<Outcome>, StoreError>| {
            let result = result.map(|outcomes| match outcomes.first() {
                Some(Outcome::Repeated) => Sent::Repeated,
                _ => Sent::Accepted,
            });
            let accepted = result == Ok(Sent::Accepted);
            if let Some(subject) = subject.filter(|_| accepted) {
                place.state.lock().room.subject = subject;
            }
            flight.end(accepted);
            done.tell(result.map_err(HubError::from));
        };
        self.store.submit(permit, changes, Box::new(finish));
    }

    /// Whom a name in a room means, for who is there too: the names of both, and the session that a private word or a
    /// query goes to.
    pub fn behind_nickname(
        &self,
        room: &Address,
        session: &Session,
        nickname: &str,
    ) -> Result<(Nickname, Arc<Session>), HubError> {
        let room = self.rooms.find(room).ok_or(RoomRefusal::NoSuchRoom)?;
        let state = room.state.lock();
        let own = state.present(session)?.nickname.clone();
        let other = state.named(nickname).ok_or(RoomRefusal::NoSuchOccupant)?;
        let device = other.devices.last().ok_or(RoomRefusal::NoSuchOccupant)?;
        Ok((own, device.session.clone()))
    }

    /// Gives a private word from who is in a room to somebody else who is (XEP-0045 §7.5): as any message to a person,
    /// under their names in the room. No archive keeps it under the names of the two.
    pub async fn whisper(&self, message: Arc<Message>, resource: &str, origin: Origin, answer: RoomAnswer) {
        let judged = self.judge(&message, Some(resource), Some(origin.session.resource()));
        let done = begin(Done::Room(origin, answer));
        match judged {
            Ok(()) => self.take(message, Some(resource), done, Answered::Never).await,
            Err(refusal) => done.tell(Err(refusal.into())),
        }
    }

    /// The person behind a name in a room.
    pub fn person_behind(&self, room: &Address, nickname: &str) -> Result<Address, HubError> {
        let room = self.rooms.find(room).ok_or(RoomRefusal::NoSuchRoom)?;
        let state = room.state.lock();
        let occupant = state.named(nickname).ok_or(RoomRefusal::NoSuchOccupant)?;
        Ok(occupant.address.clone())
    }

    /// Whether a session is in a room under this name (XEP-0410).
    pub fn is_in_room(&self, room: &Address, session: &Session, nickname: &str) -> Result<bool, HubError> {
        let room = self.rooms.find(room).ok_or(RoomRefusal::NotInRoom)?;
        let state = room.state.lock();
        Ok(state.present(session)?.nickname.as_str() == nickname)
    }
}

fn subject_of(message: &RoomMessage, text: &str) -> Option<RoomSubject> {
    let (by, at) = (message.nickname.clone(), message.accepted_at);
    (!text.is_empty()).then(|| RoomSubject { text: text.to_owned(), by, at })
}

impl State {
    /// The message that a session's person says, if they may.
    fn said(&self, session: &Session, draft: RoomDraft) -> Result<Arc<RoomMessage>, RoomRefusal> {
        let own = self.present(session)?;
        let RoomDraft { id, content, native, sender_id, accepted_at } = draft;
        let message = RoomMessage {
            id,
            room: self.room.address.clone(),
            sender: own.address.clone(),
            nickname: own.nickname.clone(),
            content,
            native,
            sender_id,
            accepted_at,
        };
        match message.new_subject() {
            Some(_) => may_change_subject(&self.room.configuration, own.role)?,
            None => may_speak(own.role)?,
        }
        Ok(Arc::new(message))
    }

    /// Keeps places for a message that is about to be committed.
    fn take_off(&mut self, message: &Arc<RoomMessage>) -> Arc<Flight> {
        let mut places = Vec::new();
        for occupant in &self.occupants {
            let sees_address = self.sees_addresses(occupant);
            for device in &occupant.devices {
                let item = RoomItem::Message { message: message.clone(), late: false, sees_address };
                let slot = device.session.outbox.reserve(Item::Room(item));
                places.extend(slot.map(|slot| (device.session.clone(), slot)));
            }
        }
        let flight = Arc::new(Flight::with(places));
        if let Some(recent) = &mut self.recent {
            recent.push(message.clone(), flight.clone());
        }
        flight
    }

    /// Gives something that nobody keeps to who is there.
    fn pass_on(&self, session: &Session, draft: RoomDraft) -> Result<(), RoomRefusal> {
        let message = self.said(session, draft)?;
        for occupant in &self.occupants {
            let sees_address = self.sees_addresses(occupant);
            for device in &occupant.devices {
                let item = RoomItem::Message { message: message.clone(), late: false, sees_address };
                device.session.outbox.push(Item::Room(item));
            }
        }
        Ok(())
    }
}
