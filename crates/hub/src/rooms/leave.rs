use std::sync::Arc;

use domain::{Address, Presence};

use super::{
    item::Departure,
    live::{Cause, Device, State},
};
use crate::{Hub, Session};

impl Hub {
    /// Leaves a room (XEP-0045 §7.14). Not being in it is no mistake.
    pub async fn leave_room(&self, session: &Arc<Session>, address: &Address, farewell: Presence) {
        if session.rooms.lock().remove(address) {
            self.remember_rooms(session);
        }
        let Some(room) = self.rooms.find(address) else { return };
        room.state.lock().leave(session, farewell);
        self.end_if_deserted(&room).await;
    }

    /// Leaves all rooms: the session is no longer available, or over.
    pub(crate) async fn leave_all_rooms(&self, session: &Arc<Session>, farewell: &Presence) {
        let rooms: Vec<Address> = session.rooms.lock().iter().cloned().collect();
        for room in rooms {
            self.leave_room(session, &room, farewell.clone()).await;
        }
    }

    /// Sessions were shown out of a room.
    pub(crate) fn note_out(&self, address: &Address, sessions: &[Arc<Session>]) {
        for session in sessions {
            session.rooms.lock().remove(address);
            self.remember_rooms(session);
        }
    }
}

impl State {
    fn leave(&mut self, session: &Arc<Session>, farewell: Presence) {
        let Some(own) = self.occupant_of(session).cloned() else { return };
        let device = Device { session: session.clone(), presence: Arc::new(farewell) };
        let cause = Cause { departure: Some(Departure::Left), ..Cause::default() };
        let gone = self.presence(&own, &device, cause);
        self.tell(&own, session, &gone, None);
        self.forget_device(session);
        match self.named(own.nickname.as_str()) {
            // The person is still there by another session.
            Some(left) => {
                if let Some(device) = left.devices.last() {
                    self.tell_all(&self.presence(left, device, Cause::default()));
                }
            }
            None => self.tell_all(&gone),
        }
    }
}
