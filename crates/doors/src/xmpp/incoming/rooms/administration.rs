//! What moderators, administrators and owners of a room ask and change (XEP-0045 §8–§10).

use domain::{
    Address,
    room::{Affiliation, Role},
};
use hub::HubError;
use xmpp::{
    Element,
    extension::rooms::{
        admin::{self, Change, What, Whom},
        configuration, owner,
        user::Item,
    },
    stanza::{Condition, StanzaError},
};

use super::{super::super::conversation::Conversation, refusal};

/// Who may do what: lists, and changes in the order in which they are named. The first that is refused ends them.
pub(super) async fn admin(
    conversation: &Conversation,
    room: &Address,
    request: admin::Request,
) -> Result<Option<Element>, StanzaError> {
    let (hub, session) = (&conversation.door.hub, &conversation.session);
    match request {
        admin::Request::Affiliated(word) => {
            let affiliation = affiliation(&word)?;
            let people = hub.affiliated(session, room, affiliation).map_err(|error| refusal(&error))?;
            let item = |person: Address| Item {
                affiliation: Some(affiliation.as_str()),
                jid: Some(person.to_string()),
                ..Item::default()
            };
            Ok(Some(admin::list(people.into_iter().map(item))))
        }
        admin::Request::WithRole(word) => {
            let role = role(&word)?;
            let people = hub.with_role(session, room, role).map_err(|error| refusal(&error))?;
            let items = people.into_iter().map(|(nickname, address, affiliation)| Item {
                affiliation: Some(affiliation.as_str()),
                role: Some(role.as_str()),
                jid: Some(address.to_string()),
                nick: Some(nickname.to_string()),
                ..Item::default()
            });
            Ok(Some(admin::list(items)))
        }
        admin::Request::Change(changes) => {
            for one in changes {
                change(conversation, room, one).await?;
            }
            Ok(None)
        }
    }
}

async fn change(conversation: &Conversation, room: &Address, change: Change) -> Result<(), StanzaError> {
    let (hub, session) = (&conversation.door.hub, &conversation.session);
    let reason = change.reason.map(|reason| domain::displayable(&reason).into_owned());
    let done = match (change.what, change.whom) {
        (What::Role(word), Whom::Nick(nickname)) => {
            hub.set_role(session, room, &nickname, role(&word)?, reason).await
        }
        (What::Role(_), Whom::Address(_)) => return Err(Condition::BadRequest.into()),
        (What::Affiliation(word), whom) => {
            let person = match whom {
                Whom::Address(jid) => Address::parse(jid.to_bare().as_str())
                    .map_err(|_| StanzaError::new(Condition::ItemNotFound))?,
                Whom::Nick(nickname) => {
                    hub.person_behind(room, &nickname).map_err(|error| refusal(&error))?
                }
            };
            hub.set_affiliation(session, room, &person, affiliation(&word)?, reason).await
        }
    };
    done.map_err(|error| refusal(&error))
}

/// What the room is.
pub(super) async fn owner(
    conversation: &Conversation,
    room: &Address,
    request: owner::Request,
) -> Result<Option<Element>, StanzaError> {
    let (hub, session) = (&conversation.door.hub, &conversation.session);
    let now = || hub.room_configuration(session, room).map_err(|error| refusal(&error));
    match request {
        owner::Request::Form => Ok(Some(owner::form(&configuration::form(&now()?)))),
        owner::Request::Configure(form) => {
            let wanted = configuration::filled_in(&form, &now()?)?;
            hub.configure_room(session, room, wanted).await.map_err(|error| refusal(&error))?;
            Ok(None)
        }
        owner::Request::Cancel => {
            // A room that was never opened is not wanted.
            let done = hub.abandon_room(session, room).await;
            done.map(|()| None).map_err(|error| refusal(&error))
        }
        owner::Request::Destroy { instead, reason } => {
            let instead = instead.and_then(|jid| Address::parse(jid.to_bare().as_str()).ok());
            let reason = reason.map(|reason| domain::displayable(&reason).into_owned());
            let done: Result<(), HubError> = hub.destroy_room(session, room, instead, reason).await;
            done.map(|()| None).map_err(|error| refusal(&error))
        }
    }
}

fn affiliation(word: &str) -> Result<Affiliation, StanzaError> {
    Affiliation::from_name(word).ok_or_else(|| Condition::BadRequest.into())
}

fn role(word: &str) -> Result<Role, StanzaError> {
    Role::from_name(word).ok_or_else(|| Condition::BadRequest.into())
}
