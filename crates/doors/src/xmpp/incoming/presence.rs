use domain::{Address, Presence, Show, SubscriptionAction};
use hub::HubError;
use xmpp::{
    namespace,
    stanza::{self, Condition, PresenceKind, StanzaError},
};

use super::super::conversation::Conversation;

/// Presence from the client (RFC 6121 §3, §4).
pub(super) async fn handle(conversation: &mut Conversation, stanza: stanza::Presence) {
    let result = match (&stanza.to, stanza.kind) {
        (None, PresenceKind::Available) => {
            conversation.door.hub.set_presence(&conversation.session, presence_of(&stanza)).await
        }
        (None, PresenceKind::Unavailable) => {
            conversation.door.hub.clear_presence(&conversation.session, presence_of(&stanza)).await;
            Ok(())
        }
        (Some(to), kind) => {
            let Ok(to) = Address::parse(to.to_bare().as_str()) else { return };
            to_person(conversation, &stanza, &to, kind).await
        }
        (None, _) => Ok(()),
    };
    if let Err(error) = result {
        let error = match error {
            HubError::TooManyContacts { .. } => {
                StanzaError::new(Condition::NotAcceptable).with_text(error.to_string())
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
            hub.direct_presence(&conversation.session, to, is_available, presence_of(stanza));
            return Ok(());
        }
        // The service asks for presence itself; an error about presence has nobody to go to.
        PresenceKind::Probe | PresenceKind::Error => return Ok(()),
    };
    hub.subscription(conversation.session.address(), to, action).await
}

fn presence_of(stanza: &stanza::Presence) -> Presence {
    let show = match stanza.show() {
        None => Show::Available,
        Some(stanza::Show::Chat) => Show::Chat,
        Some(stanza::Show::Away) => Show::Away,
        Some(stanza::Show::ExtendedAway) => Show::ExtendedAway,
        Some(stanza::Show::DoNotDisturb) => Show::Busy,
    };
    let mut children = Vec::new();
    for child in stanza.element.children() {
        child.write(&mut children, namespace::CLIENT);
    }
    let native = (!children.is_empty()).then(|| children.into());
    Presence { show, text: stanza.status(), priority: stanza.priority(), native }
}
