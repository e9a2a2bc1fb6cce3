//! A person's own conversations: which there are, what was said, and where words were said.
//!
//! Whoever serves these has proven who the person is: each function takes them, and shows nobody else's.

use domain::{Address, Content, MessageId, Sender};
use hub::{ConversationView, HistorySearch, Hub};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::Found;

use super::Problem;

/// How many messages one answer has where nobody says how many, and at most.
const LIMIT: usize = 50;
const LIMIT_MAX: usize = 200;

/// A message in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The service's id of it, by which more is asked for.
    pub id: MessageId,
    /// With whom the conversation is: a person or a room.
    pub with: String,
    /// Who said it: an address, or a name that nobody vouches for. The service itself where there is none.
    pub from: Option<String>,
    /// Under which name in the room.
    pub nickname: Option<String>,
    /// When the service took it.
    pub at: Timestamp,
    /// The words; none where it is something else: a receipt, or what only some clients understand.
    pub text: Option<String>,
    /// Whether nobody vouches for who sent it.
    pub unverified: bool,
}

/// Some of what was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The messages: of a conversation oldest first, of a search newest first.
    pub messages: Vec<Said>,
    /// Whether nothing more is before them.
    pub complete: bool,
}

/// One conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The other person, or the room.
    pub with: Address,
    /// Whether it is a room.
    pub is_room: bool,
    /// The room's name for people.
    pub title: Option<String>,
    /// What was said last.
    pub last: Option<Said>,
    /// How much of it was not read, counted no further than 1,000, in rooms than 100.
    pub unread: usize,
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// The words: all of them, in any order; the last may be only begun; what stands in quotation marks, as it stands.
    pub text: String,
    /// Only in the conversation with this person, or in this room.
    pub with: Option<Address>,
    /// Only what is older than this message.
    pub before: Option<MessageId>,
    /// How many messages, at most 200; 50 where it is not said.
    pub limit: Option<usize>,
}

/// `GET /history/search?text=&with=&before=&limit=`: where words were said, newest first.
///
/// # Errors
/// The store cannot be read now.
pub async fn search(hub: &Hub, person: &Address, search: Search) -> Result<Page, Problem> {
    let limit = search.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX);
    let search = HistorySearch { text: search.text, with: search.with, before: search.before, limit };
    let page = hub.search_history(person, search).await?;
    Ok(Page {
        messages: page.found.iter().map(|found| said(person, found)).collect(),
        complete: page.complete,
    })
}

/// `GET /conversations?limit=`: the one with the newest message first.
///
/// # Errors
/// The store cannot be read now.
pub async fn conversations(
    hub: &Hub,
    person: &Address,
    limit: Option<usize>,
) -> Result<Vec<Conversation>, Problem> {
    let views = hub.conversations(person, limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX)).await?;
    let conversation = |view: ConversationView| Conversation {
        last: view.last.as_ref().map(|last| said(person, last)),
        with: view.with,
        is_room: view.is_room,
        title: view.title,
        unread: view.unread,
    };
    Ok(views.into_iter().map(conversation).collect())
}

/// `GET /conversations/ADDRESS?before=&limit=`: the end of a conversation, or what comes before a message of it.
///
/// # Errors
/// The room is not one of the person's, the message is not in the conversation, or the store cannot be read now.
pub async fn conversation(
    hub: &Hub,
    person: &Address,
    with: &Address,
    before: Option<MessageId>,
    limit: Option<usize>,
) -> Result<Page, Problem> {
    let limit = limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX);
    let (messages, complete) = hub.history(person, with, before, limit).await?;
    Ok(Page { messages: messages.iter().map(|found| said(person, found)).collect(), complete })
}

fn said(person: &Address, found: &Found) -> Said {
    match found {
        Found::Message(message) => {
            let other = if message.recipient == *person {
                message.sender.account()
            } else {
                Some(&message.recipient)
            };
            let (from, unverified) = match &message.sender {
                Sender::Account { address } => (Some(address.to_string()), false),
                Sender::Unverified { name, .. } => (Some(name.clone()), true),
                Sender::Service => (None, false),
            };
            Said {
                id: message.id,
                with: other.map(ToString::to_string).or_else(|| from.clone()).unwrap_or_default(),
                from,
                nickname: None,
                at: message.accepted_at,
                text: words(&message.content),
                unverified,
            }
        }
        Found::InRoom(message) => Said {
            id: message.id,
            with: message.room.to_string(),
            // Who may know whose address is behind a name is the room's to say; names are enough here.
            from: (message.sender == *person).then(|| message.sender.to_string()),
            nickname: Some(message.nickname.to_string()),
            at: message.accepted_at,
            text: words(&message.content),
            unverified: false,
        },
    }
}

fn words(content: &Content) -> Option<String> {
    match content {
        Content::Text { body, .. } => Some(domain::displayable(body).into_owned()),
        _ => None,
    }
}
