//! The event stream: what is said on the WebSocket at `GET /events`. Both sides say JSON objects, one in each text
//! message, with a `type`. What the service says and must arrive has a number, `seq`, beside it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Address, AlertId, AlertStatus, MessageId, MessageKind, Protocol, Show, SubscriptionAction};

use crate::{Problem, alerts::AlertView, people::ContactView, reports::CountsView, schema};

/// The parameter of the query of `GET /events` that a ticket is given in.
pub const TICKET_PARAMETER: &str = "ticket";

/// `POST /events/ticket`: what a browser opens the stream with, because it cannot say who it is otherwise there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ticket {
    /// To be given as `ticket` in the query of `GET /events`, once, from the same network address.
    pub ticket: String,
    /// For how many seconds it is good.
    pub expires_in_seconds: u64,
}

/// The query of `GET /events`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenEvents {
    /// The client's name for itself, 1 to 100 bytes; a stream of the same name that is open ends. A new name where
    /// left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The stream to go on with: `stream` of [`Event::Ready`]. Where it is over, a new one begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<String>,
    /// With it: the `seq` of the last thing that the client has; 0 where it has nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
    /// What `POST /events/ticket` has answered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// What a client says. `id` is the client's own, 1 to 200 bytes; where there is one, the service says what became of
