//! What the service keeps of a person: asked by themselves, and by those who see their presence.

use domain::Address;
use hub::HubError;
use xmpp::{
    Element,
    extension::{
        last_activity as last_wire, private_storage as private_wire, registration as registration_wire,
        vcard as vcard_wire,
    },
    jid::Jid,
    stanza::{Condition, Iq, IqKind, StanzaError},
};

use super::{super::conversation::Conversation, last_activity, private_storage, registration, vcard};

/// Whom a query is put to.
pub(super) enum To {
    /// The person's own account.
    Own,
    /// The service.
    Service,
    /// Somebody else, who may not exist.
    Other(Address),
}

/// The answer to a query about what is kept of a person; none where it is about something else, or put to nobody who
/// could keep anything.
pub(super) async fn handle(
    conversation: &Conversation,
    iq: &Iq,
) -> Result<Option<Option<Element>>, StanzaError> {
    let (Some(to), Some(payload)) = (to(conversation, iq.to.as_ref()), iq.payload()) else { return Ok(None) };
    let is_set = iq.kind == IqKind::Set;
    if vcard_wire::is_card(payload) {
        return vcard::handle(conversation, to, payload, is_set).await.map(Some);
    }
    if last_wire::is_request(payload) && !is_set {
        return last_activity::handle(conversation, to).await.map(Some);
    }
    match to {
        To::Own | To::Service => {}
        To::Other(_) => return Ok(None),
    }
    if let (To::Own, Some(request)) = (&to, private_wire::Request::parse(payload, is_set)?) {
        return private_storage::handle(conversation, request).await.map(Some);
    }
    if let Some(request) = registration_wire::Request::parse(payload, is_set)? {
        return registration::handle(conversation, &request).await.map(Some);
    }
    Ok(None)
}

fn to(conversation: &Conversation, to: Option<&Jid>) -> Option<To> {
    let Some(to) = to else { return Some(To::Own) };
    let hub = &conversation.door.hub;
    if to.as_str() == hub.domain() {
        return Some(To::Service);
    }
    let address = Address::parse(to.as_str()).ok().filter(|address| address.domain() == hub.domain())?;
    Some(if address == *conversation.session.address() { To::Own } else { To::Other(address) })
}

/// Why a query is refused. Whoever may not ask hears the same as of somebody who does not exist.
pub(super) fn refusal(error: &HubError) -> StanzaError {
    match error {
        HubError::Refused(_) => Condition::ServiceUnavailable.into(),
        HubError::TooMuchData { .. } => {
            StanzaError::new(Condition::ResourceConstraint).with_text(error.to_string())
        }
        HubError::Password { .. } => StanzaError::new(Condition::NotAcceptable).with_text(error.to_string()),
        other => {
            tracing::warn!(error = %other, "what is kept of a person could not be read or changed");
            StanzaError::new(Condition::InternalServerError)
                .with_text("the service cannot do this now; try again")
        }
    }
}
