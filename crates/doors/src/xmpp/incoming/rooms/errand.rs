//! Invitations that a room carries, and what declines them (XEP-0045 §7.8.2).

use domain::{Address, Content, Message, MessageKind, Native, Protocol, Sender};
use hub::HubError;
use xmpp::{
    Element,
    extension::rooms::{direct_invitation, user},
    jid::Jid,
    namespace, native, stanza,
};

use super::{super::super::conversation::Conversation, answer, refusal, room_of};

/// Has the room carry it. It waits for who is away.
pub(super) async fn handle(
    conversation: &Conversation,
    message: &stanza::Message,
    to: &Jid,
    errand: user::Errand,
) {
    let carried = match (room_of(to), errand) {
        (Err(error), _) => Err(error),
        (Ok(room), user::Errand::Invite { people }) => {
            let mut carried = Ok(());
            for (person, reason) in people {
                carried = carried.and(invite(conversation, &room, &person, reason.as_deref()).await);
            }
            carried.map_err(|error| refusal(&error))
        }
        (Ok(room), user::Errand::Decline { to, reason }) => {
            let carried = decline(conversation, &room, &to, reason.as_deref()).await;
            carried.map_err(|error| refusal(&error))
        }
    };
    if let Err(error) = carried {
        answer(conversation, &message.element, &error);
    }
}

async fn invite(
    conversation: &Conversation,
    room: &Address,
    person: &Jid,
    reason: Option<&str>,
) -> Result<(), HubError> {
    let hub = &conversation.door.hub;
    let invitee = Address::parse(person.to_bare().as_str())?;
    let invitation = hub.invite(&conversation.session, room, &invitee).await?;
    let password = invitation.configuration.password.as_deref();
    let by = if invitation.configuration.shows_addresses {
        conversation.session.address().to_string()
    } else {
        format!("{room}/{}", invitation.by)
    };
    let children =
        [user::carried("invite", &by, reason, password), direct_invitation(room.as_str(), password, reason)];
    carry(conversation, room, invitee, children).await
}

/// The one who has asked is told by the room, whether or not they are still in it.
async fn decline(
    conversation: &Conversation,
    room: &Address,
    to: &Jid,
    reason: Option<&str>,
) -> Result<(), HubError> {
    let hub = &conversation.door.hub;
    let inviter = match to.resource().filter(|_| hub.is_rooms_domain(to.domain().as_str())) {
        Some(nickname) => hub.person_behind(room, nickname.as_str())?,
        None => Address::parse(to.to_bare().as_str())?,
    };
    let from = conversation.session.address().as_str();
    carry(conversation, room, inviter, [user::carried("decline", from, reason, None)]).await
}

async fn carry<const COUNT: usize>(
    conversation: &Conversation,
    room: &Address,
    recipient: Address,
    children: [Element; COUNT],
) -> Result<(), HubError> {
    let hub = &conversation.door.hub;
    let (id, accepted_at) = hub.environment().message_id_and_time();
    // Whether it comes into an archive is the recipient's wish: it is given no id of one.
    let element = Element::new("message", namespace::CLIENT)
        .with_attribute("from", room.as_str())
        .with_attribute("to", recipient.as_str())
        .with_attribute("id", id.to_string())
        .with_children(children);
    let message = Message {
        id,
        sender: Sender::Account { address: conversation.session.address().clone() },
        recipient,
        kind: MessageKind::Normal,
        content: Content::Other,
        automatic: false,
        native: Some(Native { protocol: Protocol::Xmpp, bytes: native::write_message(&element).into() }),
        sender_id: None,
        accepted_at,
    };
    hub.send_and_wait(message).await.map(drop)
}
