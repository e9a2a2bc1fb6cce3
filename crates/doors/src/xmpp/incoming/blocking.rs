use std::collections::HashSet;

use hub::HubError;
use xmpp::{
    Element,
    extension::blocking::{self, Request},
    jid::Jid,
    stanza::{Condition, StanzaError},
};

use super::super::conversation::Conversation;

/// The list of whom a person has blocked, and changes to it (XEP-0191 §3).
pub(super) async fn handle(
    conversation: &Conversation,
    request: Request,
) -> Result<Option<Element>, StanzaError> {
    let hub = &conversation.door.hub;
    let own = conversation.session.address();
    let result = match request {
        Request::List => return Ok(Some(blocking::list(hub.blocked(&conversation.session).jids()))),
        Request::Block(jids) => hub.block(own, texts(&jids)).await,
        Request::Unblock(jids) => hub.unblock(own, texts(&jids)).await,
    };
    result.map(|()| None).map_err(|error| match error {
        HubError::TooManyBlocks { .. } => {
            StanzaError::new(Condition::NotAcceptable).with_text(error.to_string())
        }
        other => {
            tracing::warn!(error = %other, "a list of blocked people was not changed");
            StanzaError::new(Condition::ResourceConstraint).with_text("the service cannot do this now")
        }
    })
}

/// Each once, in their order.
fn texts(jids: &[Jid]) -> Vec<String> {
    let mut named = HashSet::new();
    jids.iter().filter(|jid| named.insert(jid.as_str())).map(|jid| jid.as_str().to_owned()).collect()
}
