//! What is a person's own: who they are, their contacts, whom they have blocked, their messages.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Address, Contact, MessageId, SubscriptionAction};

use crate::{events::MessageView, schema};

/// `GET /me`: who the asker is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    /// Whose name the asker speaks in.
    #[schemars(with = "String")]
    pub address: Address,
    /// The name that messages of old Windows programs reach them by.
    pub netbios: String,
    /// Whether they may administer the service and send alerts.
    pub administrator: bool,
    /// Whether senders that nobody has proven may reach them.
    pub accepts_unverified: bool,
}

/// An entry of a contact list: `GET /contacts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactView {
    /// Who.
    #[schemars(with = "String")]
    pub address: Address,
    /// The person's own name for them.
    pub name: Option<String>,
    /// The person's own folders for them.
    pub labels: Vec<String>,
    /// Whether the person sees their presence.
    pub to: bool,
    /// Whether they see the person's.
    pub from: bool,
    /// Whether the person has asked to see it, and has no answer.
    pub asked: bool,
    /// Whether the person has agreed before being asked.
    pub approved: bool,
}

/// `PUT /contacts/ADDRESS`: puts somebody on the list, or changes what the list says of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutContact {
    /// The person's own name for them: 1 to 200 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The person's own folders for them: at most 20, each of 1 to 200 bytes.
    #[serde(default)]
    pub labels: Vec<String>,
}

/// `POST /contacts/ADDRESS/subscription`: asks to see somebody's presence, or answers who has asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// What.
    #[schemars(with = "schema::SubscriptionAction")]
    pub action: SubscriptionAction,
}

/// `GET /blocks`: whom the person has blocked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blocks {
    /// Addresses of people, and whole domains.
    pub blocked: Vec<String>,
}

/// The query of `GET /history`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuery {
    /// Only what went to or came from this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// Only what came before the message of this id: the first of the page after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Only what came after the message of this id: the page begins there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Only what has all these words in it: the last may be only begun, what stands in quotation marks is looked for
    /// as it stands. `after` is not looked at then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// How many at most: 1 to 200; 50 where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

/// The query of `GET /people`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleQuery {
    /// Letters of their names; nobody is found by none.
    #[serde(default)]
    pub search: String,
    /// How many at most: 1 to 100; 20 where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

/// Somebody who can be written to: `GET /people`, `GET /contacts/requests`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonView {
    /// Who.
    #[schemars(with = "String")]
    pub address: Address,
}

/// `POST /me/reports`: shows a suspicious message to those who administer the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The id of a message that the person has got.
    #[schemars(with = "schema::Id")]
    pub message: MessageId,
    /// What is wrong with it: at most 1,000 bytes.
    #[serde(default)]
    pub why: String,
}

/// `POST /me/erase`: the person's own account is removed with everything of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseOwn {
    /// The person's own name or address: a proof that it is meant.
    pub name: String,
}

/// `GET /conversations`: a conversation of the person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConversationView {
    /// The other person, or the room. What came from the service itself or from names without proof has addresses of
    /// hosts of their own, `service.` and `windows.` before the domain, which `GET /history` takes too.
    #[schemars(with = "String")]
    pub with: Address,
    /// Whether it is a room.
    pub is_room: bool,
    /// The room's name for people, where it has one.
    pub title: Option<String>,
    /// The words that were said last; receipts and the like are none.
    pub last: Option<MessageView>,
    /// Whether something came after `last` that may change what was said, as a reaction or that it was taken back do:
    /// it is in the history.
    pub changed: bool,
    /// How much of it the person has not read, counted no further than 1,000, in rooms than 100.
    pub unread: usize,
    /// When the newest thing was said that the person has read; none where nothing is known to be read.
    pub read_at: Option<Timestamp>,
}

/// `GET /history`: messages that the person has sent and got, oldest first: the newest of them, unless `after` is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// The messages.
    pub messages: Vec<MessageView>,
    /// Whether there are no more past the page: before it, or after it where `after` was given.
    pub complete: bool,
}

impl From<&Contact> for ContactView {
    fn from(contact: &Contact) -> Self {
        Self {
            address: contact.address.clone(),
            name: contact.name.clone(),
            labels: contact.labels.clone(),
            to: contact.to,
            from: contact.from,
            asked: contact.asked,
            approved: contact.approved,
        }
    }
}
