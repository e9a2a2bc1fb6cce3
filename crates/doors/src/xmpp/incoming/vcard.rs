use xmpp::{
    Element,
    extension::vcard,
    namespace,
    stanza::{Condition, StanzaError},
    stream::Limits,
};

use super::{
    super::conversation::Conversation,
    account::{To, refusal},
};

const KEY: &str = "vcard";

/// Visiting cards (XEP-0054): one's own, and those of people whose presence one sees.
pub(super) async fn handle(
    conversation: &Conversation,
    to: To,
    payload: &Element,
    is_set: bool,
) -> Result<Option<Element>, StanzaError> {
    let (hub, own) = (&conversation.door.hub, conversation.session.address());
    if is_set {
        match &to {
            To::Own => {}
            To::Service => return Err(Condition::ServiceUnavailable.into()),
            To::Other(other) => {
                // Who may not see the card hears the same as of somebody who does not exist.
                let card = hub.profile_datum(&conversation.session, other, KEY).await;
                return Err(card.map_or_else(|error| refusal(&error), |_| Condition::Forbidden.into()));
            }
        }
        let card = payload.to_bytes(namespace::CLIENT);
        if card.len() > vcard::BYTES_MAX {
            let text = format!("a card has at most {} bytes", vcard::BYTES_MAX);
            return Err(StanzaError::new(Condition::NotAcceptable).with_text(text));
        }
        hub.set_data(own, vec![(KEY.to_owned(), Some(card))]).await.map_err(|error| refusal(&error))?;
        return Ok(None);
    }
    let owner = match &to {
        To::Own => own,
        To::Other(other) => other,
        To::Service => return Err(Condition::ServiceUnavailable.into()),
    };
    let card = hub.profile_datum(&conversation.session, owner, KEY).await.map_err(|error| refusal(&error))?;
    let card = card.and_then(|card| Element::parse(&card, &Limits::AFTER_SIGN_IN).ok());
    Ok(Some(card.unwrap_or_else(vcard::empty)))
}
