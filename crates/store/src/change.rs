use std::sync::Arc;

use domain::{
    Absence, Account, Address, Alert, AlertId, Answer, AuditEntry, Confirmation, Contact, GroupName, Message,
    MessageId, Presence, Publication, Receipt, Recipient, SubscriptionAction, SubscriptionStep, Token,
    TokenId, TopicName,
};
use jiff::Timestamp;

use crate::{AlertChange, Deliverable, FileRecord, RoomChange, StreamId, StreamRecord};

/// One thing to remember. The rules behind it are in `domain`; an engine only applies them.
#[derive(Clone, Debug)]
pub enum Change {
    /// Makes an account and gives it the first free of its NetBIOS spellings → [`Outcome::Account`]. It is enabled
    /// and accepts unverified senders. Refused where it exists.
    CreateAccount(NewAccount),
    /// Replaces a password record.
    SetPassword {
        /// Whose.
        address: Address,
        /// The record's text form.
        record: String,
    },
    /// Makes an administrator of an account, or no longer one.
    SetAdministrator {
        /// Whose.
        address: Address,
        /// Whether.
        administrator: bool,
    },
    /// Disables or enables an account.
    SetDisabled {
        /// Whose.
        address: Address,
        /// Whether.
        disabled: bool,
    },
    /// Says whether unverified senders may reach an account.
    SetAcceptsUnverified {
        /// Whose.
        address: Address,
        /// Whether.
        accepts: bool,
    },
    /// Removes an account with its contacts, memberships, pending messages, archive, blocks, data, tokens and streams, its
    /// entries on other people's lists, and the sender's ids of what it sent. Its NetBIOS spelling becomes free. Its
    /// messages in other people's archives stay there, and so do its receipts.
    RemoveAccount {
        /// Whose.
        address: Address,
    },
    /// Makes a group. Refused where it exists.
    CreateGroup {
        /// Its name.
        name: GroupName,
    },
    /// Removes a group. Refused where it does not exist.
    RemoveGroup {
        /// Its name.
        name: GroupName,
    },
    /// Puts an account into a group; both must exist. Once more is no mistake.
    JoinGroup {
        /// Who.
        address: Address,
        /// Where.
        name: GroupName,
    },
    /// Takes an account out of a group. Not being in it is no mistake; the group must exist.
    LeaveGroup {
        /// Who.
        address: Address,
        /// Where.
        name: GroupName,
    },
    /// Lists a contact under a name and labels, keeping what is known of the subscription → [`Outcome::Contact`].
    PutContact {
        /// Whose list.
        owner: Address,
        /// Who is on it.
        address: Address,
        /// The owner's name for them.
        name: Option<String>,
        /// The owner's labels for them.
        labels: Vec<String>,
        /// How many listed contacts one list may have; a new one past it is [`Outcome::Full`] and changes nothing.
        limit: usize,
    },
    /// Takes a listed contact off a list and ends both subscriptions, on both lists where the other person has an
    /// account here (RFC 6121 §2.5.2) → [`Outcome::ContactRemoved`]. Where it is not listed, nothing changes.
    RemoveContact {
        /// Whose list.
        owner: Address,
        /// Who is taken off.
        address: Address,
        /// Whether they have blocked the owner, and keep their own list as it is.
        blocked: bool,
    },
    /// Carries a subscription action by [`domain::subscription_step`], or by [`domain::unheard_subscription_step`] →
    /// [`Outcome::Subscription`]. Where `other` has no account here, only the actor's list changes.
    Subscription {
        /// Who acts.
        actor: Address,
        /// Who is acted upon.
        other: Address,
        /// What is said.
        action: SubscriptionAction,
        /// Whether who is acted upon has blocked who acts, and hears nothing of it.
        blocked: bool,
    },
    /// Blocks addresses, servers and devices by their JIDs. Those blocked before are no mistake. Where the owner would
    /// block more than `limit`, it is [`Outcome::Full`] and changes nothing. Refused where the owner has no account.
    Block {
        /// Who blocks.
        owner: Address,
        /// Whom, as JIDs that the caller has normalised.
        jids: Vec<String>,
        /// How many JIDs one person may block.
        limit: usize,
    },
    /// Blocks these JIDs no longer; none means all. Those not blocked are no mistake.
    Unblock {
        /// Who.
        owner: Address,
        /// Whom.
        jids: Vec<String>,
    },
    /// Remembers something of an account's under a key, or forgets it. Where the keys and values of that account
    /// would have more than `bytes_max` bytes, it is [`Outcome::Full`] and changes nothing; forgetting is never
    /// refused for that. Refused where the owner has no account.
    SetDatum {
        /// Whose.
        owner: Address,
        /// Under which key.
        key: String,
        /// What; none forgets it.
        value: Option<Vec<u8>>,
        /// How many bytes an account may have in all.
        bytes_max: usize,
    },
    /// Remembers that a person is away, or no longer is. Whom an earlier absence was told is forgotten with it. Refused
    /// where the owner has no account.
    SetAbsence {
        /// Who.
        owner: Address,
        /// How; none where they are back.
        absence: Option<Absence>,
    },
    /// Owes somebody the answer that a person is away → [`Outcome::Accepted`]. Where they were told of that absence
    /// before, where it is none any more, or where the message that is answered was not taken (it was refused or
    /// repeated, in this list or before), it is [`Outcome::Repeated`] and changes nothing.
    OweAnswer {
        /// To whom, by the name under which they are told once.
        correspondent: String,
        /// When the absence began that they are told of.
        since: Timestamp,
        /// The message that is answered.
        cause: MessageId,
        /// The answer.
        answer: Answer,
    },
    /// The answer was given: it is owed no longer, and they stay told. Where none is owed, it is no mistake.
    AnswerGiven {
        /// Who is away.
        owner: Address,
        /// Who was told.
        correspondent: String,
    },
    /// Takes a message → [`Outcome::Accepted`], or [`Outcome::Repeated`] where the same sender has sent the same
    /// recipient the same words with the same `sender_id` before, or [`Outcome::Full`]. In the last two cases it changes nothing, and the
    /// other changes of the list are applied all the same. Refused where the recipient has no account, or the id is
    /// another message's.
    AcceptMessage {
        /// The message.
        message: Arc<Message>,
        /// In whose archive it is.
        keep: Keep,
        /// The streams it is about to be given to, and at which position.
        deliveries: Vec<(StreamId, u32)>,
        /// How many pending messages the recipient may have.
        limit: usize,
    },
    /// Takes a message for a correspondent who has no account here and whom no session serves: it stays under way until
    /// it is acknowledged in the correspondent's name. The outcomes are those of [`Change::AcceptMessage`].
    AcceptAnswer {
        /// The message.
        message: Arc<Message>,
        /// Whether it is in its sender's archive.
        kept: bool,
        /// How many such messages may be under way.
        limit: usize,
    },
    /// Forgets the senders' ids of messages taken before then: a repeat of one is a new message from now on.
    ForgetRepeats {
        /// Before when.
        before: Timestamp,
    },
    /// Takes what was accepted before then out of every archive, but for what is still pending. Where that is much, it
    /// goes on after the commit, piece by piece.
    ForgetArchive {
        /// Before when.
        before: Timestamp,
    },
    /// A session of the recipient has these messages: they are no longer pending, and those in nobody's archive are
    /// deleted.
    Acknowledge {
        /// Whose messages.
        recipient: Address,
        /// Which.
        messages: Vec<MessageId>,
    },
    /// Remembers a stream that can be resumed. Replaces one of the same id and forgets its deliveries. Refused where
    /// there is no such account.
    OpenStream(StreamRecord),
    /// The service has taken so many of the client's stanzas. Never goes back; an unknown stream is no mistake.
    StreamReceived {
        /// Which stream.
        stream: StreamId,
        /// How many, modulo 2³².
        received: u32,
    },
    /// The client of a stream has changed its presence. An unknown stream is no mistake.
    StreamPresence {
        /// Which stream.
        stream: StreamId,
        /// The presence; none where it is no longer available.
        presence: Option<Presence>,
    },
    /// Something durable is about to be given to a stream. An unknown stream is no mistake: what it would have had
    /// stays pending.
    StreamDelivers {
        /// Which stream.
        stream: StreamId,
        /// What, and at which position.
        deliveries: Vec<(u32, Deliverable)>,
    },
    /// The client has everything up to these positions: they are forgotten.
    StreamAcknowledged {
        /// Which stream.
        stream: StreamId,
        /// Which positions.
        positions: Vec<u32>,
    },
    /// Forgets a stream and its deliveries. What they delivered stays pending.
    CloseStream {
        /// Which stream.
        stream: StreamId,
    },
    /// Remembers an alert and one pending receipt for each recipient. Refused where it exists, or another of the same
    /// issuer with the same key does.
    CreateAlert {
        /// The alert.
        alert: Arc<Alert>,
        /// Its recipients; repeats count once.
        recipients: Vec<Recipient>,
    },
    /// Adds a recipient who was not known when the alert was sent. Once more is no mistake; the alert must exist.
    AddRecipient {
        /// The alert.
        alert: AlertId,
        /// Who.
        recipient: Recipient,
    },
    /// Calls an alert off, if it has not ended → [`Outcome::AlertEnded`].
    CancelAlert {
        /// The alert. Refused where it does not exist.
        alert: AlertId,
        /// When.
        at: Timestamp,
        /// By whom.
        by: Address,
    },
    /// Ends an alert whose time is over, if it has not ended → [`Outcome::AlertEnded`].
    ExpireAlert {
        /// The alert. Refused where it does not exist.
        alert: AlertId,
        /// When.
        at: Timestamp,
    },
    /// Moves a receipt on by the rules of [`Receipt`] → [`Outcome::Receipt`]. Refused where it does not exist.
    AdvanceReceipt {
        /// The alert.
        alert: AlertId,
        /// The recipient.
        recipient: Recipient,
        /// What happened.
        step: ReceiptStep,
    },
    /// Remembers what was published, and gives it its place → [`Outcome::Published`]. Refused where its key stands for
    /// another publication of the topic, or its alert does not exist.
    Publish(Publication),
    /// A key stands for no publication of the topic any longer. That it stood for none is no mistake.
    ReleaseKey {
        /// The topic.
        topic: TopicName,
        /// The key.
        key: String,
    },
    /// Forgets what was published before then, but for what still has a key or whose alert is open.
    ForgetPublications {
        /// Before when.
        before: Timestamp,
    },
    /// Whatever else is to be remembered about alerts.
    Alert(AlertChange),
    /// Remembers a token of a program. Refused where there is one of this name, or no such account; it goes with its
    /// account.
    CreateToken {
        /// The token.
        token: Token,
        /// The SHA-256 hash of its secret.
        hash: [u8; 32],
    },
    /// Forgets a token. Refused where it does not exist.
    RemoveToken {
        /// Which.
        token: TokenId,
    },
    /// A token was used. One that is gone is no mistake.
    TokenUsed {
        /// Which.
        token: TokenId,
        /// When.
        at: Timestamp,
    },
    /// Something about a room.
    Room(RoomChange),
    /// The owner has read a conversation, with a person or in a room, up to this message. It never goes back. Refused
    /// where the owner has no account, or the message is neither in their archive nor was said in that room.
    MarkRead {
        /// Who has read.
        owner: Address,
        /// The person or the room.
        conversation: Address,
        /// Up to which message.
        message: MessageId,
    },
    /// Remembers a file. Where its owner would have more bytes of files than these, it is [`Outcome::Full`] and
    /// changes nothing. Refused where the owner has no account.
    AddFile {
        /// The file.
        file: FileRecord,
        /// How many bytes of files its owner may have.
        bytes_max: u64,
    },
    /// Forgets the files that came before then.
    ForgetFiles {
        /// Before when.
        before: Timestamp,
    },
    /// Appends to the audit log. The engine gives it its place in the chain.
    Audit(AuditEntry),
    /// Remembers a value about the service itself.
    SetSetting {
        /// Its name.
        key: String,
        /// Its value.
        value: String,
    },
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Who.
    pub address: Address,
    /// The password record's text form.
    pub password: String,
    /// Whether it may administer.
    pub administrator: bool,
    /// When.
    pub created_at: Timestamp,
}

