//! Rooms on the event stream: its clients remember nothing, so that the service enters them where their person wants to be.

use std::sync::Arc;

use domain::{
    Address, Presence, Protocol,
    room::{Nickname, RoomRefusal},
};
use hub::{HistoryWish, Hub, HubError, RoomEntry, Session};

/// How many names are tried where somebody else has one's own.
const NAMES_MAX: u32 = 5;

/// Enters a room under the person's own name. What was said before is asked for as pages.
pub(crate) async fn enter(hub: &Hub, session: &Arc<Session>, room: &Address) -> Result<(), HubError> {
    let name = session.address().name();
    let mut result = Err(RoomRefusal::NicknameTaken.into());
    for number in 1..=NAMES_MAX {
        let name = if number == 1 { name.to_owned() } else { format!("{name} {number}") };
        let history = HistoryWish { messages_max: Some(0), ..HistoryWish::default() };
        let entry = RoomEntry {
            nickname: Nickname::new(&name)?,
            renamed: false,
            password: None,
            history,
            presence: Presence::default(),
        };
        result = hub.enter_room(session, room, entry).await;
        if !matches!(result, Err(HubError::Room(RoomRefusal::NicknameTaken))) {
            break;
        }
    }
    result
}

/// Enters the rooms that the session's person wants to be in, and that it is not in.
pub(super) async fn enter_kept(hub: &Hub, session: &Arc<Session>) {
    let kept = match hub.kept_rooms(session.address()).await {
        Ok(kept) => kept,
        Err(error) => return tracing::warn!(%error, "it is not known which rooms to enter"),
    };
    for room in kept.iter().filter(|room| !hub.has_entered(session, room)) {
        // One that has ended is not made anew by this.
        if hub.room(room, session).is_ok()
            && let Err(error) = enter(hub, session, room).await
        {
            tracing::debug!(%room, %error, "a room was not entered");
        }
    }
}

/// All of a person's browsers that are there enter a room.
pub(crate) async fn enter_everywhere(hub: &Hub, person: &Address, room: &Address) -> Result<(), HubError> {
    for session in hub.sessions_by(person, Protocol::Web) {
        if !hub.has_entered(&session, room) {
            enter(hub, &session, room).await?;
        }
    }
    Ok(())
}

/// All of a person's browsers leave a room.
pub(crate) async fn leave_everywhere(hub: &Hub, person: &Address, room: &Address) {
    for session in hub.sessions_by(person, Protocol::Web) {
        hub.leave_room(&session, room, Presence::default()).await;
    }
}
