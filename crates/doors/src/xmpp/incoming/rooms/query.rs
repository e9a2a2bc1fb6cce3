use bytes::Bytes;
use hub::{HubError, Item};
use xmpp::{
    Element,
    extension::{
        archive as archive_wire, disco as disco_wire, ping,
        rooms::{self, admin, owner},
    },
    jid::Jid,
    namespace,
    stanza::{Condition, Iq, IqKind, StanzaError},
};

use super::{
    super::super::{addresses::full_jid, conversation::Conversation},
    administration, archive, disco, refusal, room_of,
};

/// A query to a room, to somebody in it, or to the host that rooms are on.
pub(in super::super) async fn handle(conversation: &Conversation, iq: &Iq, to: &Jid) {
    let is_request = matches!(iq.kind, IqKind::Get | IqKind::Set);
    let reply = match (to.node().is_some(), to.resource()) {
        (true, Some(nickname)) => to_occupant(conversation, iq, to, nickname.as_str()),
        _ if !is_request => return,
        (true, None) => to_room(conversation, iq, to).await.map(|payload| Some(iq.result(payload))),
        (false, _) => to_host(conversation, iq).map(|payload| Some(iq.result(payload))),
    };
    match reply {
        Ok(Some(reply)) => conversation.send(&reply),
        Ok(None) => {}
        Err(error) => {
            if let Some(reply) = iq.error(&error).filter(|_| is_request) {
                conversation.send(&reply);
            }
        }
    }
}

/// The host says which rooms there are.
fn to_host(conversation: &Conversation, iq: &Iq) -> Result<Option<Element>, StanzaError> {
    let payload = iq.payload().ok_or(Condition::BadRequest)?;
    if iq.kind != IqKind::Get {
        return Err(Condition::ServiceUnavailable.into());
    }
    if ping::is_request(payload) {
        return Ok(None);
    }
    if rooms::asks_for_unique_name(payload) {
        let name = conversation.door.hub.environment().message_id();
        return Ok(Some(rooms::unique_name(&name.to_string())));
    }
    match disco_wire::Request::parse(payload) {
        Some(request) => disco::host(conversation, &request, payload).map(Some),
        None => Err(Condition::ServiceUnavailable.into()),
    }
}

async fn to_room(conversation: &Conversation, iq: &Iq, to: &Jid) -> Result<Option<Element>, StanzaError> {
    let room = room_of(to)?;
    let payload = iq.payload().ok_or(Condition::BadRequest)?;
    let is_set = iq.kind == IqKind::Set;
    if let Some(request) = admin::Request::parse(payload, is_set)? {
        return administration::admin(conversation, &room, request).await;
    }
    if let Some(request) = owner::Request::parse(payload, is_set)? {
        return administration::owner(conversation, &room, request).await;
    }
    if let Some(request) = archive_wire::Request::parse(payload, is_set)? {
        return archive::handle(conversation, &room, request).await;
    }
    if !is_set && ping::is_request(payload) {
        return Ok(None);
    }
    match disco_wire::Request::parse(payload).filter(|_| !is_set) {
        Some(request) => disco::room(conversation, &room, &request).map(Some),
        None => Err(Condition::ServiceUnavailable.into()),
    }
}

/// Between two who are in a room, a query and its answer go by their names there (XEP-0045 §17.4). Who asks themselves
/// whether they are there is answered by the room (XEP-0410).
fn to_occupant(
    conversation: &Conversation,
    iq: &Iq,
    to: &Jid,
    nickname: &str,
) -> Result<Option<Element>, StanzaError> {
    let hub = &conversation.door.hub;
    let (room, session) = (room_of(to)?, &conversation.session);
    let is_ping = iq.kind == IqKind::Get && iq.payload().is_some_and(ping::is_request);
    if is_ping && hub.is_in_room(&room, session, nickname).map_err(|error| refusal(&error))? {
        return Ok(Some(iq.result(None)));
    }
    let behind = hub.behind_nickname(&room, session, nickname);
    let (own, other) = behind.map_err(|error: HubError| refusal(&error))?;
    let mut element = iq.element.clone();
    element.set_attribute("from", format!("{room}/{own}"));
    element.set_attribute("to", full_jid(&other).ok_or(Condition::ItemNotFound)?.as_str());
    other.push(Item::Native(Bytes::from(element.to_bytes(namespace::CLIENT))));
    Ok(None)
}
