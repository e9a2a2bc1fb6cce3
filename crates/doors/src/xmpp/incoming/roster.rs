use domain::{Address, contact_list_version};
use hub::HubError;
use xmpp::{
    Element,
    extension::roster::{self, Request},
    jid::BareJid,
    stanza::{Condition, StanzaError},
};

use super::super::{conversation::Conversation, outgoing::contact_item};

/// The contact list (RFC 6121 §2).
pub(super) async fn handle(
    conversation: &Conversation,
    request: Request,
) -> Result<Option<Element>, StanzaError> {
    let hub = &conversation.door.hub;
    let own = conversation.session.address();
    match request {
        Request::Get { version } => {
            hub.set_interested(&conversation.session);
            let contacts = hub.contacts(own).await.map_err(|error| refusal(&error))?;
            // A client that names no version knows nothing of them (RFC 6121 §2.6.2).
            let current = version.as_ref().map(|_| contact_list_version(&contacts));
            if current.is_some() && current == version {
                return Ok(None);
            }
            let items: Vec<roster::Item> = contacts.iter().filter_map(contact_item).collect();
            Ok(Some(roster::result(&items, current.as_deref())))
        }
        Request::Update { contact, name, mut groups } => {
            groups.sort_unstable();
            let address = address(&contact)?;
            if address == *own {
                return Err(StanzaError::new(Condition::NotAllowed).with_text("you are not on your own list"));
            }
            hub.put_contact(own, address, name, groups).await.map_err(|error| refusal(&error))?;
            Ok(None)
        }
        Request::Remove { contact } => {
            let removed =
                hub.remove_contact(own, &address(&contact)?).await.map_err(|error| refusal(&error))?;
            if removed { Ok(None) } else { Err(Condition::ItemNotFound.into()) }
        }
    }
}

fn address(contact: &BareJid) -> Result<Address, StanzaError> {
    let text = "people can be on a list, and hosts cannot: an address reads name@domain";
    Address::parse(contact.as_str()).map_err(|_| StanzaError::new(Condition::NotAcceptable).with_text(text))
}

fn refusal(error: &HubError) -> StanzaError {
    let condition = match error {
        HubError::TooManyContacts { .. } => Condition::NotAcceptable,
        _ => Condition::ResourceConstraint,
    };
    StanzaError::new(condition).with_text(error.to_string())
}
