use std::{fmt, net::IpAddr, str::FromStr, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Address;

/// The id under which a message is sent, stored and, if need be, sent again: a UUIDv7 (RFC 9562 §5.7).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(Uuid);

impl MessageId {
    /// An id of this moment. Of `random`, 74 bits are used.
    pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
        let milliseconds = u64::try_from(at.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
    }

    /// The id that these 16 bytes are.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Writes the text form into `buffer`.
    pub fn write<'a>(&self, buffer: &'a mut [u8; 36]) -> &'a str {
        self.0.hyphenated().encode_lower(buffer)
    }

    /// The 16 bytes of the id.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl FromStr for MessageId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Who a message is from, and whether the service can vouch for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Sender {
    /// Someone who has signed in.
    Account {
        /// Who.
        address: Address,
    },
    /// The service itself.
    Service,
    /// A name that an old protocol gave without proof.
    Unverified {
        /// The name as the peer gave it, stripped of what misleads.
        name: String,
        /// The address it came from.
        source: IpAddr,
        /// The protocol it came by.
        protocol: Protocol,
    },
}

impl Sender {
    /// The account, where the sender is one.
    pub fn account(&self) -> Option<&Address> {
        match self {
            Self::Account { address } => Some(address),
            Self::Service | Self::Unverified { .. } => None,
        }
    }

    /// The other side of the conversation that their messages belong to, at the service at `domain`: an address of a
    /// host where nobody signs in, where the sender is no account.
    pub fn correspondent(&self, domain: &str) -> Option<Address> {
        match self {
            Self::Account { address } => Some(address.clone()),
            Self::Service => Address::new("service", &format!("service.{domain}")).ok(),
            Self::Unverified { name, .. } => unverified_address(name, domain),
        }
    }
}

/// The address under which the service at `domain` shows an unverified sender of that name, and under which they can be
/// blocked: nobody who signs in can have one there.
pub fn unverified_address(name: &str, domain: &str) -> Option<Address> {
    let fits = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    Address::new(&name.chars().map(fits).collect::<String>(), &format!("windows.{domain}")).ok()
}

/// Whether `host` is where the service at `domain` shows unverified senders: see [`unverified_address`].
pub fn is_unverified_host(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain) == Some("windows.")
}

/// Whether an address names a sender that is no account, and so is not told what came or was read: see
/// [`Sender::correspondent`].
pub fn hears_no_receipts(address: &Address, domain: &str) -> bool {
    let host = address.domain();
    is_unverified_host(host, domain) || host.strip_suffix(domain) == Some("service.")
}

/// A protocol by which messages come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// RFC 6120 and 6121.
    Xmpp,
    /// NET SEND and WinPopup.
    Windows,
    /// The service's own interface: command line and API.
    Api,
    /// The event stream of the interface: browsers, and programs that stay.
    Web,
}

impl Protocol {
    /// The name that configuration, reports and records use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Xmpp => "xmpp",
            Self::Windows => "windows",
            Self::Api => "api",
            Self::Web => "web",
        }
    }

    /// The protocol of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Xmpp, Self::Windows, Self::Api, Self::Web];
        all.into_iter().find(|protocol| protocol.as_str() == name)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How a message is meant (RFC 6121 §5.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// Part of a conversation.
    Chat,
    /// A single message.
    Normal,
    /// For who is here now; never kept for later.
    Headline,
}

/// What a message says, in the words of the house. Policy, archive and search read this and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Content {
    /// Words.
    Text {
        /// The words.
        body: String,
        /// A subject, where the protocol has one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        subject: Option<String>,
    },
    /// "Your message has arrived" or "has been seen".
    Receipt {
        /// The sender's id of the message meant.
        of: String,
        /// Whether it was seen, or only delivered.
        seen: bool,
    },
    /// Something only clients of the same protocol understand: an encrypted payload, a reaction. Kept and delivered.
    Other,
    /// That somebody is typing, or is not: delivered to who is here, kept by nobody.
    Typing {
        /// Whether they are.
        composing: bool,
    },
    /// What else is delivered to who is here and kept by nobody: errors, and what its sender wants kept nowhere.
    Fleeting,
}

impl Content {
    /// Whether what carries this content may be promised: stored until somebody has it.
    pub fn is_durable(&self) -> bool {
        !matches!(self, Self::Typing { .. } | Self::Fleeting)
    }
}

/// A message in the form of the protocol it came in by. Only doors of that protocol read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Native {
    /// The protocol.
    pub protocol: Protocol,
    /// Its bytes, validated and complete.
    pub bytes: Arc<[u8]>,
}

/// A message: its envelope, its content, and the native bytes it came in by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The service's id of it.
    pub id: MessageId,
    /// Who it is from.
    pub sender: Sender,
    /// Whom it is for.
    pub recipient: Address,
    /// How it is meant.
    pub kind: MessageKind,
    /// What it says.
    pub content: Content,
    /// Whether a program sent it by itself, as an answer that somebody is away. It is never answered by another.
    pub automatic: bool,
    /// The bytes it came in by.
    pub native: Option<Native>,
    /// The sender's own id, by which a repeat is recognised: the same words to the same recipient under the same id.
    pub sender_id: Option<String>,
    /// When the service took it.
    pub accepted_at: Timestamp,
}

impl Message {
    /// Whether it stays pending until a session of the recipient acknowledges it.
    pub fn is_durable(&self) -> bool {
        self.content.is_durable() && self.kind != MessageKind::Headline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_the_seventh_kind_and_says_when_it_was_made() {
        let at = |milliseconds| Timestamp::from_millisecond(milliseconds).unwrap();
        let id = MessageId::new(at(0x0189_abcd_ef01), [0xff; 10]);
        assert_eq!(id.to_string(), "0189abcd-ef01-7fff-bfff-ffffffffffff");
        let later = MessageId::new(at(0x0189_abcd_ef02), [0; 10]);
        assert!(later.as_bytes() > id.as_bytes());
    }
}
