use hub::LastActivity;
use jiff::Timestamp;
use xmpp::{
    Element,
    extension::last_activity,
    stanza::{Condition, StanzaError},
};

use super::{
    super::conversation::Conversation,
    account::{To, refusal},
};

/// When somebody was last there, for those who see their presence; or how long the service has been running
/// (XEP-0012).
pub(super) async fn handle(conversation: &Conversation, to: To) -> Result<Option<Element>, StanzaError> {
    let (door, own) = (&conversation.door, conversation.session.address());
    let since = |then: Timestamp| {
        u64::try_from(door.hub.environment().now().duration_since(then).as_secs()).unwrap_or(0)
    };
    let owner = match &to {
        To::Service => return Ok(Some(last_activity::result(since(door.started_at), None))),
        To::Own => own,
        To::Other(other) => other,
    };
    match door.hub.last_activity(&conversation.session, owner).await.map_err(|error| refusal(&error))? {
        LastActivity::Here => Ok(Some(last_activity::result(0, None))),
        LastActivity::Left { at, status } => Ok(Some(last_activity::result(since(at), status.as_deref()))),
        LastActivity::Unknown => Err(Condition::ItemNotFound.into()),
    }
}
