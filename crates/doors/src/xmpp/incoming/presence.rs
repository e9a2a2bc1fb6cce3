use std::sync::Arc;

use bytes::Bytes;
use domain::{Address, Presence, Refusal, Show, SubscriptionAction};
use hub::{HubError, Item};
use xmpp::{
    Element,
    extension::{blocking, idle},
    jid::Jid,
    namespace, native,
    stanza::{self, Condition, PresenceKind, StanzaError},
};

use super::{
    super::{
        addresses::{domain_jid, elsewhere, full_jid},
        conversation::Conversation,
    },
    rooms,
};

/// Presence from the client (RFC 6121 §3, §4).
pub(super) async fn handle(conversation: &mut Conversation, stanza: stanza::Presence) {
    if let Some(to) = stanza.to.as_ref().filter(|to| rooms::are_meant(conversation, to)) {
        return rooms::presence(conversation, &stanza, to).await;
    }
    let hub = &conversation.door.hub;
    let result = match (&stanza.to, stanza.kind) {
        (None, PresenceKind::Available) => {
            let presence = presence_of(conversation, &stanza);
            hub.set_presence(&conversation.session, presence).await.map_err(|error| refusal(&error))
        }
        (None, PresenceKind::Unavailable) => {
            hub.clear_presence(&conversation.session, presence_of(conversation, &stanza)).await;
            Ok(())
        }
        (Some(to), kind) => to_somebody(conversation, &stanza, to, kind).await,
        (None, _) => Ok(()),
    };
    if let Err(error) = result
        && let Some(reply) = error.reply_to(&stanza.element)
    {
        conversation.send(&reply);
    }
}

async fn to_somebody(
    conversation: &Conversation,
    stanza: &stanza::Presence,
    to: &Jid,
    kind: PresenceKind,
) -> Result<(), StanzaError> {
    if let Some(error) = elsewhere(conversation.door.hub.domain(), to) {
        return Err(error);
    }
    let Ok(address) = Address::parse(to.to_bare().as_str()) else { return Ok(()) };
    let resource = to.resource().map(|resource| resource.as_str());
    to_person(conversation, stanza, &address, resource, kind).await.map_err(|error| refusal(&error))
}

async fn to_person(
    conversation: &Conversation,
    stanza: &stanza::Presence,
    to: &Address,
    resource: Option<&str>,
    kind: PresenceKind,
) -> Result<(), HubError> {
    let (hub, session) = (&conversation.door.hub, &conversation.session);
    let action = match kind {
        PresenceKind::Subscribe if hub.is_alerts_address(to) => {
            // Nobody is there whose presence could be seen.
            let action = SubscriptionAction::Unsubscribed;
            session.push(Item::Subscription { from: to.clone(), action, native: None });
            return Ok(());
        }
        PresenceKind::Subscribe => SubscriptionAction::Subscribe,
        PresenceKind::Subscribed => SubscriptionAction::Subscribed,
        PresenceKind::Unsubscribe => SubscriptionAction::Unsubscribe,
        PresenceKind::Unsubscribed => SubscriptionAction::Unsubscribed,
        PresenceKind::Available | PresenceKind::Unavailable => {
            let is_available = kind == PresenceKind::Available;
            let presence = presence_of(conversation, stanza);
            return hub.direct_presence(session, to, resource, is_available, presence);
        }
        PresenceKind::Probe => return hub.probe(session, to, resource).await,
        PresenceKind::Error => {
            let Some(resource) = resource else { return Ok(()) };
            error_to_session(conversation, stanza, to, resource).await;
            return Ok(());
        }
    };
    hub.subscription(session.address(), to, action, native_of(conversation, stanza)).await
}

/// An error goes to the one session that showed itself (RFC 6121 §8.5.3.1); where it cannot, nobody hears of it.
async fn error_to_session(
    conversation: &Conversation,
    stanza: &stanza::Presence,
    to: &Address,
    resource: &str,
) {
    let Some(full) = full_jid(&conversation.session) else { return };
    let mut element = forwardable(conversation, &stanza.element);
    element.set_attribute("from", full.as_str());
    let bytes = Bytes::from(element.to_bytes(namespace::CLIENT));
    if let Err(error) = conversation.door.hub.relay(&conversation.session, to, resource, bytes, true).await {
        tracing::debug!(%error, "an error about presence went nowhere");
    }
}

fn refusal(error: &HubError) -> StanzaError {
    match error {
        HubError::Refused(Refusal::Blocked) => blocking::refusal(),
        HubError::TooManyContacts { .. } => {
            StanzaError::new(Condition::NotAcceptable).with_text(error.to_string())
        }
        HubError::TooManyShown { .. } => {
            StanzaError::new(Condition::PolicyViolation).with_text(error.to_string())
        }
        other => {
            tracing::warn!(error = %other, "presence was not taken");
            StanzaError::new(Condition::ResourceConstraint).with_text("the service cannot do this now")
        }
    }
}

pub(super) fn presence_of(conversation: &Conversation, stanza: &stanza::Presence) -> Presence {
    let show = match stanza.show() {
        None => Show::Available,
        Some(stanza::Show::Chat) => Show::Chat,
        Some(stanza::Show::Away) => Show::Away,
        Some(stanza::Show::ExtendedAway) => Show::ExtendedAway,
        Some(stanza::Show::DoNotDisturb) => Show::Busy,
    };
    Presence {
        show,
        text: stanza.status(),
        priority: stanza.priority(),
        idle_since: idle::since(&stanza.element).and_then(|since| since.parse().ok()),
        native: native_of(conversation, stanza),
    }
}

/// The stanza without addresses and type as bytes: its id, its children, and the language that they are in; none where
/// it says nothing.
fn native_of(conversation: &Conversation, stanza: &stanza::Presence) -> Option<Arc<[u8]>> {
    let element = forwardable(conversation, &stanza.element);
    let is_empty = element.children().next().is_none();
    if is_empty && stanza.id.is_none() {
        return None;
    }
    let said =
        Element::new("presence", namespace::CLIENT).with_optional_attribute("id", stanza.id.as_deref());
    let said = match stanza.lang.as_deref().filter(|_| !is_empty) {
        Some(lang) => said.with_lang(lang),
        None => said,
    };
    let said = said.with_children(element.children().cloned());
    Some(said.to_bytes(namespace::CLIENT).into())
}

/// What claims nothing in the service's name.
fn forwardable(conversation: &Conversation, stanza: &Element) -> Element {
    let mut element = stanza.clone();
    let domain = domain_jid(conversation.door.hub.domain()).zip(full_jid(&conversation.session));
    element.retain_children(|child| {
        domain.as_ref().is_some_and(|(domain, from)| native::may_be_forwarded(child, domain, from))
    });
    element
}
