use xmpp::{
    Element,
    extension::private_storage::{self, Request},
    namespace,
    stanza::{Condition, StanzaError},
    stream::Limits,
};

use super::{super::conversation::Conversation, account::refusal};

/// How many elements may be stored by one query: each is looked at by the one who writes for everybody.
const ELEMENTS_MAX: usize = 32;

/// What a client keeps here for itself (XEP-0049).
pub(super) async fn handle(
    conversation: &Conversation,
    request: Request,
) -> Result<Option<Element>, StanzaError> {
    let (hub, own) = (&conversation.door.hub, conversation.session.address());
    let key = |element: &Element| format!("private:{}", private_storage::key(element));
    match request {
        Request::Get(asked) => {
            let stored = hub.datum(own, &key(&asked)).await.map_err(|error| refusal(&error))?;
            let stored = stored.and_then(|bytes| Element::parse(&bytes, &Limits::AFTER_SIGN_IN).ok());
            Ok(Some(private_storage::result(stored.unwrap_or(asked))))
        }
        Request::Set(elements) if elements.len() > ELEMENTS_MAX => {
            let text = format!("more than {ELEMENTS_MAX} elements at once");
            Err(StanzaError::new(Condition::PolicyViolation).with_text(text))
        }
        Request::Set(elements) => {
            let data =
                elements.iter().map(|element| (key(element), Some(element.to_bytes(namespace::CLIENT))));
            hub.set_data(own, data.collect()).await.map_err(|error| refusal(&error))?;
            Ok(None)
        }
    }
}
