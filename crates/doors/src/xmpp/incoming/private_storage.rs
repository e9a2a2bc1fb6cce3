use xmpp::{
    Element,
    extension::private_storage::{self, Request},
    namespace,
    stanza::StanzaError,
    stream::Limits,
};

use super::{super::conversation::Conversation, account::refusal};

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
        Request::Set(elements) => {
            let data =
                elements.iter().map(|element| (key(element), Some(element.to_bytes(namespace::CLIENT))));
            hub.set_data(own, data.collect()).await.map_err(|error| refusal(&error))?;
            Ok(None)
        }
    }
}
