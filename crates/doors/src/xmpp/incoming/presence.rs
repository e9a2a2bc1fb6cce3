use std::sync::Arc;

use domain::{Address, Presence, Refusal, Show, SubscriptionAction};
use hub::HubError;
use xmpp::{
    extension::blocking,
    namespace,
    stanza::{self, Condition, PresenceKind, StanzaError},
};

use super::{super::conversation::Conversation, rooms};

/// Presence from the client (RFC 6121 §3, §4).
pub(super) async fn handle(conversation: &mut Conversation, stanza: stanza::Presence) {
    if let Some(to) = stanza.to.as_ref().filter(|to| rooms::are_meant(conversation, to)) {
        return rooms::presence(conversation, &stanza, to).await;
    }
    let result = match (&stanza.to, stanza.kind) {
        (None, PresenceKind::Available) => {
            conversation.door.hub.set_presence(&conversation.session, presence_of(&stanza)).await
        }
        (None, PresenceKind::Unavailable) => {
            conversation.door.hub.clear_presence(&conversation.session, presence_of(&stanza)).await;
            Ok(())
        }
        (Some(to), kind) => {
            let Ok(address) = Address::parse(to.to_bare().as_str()) else { return };
            let resource = to.resource().map(|resource| resource.as_str());
            to_person(conversation, &stanza, &address, resource, kind).await
        }
        (None, _) => Ok(()),
    };
    if let Err(error) = result {
        let error = match error {
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
        };
        if let Some(reply) = error.reply_to(&stanza.element) {
            conversation.send(&reply);
        }
    }
}

async fn to_person(
    conversation: &Conversation,
    stanza: &stanza::Presence,
    to: &Address,
    resource: Option<&str>,
    kind: PresenceKind,
) -> Result<(), HubError> {
    let hub = &conversation.door.hub;
    let action = match kind {
        PresenceKind::Subscribe => SubscriptionAction::Subscribe,
        PresenceKind::Subscribed => SubscriptionAction::Subscribed,
        PresenceKind::Unsubscribe => SubscriptionAction::Unsubscribe,
        PresenceKind::Unsubscribed => SubscriptionAction::Unsubscribed,
        PresenceKind::Available | PresenceKind::Unavailable => {
            let is_available = kind == PresenceKind::Available;
            let presence = presence_of(stanza);
            return hub.direct_presence(&conversation.session, to, resource, is_available, presence);
        }
        PresenceKind::Probe => return hub.probe(&conversation.session, to, resource).await,
        // An error about presence has nobody to go to.
        PresenceKind::Error => return Ok(()),
    };
    hub.subscription(conversation.session.address(), to, action, children_of(stanza)).await
}

pub(super) fn presence_of(stanza: &stanza::Presence) -> Presence {
    let show = match stanza.show() {
        None => Show::Available,
        Some(stanza::Show::Chat) => Show::Chat,
        Some(stanza::Show::Away) => Show::Away,
        Some(stanza::Show::ExtendedAway) => Show::ExtendedAway,
        Some(stanza::Show::DoNotDisturb) => Show::Busy,
    };
    Presence { show, text: stanza.status(), priority: stanza.priority(), native: children_of(stanza) }
}

/// The children as bytes, each status in the language that the stanza says (RFC 6120 §8.1.5).
fn children_of(stanza: &stanza::Presence) -> Option<Arc<[u8]>> {
    let mut children = Vec::new();
    for child in stanza.element.children() {
        match &stanza.lang {
            Some(lang) if child.is("status", namespace::CLIENT) && child.lang().is_none() => {
                child.clone().with_lang(lang.as_str()).write(&mut children, namespace::CLIENT);
            }
            _ => child.write(&mut children, namespace::CLIENT),
        }
    }
    (!children.is_empty()).then(|| children.into())
}
