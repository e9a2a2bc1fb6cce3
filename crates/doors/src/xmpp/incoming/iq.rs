use bytes::Bytes;
use domain::Address;
use xmpp::{
    Element,
    extension::{
        archive as archive_wire, bind, blocking as blocking_wire, carbons as carbons_wire,
        disco as disco_wire, entity_time, ping, session, version,
    },
    jid::Jid,
    namespace,
    stanza::{Condition, Iq, IqKind, StanzaError},
};

use super::{
    super::{
        addresses::{elsewhere, full_jid},
        conversation::Conversation,
    },
    account, archive, blocking, carbons, commands, disco, rooms, roster, upload,
};

/// A query from the client, or its answer to one (RFC 6120 §8.2.3, §10.3.3).
pub(super) async fn handle(conversation: &mut Conversation, iq: Iq) {
    if let Some(error) = blocked(conversation, iq.to.as_ref()) {
        if let Some(reply) = iq.error(&error) {
            conversation.send(&reply);
        }
        return;
    }
    if let Some(to) = iq.to.as_ref().filter(|to| rooms::are_meant(conversation, to)) {
        return rooms::query(conversation, &iq, to).await;
    }
    if iq.to.as_ref().is_some_and(|to| upload::is_meant(conversation, to)) {
        return upload::query(conversation, &iq).await;
    }
    if let Some(to) = iq.to.clone().filter(|to| to.resource().is_some()) {
        return relay(conversation, &iq, &to).await;
    }
    match iq.kind {
        IqKind::Result | IqKind::Error => {
            conversation.pong(&iq.id);
        }
        IqKind::Get | IqKind::Set => {
            let reply = match serve(conversation, &iq).await {
                Ok(payload) => Some(iq.result(payload)),
                Err(error) => iq.error(&error),
            };
            if let Some(reply) = reply {
                conversation.send(&reply);
            }
        }
    }
}

/// Why nothing goes to somebody whom the person has blocked (XEP-0191 §3.3).
fn blocked(conversation: &Conversation, to: Option<&Jid>) -> Option<StanzaError> {
    let hub = &conversation.door.hub;
    let to = to?;
    let address =
        Address::parse(to.to_bare().as_str()).ok().filter(|address| !hub.is_alerts_address(address))?;
    let device = to.resource().map(|resource| resource.as_str());
    hub.check_not_blocked(conversation.session.address(), &address, device)
        .err()
        .map(|_| blocking_wire::refusal())
}

/// Whom a query is put to.
enum To {
    /// The person's own account.
    Own,
    /// The service.
    Service,
    /// The address that alerts come from.
    Alerts,
}

async fn serve(conversation: &mut Conversation, iq: &Iq) -> Result<Option<Element>, StanzaError> {
    if let Some(answer) = account::handle(conversation, iq).await? {
        return Ok(answer);
    }
    let to = addressee(conversation, iq.to.as_ref())?;
    let payload = iq.payload().ok_or(Condition::BadRequest)?;
    let is_set = iq.kind == IqKind::Set;
    if let (To::Own, Some(request)) = (&to, xmpp::extension::roster::Request::parse(payload, is_set)?) {
        return roster::handle(conversation, request).await;
    }
    if let (To::Own, Some(request)) = (&to, blocking_wire::Request::parse(payload, is_set)?) {
        return blocking::handle(conversation, request).await;
    }
    if let (To::Own, Some(request)) = (&to, archive_wire::Request::parse(payload, is_set)?) {
        return archive::handle(conversation, request).await;
    }
    if let (To::Service | To::Alerts, true, Some(request)) =
        (&to, is_set, xmpp::extension::commands::Request::parse(payload)?)
    {
        return commands::handle(conversation, &request).await.map(Some);
    }
    if let (To::Own, true, Some(request)) = (&to, is_set, carbons_wire::Request::parse(payload)) {
        carbons::handle(conversation, request);
        return Ok(None);
    }
    if is_set {
        return if session::is_request(payload) {
            Ok(None)
        } else if bind::Request::parse(payload)?.is_some() {
            // A session has one resource (RFC 6120 §7.6.2.2).
            Err(Condition::NotAllowed.into())
        } else {
            Err(Condition::ServiceUnavailable.into())
        };
    }
    if ping::is_request(payload) {
        return Ok(None);
    }
    if let Some(request) = disco_wire::Request::parse(payload) {
        return match to {
            To::Own => disco::account(conversation, &request).map(Some),
            To::Service | To::Alerts => disco::service(conversation, &request).map(Some),
        };
    }
    match to {
        To::Service if version::is_request(payload) => {
            Ok(Some(version::result("messngr", env!("CARGO_PKG_VERSION"), None)))
        }
        To::Service if entity_time::is_request(payload) => {
            let now = conversation.door.hub.environment().now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            Ok(Some(entity_time::result(&now, "Z")))
        }
        _ => Err(Condition::ServiceUnavailable.into()),
    }
}

/// Other people's accounts answer no queries of their own, whoever they are: so asking tells nobody who exists.
fn addressee(conversation: &Conversation, to: Option<&Jid>) -> Result<To, StanzaError> {
    let Some(to) = to else { return Ok(To::Own) };
    let hub = &conversation.door.hub;
    if to.as_str() == hub.domain() {
        return Ok(To::Service);
    }
    if let Some(error) = elsewhere(hub.domain(), to) {
        return Err(error);
    }
    match Address::parse(to.as_str()) {
        Ok(address) if address == *conversation.session.address() => Ok(To::Own),
        Ok(address) if hub.is_alerts_address(&address) => Ok(To::Alerts),
        _ => Err(Condition::ServiceUnavailable.into()),
    }
}

/// A query from client to client.
async fn relay(conversation: &mut Conversation, iq: &Iq, to: &Jid) {
    let answered = matches!(iq.kind, IqKind::Result | IqKind::Error);
    let relayed = async {
        let recipient = Address::parse(to.to_bare().as_str()).ok()?;
        let resource = to.resource()?;
        let mut element = iq.element.clone();
        element.set_attribute("from", full_jid(&conversation.session)?.as_str());
        let bytes = Bytes::from(element.to_bytes(namespace::CLIENT));
        let hub = &conversation.door.hub;
        hub.relay(&conversation.session, &recipient, resource.as_str(), bytes, answered).await.ok()
    };
    if relayed.await.is_none()
        && !answered
        && let Some(reply) = iq.error(&absent(conversation, to))
    {
        conversation.send(&reply);
    }
}

/// Why nobody answers from there.
fn absent(conversation: &Conversation, to: &Jid) -> StanzaError {
    elsewhere(conversation.door.hub.domain(), to).unwrap_or_else(|| Condition::ServiceUnavailable.into())
}
