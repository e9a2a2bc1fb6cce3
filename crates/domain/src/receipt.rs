use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Address, AlertId, Computer, Protocol};

/// One recipient of an alert: a person, or a machine that has none signed in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Recipient {
    /// A person.
    Account(Address),
    /// A machine.
    Computer(Computer),
}

/// How far an alert has come with one recipient. It only ever goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptStage {
    /// Not yet with a client of theirs.
    Pending,
    /// A client of theirs has it.
    Delivered,
    /// They have looked at it.
    Seen,
    /// They have answered.
    Confirmed,
}

/// Why an alert has not come to one of its recipients: words that stay the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Unreached {
    /// They are not signed in, or were not while the alert was open.
    NotSignedIn,
    /// They were not signed in when it was sent, and it was only for those.
    NotSignedInThen,
    /// They are signed in, and no client of theirs has acknowledged it.
    NotAcknowledged,
    /// The account is disabled.
    AccountDisabled,
    /// The account was removed.
    AccountRemoved,
    /// The alert has not taken effect.
    NotBegun,
    /// The machine does not answer, or did not while the alert was open.
    NoAnswer,
    /// An attempt failed: the words beside it say why.
    Failed,
}

/// The answer to an alert: what, when, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The choice, one of the alert's.
    pub choice: String,
    /// When the service heard it.
    pub at: Timestamp,
    /// By which protocol.
    pub protocol: Protocol,
    /// From which device: the session's name for itself.
    pub device: String,
    /// From which network address.
    pub source: String,
    /// The id that the client gave to the message it came in, where it gave one that is never used again (XEP-0359
    /// §3.3): by it the same answer is recognised when it is sent once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_id: Option<String>,
}

/// What is known about one alert and one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which alert.
    pub alert: AlertId,
    /// Who.
    pub recipient: Recipient,
    /// How far it has come.
    pub stage: ReceiptStage,
    /// When a client of theirs had it.
    pub delivered_at: Option<Timestamp>,
    /// When they looked at it.
    pub seen_at: Option<Timestamp>,
    /// Their answer. The first one counts.
    pub confirmation: Option<Confirmation>,
    /// Why it did not reach them, in words, where an attempt failed.
    pub failure: Option<String>,
    /// By which level of the alert's escalation they were told, the first being 1; 0: by none.
    #[serde(default)]
    pub level: u32,
}

impl Receipt {
    /// A receipt of which nothing is known yet.
    pub fn pending(alert: AlertId, recipient: Recipient) -> Self {
        let stage = ReceiptStage::Pending;
        Self {
            alert,
            recipient,
            stage,
            delivered_at: None,
            seen_at: None,
            confirmation: None,
            failure: None,
            level: 0,
        }
    }

    /// A client of the recipient has it. Says whether that was news.
    pub fn deliver(&mut self, at: Timestamp) -> bool {
        self.failure = None;
        self.delivered_at.get_or_insert(at);
        self.advance(ReceiptStage::Delivered)
    }

    /// The recipient has looked at it. Says whether that was news.
    pub fn see(&mut self, at: Timestamp) -> bool {
        self.deliver(at);
        self.seen_at.get_or_insert(at);
        self.advance(ReceiptStage::Seen)
    }

    /// The recipient has answered. Only the first answer counts; says whether this was it.
    pub fn confirm(&mut self, confirmation: Confirmation) -> bool {
        if self.confirmation.is_some() {
            return false;
        }
        self.see(confirmation.at);
        self.confirmation = Some(confirmation);
        self.advance(ReceiptStage::Confirmed)
    }

    /// An attempt failed; the receipt stays pending and says why.
    pub fn fail(&mut self, why: String) -> bool {
        let news = self.stage == ReceiptStage::Pending && self.failure.as_deref() != Some(&why);
        if news {
            self.failure = Some(why);
        }
        news
    }

    fn advance(&mut self, stage: ReceiptStage) -> bool {
        let news = stage > self.stage;
        self.stage = self.stage.max(stage);
        news
    }
}

impl ReceiptStage {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Seen => "seen",
            Self::Confirmed => "confirmed",
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(address) => write!(formatter, "user:{address}"),
            Self::Computer(computer) => write!(formatter, "computer:{computer}"),
        }
    }
}

impl FromStr for Recipient {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("user", address)) => {
                Address::parse(address).map(Self::Account).map_err(|error| error.to_string())
            }
            Some(("computer", computer)) => {
                computer.parse().map(Self::Computer).map_err(|error| format!("{error}"))
            }
            _ => Err(format!("\"{text}\" is not a recipient")),
        }
    }
}

impl TryFrom<String> for Recipient {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confirmation(choice: &str, second: i64) -> Confirmation {
        Confirmation {
            choice: choice.to_owned(),
            at: Timestamp::from_second(second).unwrap(),
            protocol: Protocol::Xmpp,
            device: "desk".to_owned(),
            source: "10.0.0.9".to_owned(),
            origin_id: None,
        }
    }

    #[test]
    fn a_receipt_goes_forward_only_and_the_first_answer_counts() {
        let recipient = Recipient::Account(Address::parse("anna@x.internal").unwrap());
        let mut receipt = Receipt::pending(AlertId::new(Timestamp::UNIX_EPOCH, [0; 10]), recipient);
        assert!(receipt.fail("not signed in".into()) && !receipt.fail("not signed in".into()));
        assert!(receipt.confirm(confirmation("OK", 10)));
        assert!(receipt.failure.is_none());
        assert!(
            !receipt.confirm(confirmation("No", 11)) && !receipt.see(Timestamp::from_second(12).unwrap())
        );
        assert_eq!(receipt.stage, ReceiptStage::Confirmed);
        assert_eq!(receipt.confirmation.unwrap().choice, "OK");
        assert_eq!(receipt.delivered_at, Some(Timestamp::from_second(10).unwrap()));
    }

    #[test]
    fn recipients_read_back_as_written() {
        for text in ["user:anna@x.internal", "computer:PRESS1@10.0.0.7:1139"] {
            assert_eq!(text.parse::<Recipient>().unwrap().to_string(), text);
        }
    }
}
