use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Address,
    room::{Affiliation, Nickname, Role},
};
use store::Change;

use super::item::{Departure, RoomItem, RoomPresence};
use crate::{DATA_BYTES_MAX, Hub, HubError, Item, Session};

/// A client that continues its session in a new process believes to be in rooms in which nobody is any more: it is
/// told, and comes back by itself.
impl Hub {
    /// Remembers in which rooms a session is, where it survives the process.
    pub(crate) fn remember_rooms(&self, session: &Session) {
        let Some(key) = key(session) else { return };
        let entered: Vec<Address> = session.rooms.lock().iter().cloned().collect();
        let mut names: BTreeMap<Address, Nickname> = BTreeMap::new();
        for address in entered {
            let Some(room) = self.rooms.find(&address) else { continue };
            let name = room.state.lock().occupant_of(session).map(|occupant| occupant.nickname.clone());
            names.extend(name.map(|name| (address, name)));
        }
        let written = serde_json::to_vec(&names).ok();
        let value = written.filter(|_| !names.is_empty());
        // Who has no account any more is in no room.
        if self.account(session.address()).is_some() {
            let owner = session.address().clone();
            self.commit_later(vec![Change::SetDatum { owner, key, value, bytes_max: DATA_BYTES_MAX }]);
        }
    }

    /// Nobody has continued a session of the process before.
    pub(crate) fn forget_old_rooms(&self, session: &Session) {
        if session.outbox.missed().is_some() {
            self.remember_rooms(session);
        }
    }

    /// Tells a session of the process before that it is in its rooms no more.
    pub(crate) async fn show_out_of_old_rooms(&self, session: &Arc<Session>) -> Result<(), HubError> {
        let Some(key) = key(session) else { return Ok(()) };
        let Some(written) = self.store.datum(session.address(), &key).await? else { return Ok(()) };
        let names: BTreeMap<Address, Nickname> = serde_json::from_slice(&written).unwrap_or_default();
        for (room, nickname) in names {
            let presence = Arc::new(RoomPresence {
                room,
                nickname,
                address: session.address().clone(),
                resource: session.resource().clone(),
                affiliation: Affiliation::None,
                role: Role::None,
                presence: Arc::default(),
                departure: Some(Departure::ServiceStopped),
                by: None,
                reason: None,
            });
            session.push(Item::Room(RoomItem::Presence {
                presence,
                own: true,
                sees_address: true,
                entry: None,
            }));
        }
        self.remember_rooms(session);
        Ok(())
    }
}

fn key(session: &Session) -> Option<String> {
    session.durable_stream().map(|stream| format!("session-rooms:{stream}"))
}
