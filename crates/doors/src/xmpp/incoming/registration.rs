use domain::Address;
use xmpp::{
    Element,
    extension::registration::{self, Request},
    stanza::{Condition, StanzaError},
};

use super::{super::conversation::Conversation, account::refusal};

/// A client changes its own password (XEP-0077 §3.3). Accounts begin and end by the administrator only.
pub(super) async fn handle(
    conversation: &Conversation,
    request: &Request,
) -> Result<Option<Element>, StanzaError> {
    let own = conversation.session.address();
    match request {
        Request::Get => Ok(Some(registration::registered(own.name()))),
        Request::Cancel => Err(Condition::NotAllowed.into()),
        Request::ChangePassword { username, password } => {
            if Address::within(username, own.domain()).ok().as_ref() != Some(own) {
                return Err(Condition::NotAllowed.into());
            }
            if !conversation.encrypted {
                let text = "a password is changed by an encrypted connection only";
                return Err(StanzaError::new(Condition::NotAuthorized).with_text(text));
            }
            let change = conversation.door.hub.change_password_in_session(&conversation.session, password);
            change.await.map_err(|error| refusal(&error))?;
            Ok(None)
        }
    }
}
