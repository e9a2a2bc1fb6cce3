//! What is sent to rooms and to the host that they are on (XEP-0045).

mod administration;
mod archive;
mod disco;
mod errand;
mod message;
mod presence;
mod query;

use domain::{Address, Refusal, room::RoomRefusal};
use hub::HubError;
use store::StoreError;
use xmpp::{
    Element,
    jid::Jid,
    stanza::{Condition, ErrorKind, StanzaError},
};

pub(super) use self::{message::handle as message, presence::handle as presence, query::handle as query};
use super::super::conversation::Conversation;

/// Whether something is for a room or for the host that rooms are on.
pub(super) fn are_meant(conversation: &Conversation, to: &Jid) -> bool {
    conversation.door.hub.is_rooms_domain(to.domain().as_str())
}

/// The room that an address is of.
fn room_of(to: &Jid) -> Result<Address, StanzaError> {
    Address::parse(to.to_bare().as_str()).map_err(|_| Condition::ItemNotFound.into())
}

/// In the words of XEP-0045.
fn refusal(error: &HubError) -> StanzaError {
    let HubError::Room(room) = error else { return other_refusal(error) };
    let condition = match room {
        RoomRefusal::NoSuchRoom | RoomRefusal::NoSuchOccupant => Condition::ItemNotFound,
        RoomRefusal::Banned
        | RoomRefusal::NoVoice
        | RoomRefusal::SubjectFixed
        | RoomRefusal::NotModerator
        | RoomRefusal::NotAdministrator
        | RoomRefusal::NotOwner => Condition::Forbidden,
        RoomRefusal::MembersOnly => Condition::RegistrationRequired,
        RoomRefusal::Password => Condition::NotAuthorized,
        RoomRefusal::NicknameTaken | RoomRefusal::LastOwner => Condition::Conflict,
        RoomRefusal::NicknameMistakable | RoomRefusal::NotInRoom | RoomRefusal::BadConfiguration { .. } => {
            Condition::NotAcceptable
        }
        RoomRefusal::Full => Condition::ServiceUnavailable,
        RoomRefusal::HigherStanding => Condition::NotAllowed,
        _ => Condition::ResourceConstraint,
    };
    let error = StanzaError::new(condition).with_text(room.to_string());
    match room {
        RoomRefusal::Full => error.with_kind(ErrorKind::Wait),
        _ => error,
    }
}

fn other_refusal(error: &HubError) -> StanzaError {
    match error {
        HubError::Nickname(error) => StanzaError::new(Condition::NotAcceptable).with_text(error.to_string()),
        HubError::Refused(Refusal::NoSuchRecipient) => Condition::ItemNotFound.into(),
        HubError::Refused(Refusal::Blocked) => xmpp::extension::blocking::refusal(),
        HubError::Refused(_) => Condition::ServiceUnavailable.into(),
        HubError::Full { .. } => StanzaError::new(Condition::ResourceConstraint).with_text(error.to_string()),
        HubError::Store(StoreError::Missing { .. }) => Condition::ItemNotFound.into(),
        other => {
            tracing::warn!(error = %other, "something could not be done in a room");
            StanzaError::new(Condition::ResourceConstraint)
                .with_text("the service cannot do this now; try again")
        }
    }
}

fn answer(conversation: &Conversation, element: &Element, error: &StanzaError) {
    if let Some(reply) = error.reply_to(element) {
        conversation.send(&reply);
    }
}