/// it: [`Event::Accepted`], [`Event::Confirmed`], [`Event::Done`], or [`Event::Refused`], which is said without an id
/// too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// The client has everything up to this number, for good.
    Ack {
        /// The number.
        seq: u32,
    },
    /// Words to a person. What is said again under the same id is taken once, however long ago it was.
    Message {
        /// The client's own id.
        id: String,
        /// To whom: a name or an address.
        to: String,
        /// What: 1 to 65,536 bytes; may be empty where there is a file.
        #[serde(default)]
        text: String,
        /// What about: at most 1,000 bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        /// Which message it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply: Option<ReplyView>,
        /// A file that belongs to it: it is put there before (`POST /files`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<FileView>,
        /// Of an old machine, its network address as its messages say it: nobody else who calls themselves so is
        /// answered. Without it, whoever wrote last is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
    },
    /// All that the person reacts to a message with from now on.
    Reaction {
        /// To whom.
        to: String,
        /// The `mark` of the message.
        of: String,
        /// The reactions: at most 20, each 1 to 64 bytes; none takes earlier ones back.
        emoji: Vec<String>,
        /// The client's own id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// Other words in the place of a message's.
    Correction {
        /// To whom.
        to: String,
        /// The `mark` of the message.
        of: String,
        /// The words: 1 to 65,536 bytes.
        text: String,
        /// The client's own id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// That a message is taken back.
    Retraction {
        /// To whom.
        to: String,
        /// The `mark` of the message.
        of: String,
        /// The client's own id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// That the person is typing, or is not any more.
    Typing {
        /// To whom.
        to: String,
        /// Whether they are.
        composing: bool,
    },
    /// That a message has come.
    Received {
        /// Whose it was.
        to: String,
        /// The `mark` of the message.
        of: String,
        /// The client's own id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// That the person has read a message, and what came before it.
    Read {
        /// Whose it was.
        to: String,
        /// The `mark` of the message.
        of: String,
        /// The client's own id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// How available the person is here. The first time, everything that waits for them comes.
    Presence {
        /// How available; none for not at all.
        #[schemars(with = "Option<schema::Show>")]
        show: Option<Show>,
        /// A status text, at most 1,000 bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// The client's own id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// Asks to see somebody's presence, or answers who has asked.
    Subscription {
        /// Whose.
        to: String,
        /// What.
        #[schemars(with = "schema::SubscriptionAction")]
        action: SubscriptionAction,
        /// The client's own id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// Confirms an alert.
    Confirm {
        /// Which.
        #[schemars(with = "schema::Id")]
        alert: AlertId,
        /// With which of its choices.
        choice: String,
        /// The client's own id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// That the person has looked at an alert.
    Seen {
        /// Which.
        #[schemars(with = "schema::Id")]
        alert: AlertId,
        /// The client's own id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// Whether the client wants to hear how many of an alert's recipients stand where: at once, and whenever that has
    /// changed, at most twice a second, as long as the connection lasts. It needs the scope `read`.
    Report {
        /// Which alert.
        #[schemars(with = "schema::Id")]
        alert: AlertId,
        /// Whether it does.
        watch: bool,
        /// The client's own id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// Whether somebody looks at the client: while nobody does, presence and typing wait, and the last of each comes.
    Active {
        /// Whether somebody does.
        active: bool,
    },
}

/// What the service says. `seq` stands beside it where it is to be acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// The first of a connection: the client is let in.
    Ready {
        /// What the stream can be resumed by.
        stream: String,
        /// Whether it is the stream that the client has asked for: numbers go on. Otherwise they begin with 1, and
        /// lists are to be asked for anew.
        resumed: bool,
        /// Who the client speaks as.
        #[schemars(with = "String")]
        address: Address,
        /// The name of the session.
        device: String,
        /// For how many seconds after a break the stream can be resumed.
        resumable_seconds: u64,
    },
    /// A message.
    Message {
        /// The message.
        #[serde(flatten)]
        message: MessageView,
        /// Whether it has waited: it was sent at another time than now.
        late: bool,
    },
    /// A copy of a message that another session of the person got or sent.
    Carbon {
        /// Which.
        direction: Direction,
        /// The message.
        #[serde(flatten)]
        message: MessageView,
    },
    /// A message of this client is the service's now: it will not get lost.
    Accepted {
        /// The client's id of it.
        id: String,
        /// The service's, which receipts for it name.
        #[schemars(with = "schema::Id")]
        message: MessageId,
        /// When it was taken.
        at: Timestamp,
    },
    /// What a client has asked for is done.
    Done {
        /// The client's id of it.
        id: String,
    },
    /// What a client has asked for is not done.
    Refused {
        /// The client's id of it.
        id: Option<String>,
        /// Why.
        problem: Problem,
    },
    /// Somebody's presence.
    Presence {
        /// Who.
        #[schemars(with = "String")]
        from: Address,
        /// Which session of theirs; none where it is about all of them.
        device: Option<String>,
        /// How available it is; none where it is gone.
        #[schemars(with = "Option<schema::Show>")]
        show: Option<Show>,
        /// The person's status text.
        text: Option<String>,
    },
    /// Somebody asks to see the person's presence, or answers.
    Subscription {
        /// Who.
        #[schemars(with = "String")]
        from: Address,
        /// What they say.
        #[schemars(with = "schema::SubscriptionAction")]
        action: SubscriptionAction,
    },
    /// An entry of the contact list is new or changed.
    Contact(ContactView),
    /// An entry of the contact list is gone.
    ContactRemoved {
        /// Whose it was.
        #[schemars(with = "String")]
        address: Address,
    },
    /// The list of those whom the person has blocked has changed.
    Blocks {
        /// These are on it now.
        blocked: Vec<String>,
        /// These are no longer.
        unblocked: Vec<String>,
        /// Whether nobody is on it any more.
        emptied: bool,
    },
    /// Something about a room that the person is in has changed; what is left out has not.
    Room {
        /// Which.
        #[schemars(with = "String")]
        address: Address,
        /// Its name for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// What it talks about; empty where nobody has said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        /// Whether the client is in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        joined: Option<bool>,
    },
    /// Somebody has come into a room, has gone, or has changed.
    RoomPresence {
        /// Which room.
        #[schemars(with = "String")]
        room: Address,
        /// Under which name.
        nickname: String,
        /// Who, where the person may know.
        #[schemars(with = "Option<String>")]
        address: Option<Address>,
        /// What they are to it: `owner`, `admin`, `member`, `none`.
        affiliation: String,
        /// What they may do now: `moderator`, `participant`, `visitor`, `none`.
        role: String,
        /// How available they are; none where they have gone.
        #[schemars(with = "Option<schema::Show>")]
        show: Option<Show>,
        /// Their status text.
        text: Option<String>,
        /// Whether it is the person themselves.
        own: bool,
    },
    /// An alert that is in force.
    Alert(Box<AlertView>),
    /// An alert that is in force and not confirmed is to be shown once more.
    AlertAgain {
        /// Which.
        #[schemars(with = "schema::Id")]
        alert: AlertId,
        /// For which time: 1 is the first repetition.
        number: u32,
    },
    /// An alert was confirmed by another session of the person: it need not be shown any more.
    AlertAnswered {
        /// Which.
        #[schemars(with = "schema::Id")]
        alert: AlertId,
        /// The answer.
        choice: String,
        /// The session that gave it.
        device: String,
    },
    /// An alert is over: it need not be shown any more.
    AlertEnded {
        /// Which.
        #[schemars(with = "schema::Id")]
        alert: AlertId,
        /// Why.
        #[schemars(with = "schema::AlertStatus")]
        status: AlertStatus,
    },
    /// A confirmation of this client is taken for good.
    Confirmed {
        /// The client's id of it.
        id: Option<String>,
        /// Which alert.
        #[schemars(with = "schema::Id")]
        alert: AlertId,
        /// The answer that counts: the first one given.
        choice: String,
        /// Whether it was this one.
        first: bool,
    },
    /// How many of an alert's recipients stand where, for a client that has asked to hear of it.
    Report {
        /// Which alert.
        #[schemars(with = "schema::Id")]
        alert: AlertId,
        /// Where it stands.
        #[schemars(with = "schema::AlertStatus")]
        status: AlertStatus,
        /// How many stand where.
        counts: CountsView,
    },
    /// Nothing: it stands where something else would have stood.
    Filler,
}

/// A message as its recipient and its sender see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageView {
    /// The service's id of it: the same whenever and wherever it comes.
    #[schemars(with = "schema::Id")]
    pub id: MessageId,
    /// Who it is from: an address, the service's domain, or the name that an old protocol gave.
    pub from: String,
    /// Whether the service has proven who it is from.
    pub verified: bool,
    /// Where it came from, where that is not proven: a network address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// By which protocol, where it is not proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::Protocol>")]
    pub protocol: Option<Protocol>,
    /// Whom it is for.
    #[schemars(with = "String")]
    pub to: Address,
    /// How it is meant.
    #[schemars(with = "schema::MessageKind")]
    pub kind: MessageKind,
    /// When the service took it.
    pub at: Timestamp,
    /// The room that it was said in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// Under which name it was said there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// Whether the person has said it there themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// Whether what it says is encrypted for clients of others (XEP-0384, XEP-0380, XEP-0373): words beside it are for
    /// clients that cannot read it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub encrypted: bool,
    /// What its sender knows it by: what [`Command::Received`] and [`Command::Read`] name.
    pub mark: String,
    /// What it says.
    #[serde(flatten)]
    pub content: ContentView,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "content", rename_all = "kebab-case")]
pub enum ContentView {
    /// Words.
    Text {
        /// The words.
        text: String,
        /// What about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        /// Which message it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply: Option<ReplyView>,
        /// A file that belongs to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<FileView>,
    },
    /// All that its sender reacts to a message with from now on.
    Reaction {
        /// The `mark` of the message.
        of: String,
        /// The reactions; none takes earlier ones back.
        emoji: Vec<String>,
    },
    /// Other words in the place of a message's.
    Correction {
        /// The `mark` of the message.
        of: String,
        /// The words.
        text: String,
    },
    /// That a message is taken back.
    Retraction {
        /// The `mark` of the message.
        of: String,
    },
    /// That the person is asked into a room.
    Invitation {
        /// Which.
        room: String,
    },
    /// That a message has come, or was read.
    Receipt {
        /// The id by which its sender knows it.
        of: String,
        /// Whether it was read.
        seen: bool,
    },
    /// That somebody is typing, or is not any more.
    Typing {
        /// Whether they are.
        composing: bool,
    },
    /// Something that only clients of another protocol understand.
    Other,
    /// Something else that nobody keeps.
    Fleeting,
}

/// Which message another one answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyView {
    /// Its `mark`.
    pub of: String,
    /// Who had sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// A file that a message points to. Clients load by themselves only what lies on the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileView {
    /// Where it is.
    pub url: String,
    /// What it is called.
    pub name: String,
    /// How many bytes it has; 0 where that is not known.
    #[serde(default)]
    pub size: u64,
    /// What it is; empty where that is not known.
    #[serde(default)]
    pub media_type: String,
    /// How wide it is, where it is a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// How high it is, where it is a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// Which way a copied message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Another session of the person got it.
    Received,
    /// Another session of the person sent it.
    Sent,
}