/// In whose archive a message is, as long as that person has an account here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Keep {
    /// In the sender's.
    pub sender: bool,
    /// In the recipient's.
    pub recipient: bool,
}

impl Keep {
    /// In the archives of both.
    pub const BOTH: Self = Self { sender: true, recipient: true };
    /// In no archive: the message is deleted once it is no longer pending.
    pub const NOBODY: Self = Self { sender: false, recipient: false };
}

/// What happened between an alert and a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptStep {
    /// A client has it.
    Delivered(Timestamp),
    /// They looked at it.
    Seen(Timestamp),
    /// They answered.
    Confirmed(Confirmation),
    /// An attempt failed, and why.
    Failed(String),
}

/// What a [`Change`] came to. Most come to [`Outcome::Done`].
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// The account that was made.
    Account(Account),
    /// The entry as it is now.
    Contact(Contact),
    /// What became of the entries on both lists.
    ContactRemoved {
        /// On the owner's list, as it was; none where it was not listed.
        owner: Option<Contact>,
        /// On the other person's list, as it is now, where it changed.
        other: Option<Contact>,
    },
    /// What the action did.
    Subscription {
        /// The effects on both sides.
        step: SubscriptionStep,
        /// The entry on the actor's list now.
        actor: Contact,
        /// The entry on the other's list now; none where they have no account here.
        other: Option<Contact>,
    },
    /// The message is the store's.
    Accepted,
    /// The message was taken before.
    Repeated,
    /// There are too many already; nothing was changed.
    Full,
    /// What was published has this place.
    Published {
        /// The place.
        sequence: i64,
    },
    /// Whether the alert had not ended and has now.
    AlertEnded(bool),
    /// Whether the alert was as it had to be and is changed now.
    AlertChanged(bool),
    /// The receipt as it is now, and whether this was news.
    Receipt {
        /// The receipt.
        receipt: Receipt,
        /// Whether the step moved it.
        news: bool,
    },
}
