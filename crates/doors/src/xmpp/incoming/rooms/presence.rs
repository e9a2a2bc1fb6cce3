use domain::room::Nickname;
use hub::{HistoryWish, HubError, RoomEntry};
use jiff::{SignedDuration, Timestamp};
use xmpp::{
    extension::rooms::{self, Entry},
    jid::Jid,
    namespace,
    stanza::{self, Condition, PresenceKind, StanzaError},
};

use super::{super::super::conversation::Conversation, refusal, room_of};
use crate::xmpp::incoming::presence::presence_of;

/// Entering, leaving, another name, and what somebody says of themselves in a room (XEP-0045 §7.2, §7.6, §7.7, §7.14).
pub(in super::super) async fn handle(conversation: &Conversation, stanza: &stanza::Presence, to: &Jid) {
    let result = match stanza.kind {
        PresenceKind::Available => available(conversation, stanza, to).await,
        PresenceKind::Unavailable => {
            if let Ok(room) = room_of(to) {
                let presence = presence_of(conversation, &bare(stanza));
                conversation.door.hub.leave_room(&conversation.session, &room, presence).await;
            }
            Ok(())
        }
        // A room is nobody's contact.
        _ => Ok(()),
    };
    if let Err(error) = result
        && let Some(mut reply) = error.reply_to(&stanza.element)
    {
        reply.push(rooms::marker());
        conversation.send(&reply);
    }
}

async fn available(
    conversation: &Conversation,
    stanza: &stanza::Presence,
    to: &Jid,
) -> Result<(), StanzaError> {
    let wanted = to.resource().ok_or_else(|| {
        StanzaError::new(Condition::JidMalformed).with_text("a room is entered under a name: room@host/name")
    })?;
    let room = room_of(to)?;
    let nickname = Nickname::new(wanted.as_str()).map_err(|error| refusal(&HubError::Nickname(error)))?;
    let renamed = nickname.as_str() != wanted.as_str();
    let presence = presence_of(conversation, &bare(stanza));
    let hub = &conversation.door.hub;
    let done = match Entry::read(&stanza.element) {
        Some(entry) => {
            let history = wish(&entry);
            let entry = RoomEntry { nickname, renamed, password: entry.password, history, presence };
            hub.enter_room(&conversation.session, &room, entry).await
        }
        None => hub.change_in_room(&conversation.session, &room, nickname, renamed, presence),
    };
    done.map_err(|error| refusal(&error))
}

/// Without what only rooms say.
fn bare(stanza: &stanza::Presence) -> stanza::Presence {
    let mut bare = stanza.clone();
    bare.element.retain_children(|child| {
        let namespace = child.namespace().as_str();
        !namespace.starts_with(namespace::MUC) && namespace != namespace::OCCUPANT_ID
    });
    bare
}

fn wish(entry: &Entry) -> HistoryWish {
    HistoryWish {
        messages_max: entry.messages_max,
        characters_max: entry.characters_max,
        within: entry.seconds.map(SignedDuration::from_secs),
        since: entry.since.as_ref().and_then(|since| since.parse::<Timestamp>().ok()),
    }
}
