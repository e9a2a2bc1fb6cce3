use std::sync::Arc;

use bytes::Bytes;
use domain::{Address, Alert, Contact, Message, Presence, SubscriptionAction};
use store::Deliverable;

use crate::{BlockChange, HubError, RoomItem, SessionId, promise::Promise};

/// One thing for a session's client. Each but the last three becomes exactly one stanza, message or packet, so that
/// what the client says it has received can be counted.
#[derive(Clone, Debug)]
pub enum Item {
    /// A message.
    Message(Delivery),
    /// A message of this session's client was refused.
    Refused {
        /// The message.
        message: Arc<Message>,
        /// Why.
        error: HubError,
    },
    /// A copy of a message that another session of the person got or sent (XEP-0280). Nobody promises it.
    Carbon {
        /// The message.
        message: Arc<Message>,
        /// Which way it went.
        direction: CarbonDirection,
        /// Whether the message is in the person's own archive, and so has an id there.
        archived: bool,
    },
    /// An alert that is in force.
    Alert(Arc<Alert>),
    /// An alert that is in force, once more to somebody who has not confirmed it. Nobody promises it.
    AlertAgain {
        /// The alert.
        alert: Arc<Alert>,
        /// For which time: 1 is the first repetition.
        number: u32,
    },
    /// An alert was confirmed by another session of the person.
    AlertAnswered {
        /// The alert.
        alert: Arc<Alert>,
        /// The answer.
        choice: Arc<str>,
        /// The session that answered.
        device: Arc<str>,
    },
    /// An alert that was called off, is over or was replaced.
    AlertEnded(Arc<Alert>),
    /// Somebody's presence.
    Presence(Arc<PresenceNotice>),
    /// Somebody asks to see presence, or answers.
    Subscription {
        /// Who.
        from: Address,
        /// What they say.
        action: SubscriptionAction,
        /// The children of the stanza it came in by, for doors of the same protocol.
        native: Option<Arc<[u8]>>,
    },
    /// An entry of the person's own list changed.
    Contact {
        /// The entry.
        contact: Arc<Contact>,
        /// The version of the list with it.
        version: Arc<str>,
    },
    /// An entry of the person's own list is gone.
    ContactRemoved {
        /// Whose it was.
        address: Address,
        /// The version of the list without it.
        version: Arc<str>,
    },
    /// What a room says that the session is in.
    Room(RoomItem),
    /// Whom the person has blocked changed.
    Blocks(Arc<BlockChange>),
    /// Bytes that a door of the same protocol made: an answer to a query, a query from another client.
    Native(Bytes),
    /// Something that asks for nothing but a sign of life: it stands where a message would have stood that was
    /// refused after its place had been given.
    Filler,
    /// So many of the client's stanzas are taken for good.
    Acknowledgement(u32),
    /// A message of this session's client is taken for good: for clients that are told of each. It does not count.
    Accepted(Arc<Message>),
    /// Bytes that a door of the same protocol made and that do not count as a stanza.
    Uncounted(Bytes),
}

/// Which way a copied message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarbonDirection {
    /// Another session of the person got it.
    Received,
    /// Another session of the person sent it.
    Sent,
}

/// A message on its way to one session.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The message.
    pub message: Arc<Message>,
    /// Whether it waited in the store: the client is shown when it was sent.
    pub late: bool,
    /// Whether it is in the recipient's archive, and so has an id there.
    pub archived: bool,
    /// Whether it is for this session alone, as long as the session may have it.
    pub(crate) alone: bool,
    /// Which other sessions of the recipient were given copies.
    pub(crate) copied_to: Option<Arc<[SessionId]>>,
    /// The unstored message's claim to be stored if nobody acknowledges it.
    pub(crate) promise: Option<Arc<Promise>>,
}

/// Somebody's presence as one of their sessions states it.
#[derive(Clone, Debug)]
pub struct PresenceNotice {
    /// Who.
    pub from: Address,
    /// The session's name; empty where none of theirs is available.
    pub resource: Arc<str>,
    /// Whether the session is available; what it says when it leaves is in the presence too.
    pub available: bool,
    /// What it says.
    pub presence: Arc<Presence>,
    /// It is for this one session, by its name, and not for the person.
    pub to_session: bool,
}

impl Delivery {
    /// A message that comes as it is sent, and that nobody keeps.
    pub(crate) fn now(message: &Arc<Message>) -> Self {
        Self {
            message: message.clone(),
            late: false,
            archived: false,
            alone: false,
            copied_to: None,
            promise: None,
        }
    }
}

impl Item {
    /// What stays pending until the client acknowledges this item.
    pub(crate) fn deliverable(&self) -> Option<Deliverable> {
        match self {
            Self::Message(delivery) if delivery.message.is_durable() => {
                Some(Deliverable::Message(delivery.message.id))
            }
            Self::Alert(alert) => Some(Deliverable::Alert(alert.id)),
            _ => None,
        }
    }

    /// Whether it counts as a stanza.
    pub fn is_counted(&self) -> bool {
        !matches!(self, Self::Acknowledgement(_) | Self::Accepted(_) | Self::Uncounted(_))
    }

    /// About how many bytes it holds.
    pub(crate) fn weight(&self) -> usize {
        const SMALL: usize = 256;
        SMALL
            + match self {
                Self::Message(Delivery { message, .. }) | Self::Carbon { message, .. } => {
                    message.native.as_ref().map_or(512, |native| native.bytes.len())
                }
                Self::Alert(alert)
                | Self::AlertEnded(alert)
                | Self::AlertAgain { alert, .. }
                | Self::AlertAnswered { alert, .. } => {
                    let draft = &alert.draft;
                    let links: usize = draft.links().map(str::len).sum();
                    let translated = draft.translations.values().map(|words| words.text.len() + links);
                    draft.text.len() + 2 * links + translated.sum::<usize>() + alert.signature.len()
                }
                Self::Presence(notice) => notice.presence.native.as_ref().map_or(0, |native| native.len()),
                Self::Blocks(change) => {
                    let (BlockChange::Blocked(jids) | BlockChange::Unblocked(jids)) = &**change;
                    jids.iter().map(String::len).sum()
                }
                Self::Room(item) => item.weight(),
                Self::Subscription { native: Some(native), .. } => native.len(),
                Self::Native(bytes) | Self::Uncounted(bytes) => bytes.len(),
                _ => 0,
            }
    }
}
