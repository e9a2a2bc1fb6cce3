use domain::{
    Address,
    room::{Affiliation, RoomConfiguration, RoomRefusal, may_configure},
};
use store::{Change, RoomChange, StoreError};
use tokio::sync::oneshot;

use super::{
    item::{Departure, RoomItem},
    live::{Cause, State},
};
use crate::{Hub, HubError, Item, Session};

impl Hub {
    /// How a room is set up, for its owners (XEP-0045 §10.2).
    pub fn room_configuration(
        &self,
        session: &Session,
        address: &Address,
    ) -> Result<RoomConfiguration, HubError> {
        let room = self.rooms.find(address).ok_or(RoomRefusal::NoSuchRoom)?;
        let state = room.state.lock();
        may_configure(state.room.affiliation(session.address()))?;
        Ok(state.room.configuration.clone())
    }

    /// Sets a room up as its owner wants it, and opens it if it was new (XEP-0045 §10.1, §10.2).
    pub async fn configure_room(
        &self,
        session: &Session,
        address: &Address,
        configuration: RoomConfiguration,
    ) -> Result<(), HubError> {
        let configuration = configuration.checked()?;
        let room = self.rooms.find(address).ok_or(RoomRefusal::NoSuchRoom)?;
        let permit = self.store.reserve().await?;
        let (sender, receiver) = oneshot::channel();
        {
            let state = room.state.lock();
            if state.gone {
                return Err(RoomRefusal::NoSuchRoom.into());
            }
            may_configure(state.room.affiliation(session.address()))?;
            let (room, configuration) = (address.clone(), configuration.clone());
            let change = Change::Room(RoomChange::Configure { room, configuration });
            // In the order of the locks, so that the last to say so has it as they want it.
            self.store.submit(permit, vec![change], Box::new(move |result| drop(sender.send(result))));
        }
        receiver.await.unwrap_or(Err(StoreError::Closed))?;
        let out = room.state.lock().configure(configuration);
        self.note_out(address, &out);
        self.end_if_deserted(&room).await;
        Ok(())
    }

    /// Ends a room that its owner does not want to open (XEP-0045 §10.1.3). One that is open stays as it is.
    pub async fn abandon_room(&self, session: &Session, address: &Address) -> Result<(), HubError> {
        let room = self.rooms.find(address).ok_or(RoomRefusal::NoSuchRoom)?;
        let locked = {
            let state = room.state.lock();
            may_configure(state.room.affiliation(session.address()))?;
            state.locked
        };
        if locked { self.destroy_room(session, address, None, None).await } else { Ok(()) }
    }

    /// Ends a room and everything in it, as its owner wants (XEP-0045 §10.9).
    pub async fn destroy_room(
        &self,
        session: &Session,
        address: &Address,
        instead: Option<Address>,
        reason: Option<String>,
    ) -> Result<(), HubError> {
        let room = self.rooms.find(address).ok_or(RoomRefusal::NoSuchRoom)?;
        let out = {
            let mut state = room.state.lock();
            if state.gone {
                return Err(RoomRefusal::NoSuchRoom.into());
            }
            may_configure(state.room.affiliation(session.address()))?;
            state.gone = true;
            let cause = Cause { departure: Some(Departure::Ended { instead }), by: None, reason };
            state.send_out(&cause, |_, _| true)
        };
        self.note_out(address, &out);
        self.forget_room(&room).await;
        Ok(())
    }
}

impl State {
    /// Sets the room up anew, tells everyone, and sends those out who may not be in it any more.
    fn configure(&mut self, configuration: RoomConfiguration) -> Vec<std::sync::Arc<Session>> {
        let was_locked = std::mem::take(&mut self.locked);
        let before = std::mem::replace(&mut self.room.configuration, configuration);
        let now = &self.room.configuration;
        let shows_addresses = (before.shows_addresses != now.shows_addresses).then_some(now.shows_addresses);
        if !was_locked || shows_addresses.is_some() {
            for device in self.occupants.iter().flat_map(|occupant| &occupant.devices) {
                let room = self.room.address.clone();
                device.session.outbox.push(Item::Room(RoomItem::Configured { room, shows_addresses }));
            }
        }
        if !now.members_only {
            return Vec::new();
        }
        let cause = Cause { departure: Some(Departure::MembersOnly), ..Cause::default() };
        self.send_out(&cause, |state, occupant| {
            state.room.affiliation(&occupant.address) < Affiliation::Member
        })
    }
}
