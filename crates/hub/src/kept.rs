//! What the service keeps about a person, one thing after the other.

use domain::{
    Absence, Account, Address, AuditRecord, Contact, Content, GroupName, Message, Receipt, Right, Sender,
    room::{Affiliation, RoomMessage},
};
use jiff::Timestamp;
use serde::Serialize;
use store::{AbsenceRecord, FileRecord};

/// One thing that the service keeps about a person.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kept {
    /// The account.
    Account(Account),
    /// A group that they are in.
    Group(GroupName),
    /// Something that they may do.
    Right(Right),
    /// An entry of their contact list.
    Contact(Contact),
    /// That they are away, and whom that was told.
    Absence(KeptAbsence),
    /// What they are to a room.
    Room(KeptRoom),
    /// A file that they have put here. Its bytes are fetched by its id.
    File(KeptFile),
    /// A message of their archive.
    Message(Box<KeptMessage>),
    /// What they have said in a room.
    RoomMessage(Box<KeptRoomMessage>),
    /// How far an alert has come with them.
    Receipt(Receipt),
    /// A record of the audit log that names them.
    Audit(Box<AuditRecord>),
}

/// A message of somebody's archive.
#[derive(Clone, Debug, Serialize)]
pub struct KeptMessage {
    /// Its id.
    pub id: String,
    /// Who sent it: an address, "service", or a name and a network address that nobody vouches for.
    pub from: String,
    /// To whom.
    pub to: Address,
    /// When the service took it.
    pub accepted_at: Timestamp,
    /// What it says.
    pub content: Content,
}

/// Something that somebody has said in a room.
#[derive(Clone, Debug, Serialize)]
pub struct KeptRoomMessage {
    /// Its id.
    pub id: String,
    /// Where.
    pub room: Address,
    /// Under which name.
    pub nickname: String,
    /// When the service took it.
    pub accepted_at: Timestamp,
    /// What it says.
    pub content: Content,
}

/// What somebody is to a room.
#[derive(Clone, Debug, Serialize)]
pub struct KeptRoom {
    /// Which.
    pub room: Address,
    /// What: `owner`, `admin`, `member` or `outcast`.
    pub affiliation: &'static str,
}

/// A file that somebody has put here.
#[derive(Clone, Debug, Serialize)]
pub struct KeptFile {
    /// By what it is fetched.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Of what kind it is said to be.
    pub media_type: String,
    /// How many bytes it has.
    pub size: u64,
    /// When it came.
    pub stored_at: Timestamp,
}

/// That somebody is away.
#[derive(Clone, Debug, Serialize)]
pub struct KeptAbsence {
    /// Since when, until when, and in which words.
    #[serde(flatten)]
    pub absence: Absence,
    /// Who was told.
    pub told: Vec<String>,
}

impl Kept {
    pub(crate) fn room(room: Address, affiliation: Affiliation) -> Self {
        Self::Room(KeptRoom { room, affiliation: affiliation.as_str() })
    }
}

impl From<&Message> for Kept {
    fn from(message: &Message) -> Self {
        let from = match &message.sender {
            Sender::Account { address } => address.to_string(),
            Sender::Service => "service".to_owned(),
            Sender::Unverified { name, source, .. } => format!("{name} (unverified, from {source})"),
        };
        Self::Message(Box::new(KeptMessage {
            id: message.id.to_string(),
            from,
            to: message.recipient.clone(),
            accepted_at: message.accepted_at,
            content: message.content.clone(),
        }))
    }
}

impl From<&RoomMessage> for Kept {
    fn from(message: &RoomMessage) -> Self {
        Self::RoomMessage(Box::new(KeptRoomMessage {
            id: message.id.to_string(),
            room: message.room.clone(),
            nickname: message.nickname.to_string(),
            accepted_at: message.accepted_at,
            content: message.content.clone(),
        }))
    }
}

impl From<FileRecord> for Kept {
    fn from(file: FileRecord) -> Self {
        let FileRecord { id, name, media_type, size, stored_at, .. } = file;
        Self::File(KeptFile { id: id.to_string(), name, media_type, size, stored_at })
    }
}

impl From<AbsenceRecord> for Kept {
    fn from(record: AbsenceRecord) -> Self {
        Self::Absence(KeptAbsence { absence: record.absence, told: record.told })
    }
}
