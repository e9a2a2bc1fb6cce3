use std::net::IpAddr;

use domain::{Address, Audience, Content, Message, MessageKind, Protocol, Refusal, Sender};
use hub::{HubError, MessageDraft, StrangerRefusal};
use netbios::{
    name::{Name, Suffix},
    receiver::{self, Answer},
};
use tokio::time::Instant;

use super::{WindowsDoor, budget::Transport};

/// The longest sender's name that is shown, in characters. A NetBIOS name has 15 (RFC 1001 §14.1); senders that
/// write more are shown with more.
const SENDER_CHARS_MAX: usize = 64;

/// Whom a name means.
enum Recipient {
    /// Those who get what is sent to the machine's own name, or to one of its message names.
    Appointed(Audience),
    /// A person whom the sender may reach now.
    Person(Address),
}

impl WindowsDoor {
    /// Whether a session to this name is established: it is the name for every server, the machine's own, or that of
    /// a person whom the caller may reach now.
    ///
    /// Asking for names that are not there uses up the caller's messages. After that every name is let pass, and
    /// refused only for want of room: whoever tries out names learns nothing from it.
    pub(super) fn may_call(&self, called: Name, calling: Name, source: IpAddr) -> bool {
        let page = self.settings.code_pages.of(source);
        let (text, suffix) = (called.text(page), called.suffix());
        if called.text_bytes() == Name::SMB_SERVER.text_bytes() {
            return true;
        }
        let sender = unverified(&calling.text(page), source);
        self.unless_asked_too_often(source, &sender, || match self.recipient(&text, &sender) {
            Some(Recipient::Appointed(_)) => {
                [Suffix::WORKSTATION, Suffix::MESSENGER, Suffix::SERVER].contains(&suffix)
            }
            Some(Recipient::Person(_)) => suffix == Suffix::MESSENGER,
            None => false,
        })
    }

    /// Whether the blocks of a message to this name may come; see [`Self::may_call`].
    pub(super) fn may_address(&self, from: &str, to: &str, source: IpAddr) -> bool {
        let sender = unverified(from, source);
        self.unless_asked_too_often(source, &sender, || self.recipient(to, &sender).is_some())
    }

    /// Hands a message to the hub, and says what became of it once that is certain. Two messages are two, whatever
    /// they say: what the network brings twice is known before it comes here.
    pub(super) async fn deliver(
        &self,
        message: receiver::Message,
        source: IpAddr,
        transport: Transport,
    ) -> Answer {
        if let Err(why) = self.messages.take(source, transport, Instant::now().into_std()) {
            self.refuse(source, why);
            return Answer::NoRoom;
        }
        let sender = unverified(&message.from, source);
        let sent = match self.recipient(&message.to, &sender) {
            Some(Recipient::Appointed(to)) => {
                let draft = MessageDraft { sender: sender.clone(), text: message.text, sender_id: None };
                self.hub.send_to_appointed(&to, draft).await.map(drop)
            }
            Some(Recipient::Person(address)) => {
                self.send_to_person(sender.clone(), address, &message.text).await
            }
            None => Err(Refusal::NoSuchRecipient.into()),
        };
        match sent {
            Ok(()) => Answer::Accepted,
            Err(HubError::Refused(_)) => {
                self.refuse(source, self.why_nobody(&sender));
                Answer::NoSuchName
            }
            Err(error @ (HubError::Store(_) | HubError::Full { .. })) => {
                tracing::debug!(%source, %error, "a message could not be kept");
                self.refuse(source, StrangerRefusal::NoRoom);
                Answer::NoRoom
            }
            // The audience of the machine's name is wrong; to the sender that is as if nobody were there.
            Err(error) => {
                tracing::warn!(%source, %error, "a message to the machine's own name reached nobody");
                self.refuse(source, StrangerRefusal::Nobody);
                Answer::NoSuchName
            }
        }
    }

    /// Hands a message for everybody to the hub. Whoever does not want to hear from strangers does not.
    pub(super) async fn deliver_to_everybody(&self, from: &str, text: String, source: IpAddr) {
        if let Err(why) = self.messages.take(source, Transport::Datagram, Instant::now().into_std()) {
            return self.refuse(source, why);
        }
        let sender = unverified(from, source);
        match self.hub.send_to_signed_in(sender.clone(), text).await {
            Ok(0) => self.refuse(source, self.why_nobody(&sender)),
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%source, %error, "a message to everybody reached nobody");
                self.refuse(source, StrangerRefusal::NoRoom);
            }
        }
    }

    fn why_nobody(&self, sender: &Sender) -> StrangerRefusal {
        if self.hub.settings().strangers.blocks(sender) {
            StrangerRefusal::Blocked
        } else {
            StrangerRefusal::Nobody
        }
    }

    fn unless_asked_too_often(
        &self,
        source: IpAddr,
        sender: &Sender,
        is_there: impl FnOnce() -> bool,
    ) -> bool {
        let now = Instant::now().into_std();
        if !self.messages.may(source, now) {
            return true;
        }
        let there = is_there();
        if !there {
            self.messages.count(source, now);
            self.refuse(source, self.why_nobody(sender));
        }
        there
    }

    fn recipient(&self, name: &str, sender: &Sender) -> Option<Recipient> {
        let name = name.trim();
        match self.hub.appointed_for(name) {
            Some(to) => Some(Recipient::Appointed(to)),
            None => self.hub.reachable_by_netbios(name, sender).map(Recipient::Person),
        }
    }

    async fn send_to_person(&self, sender: Sender, recipient: Address, text: &str) -> Result<(), HubError> {
        let environment = self.hub.environment();
        let text = domain::displayable(text);
        let answer = domain::automatic_words(&text);
        let message = Message {
            id: environment.message_id(),
            sender,
            recipient,
            kind: MessageKind::Chat,
            content: Content::Text { body: answer.unwrap_or(&text).to_owned(), subject: None },
            automatic: answer.is_some(),
            native: None,
            sender_id: None,
            accepted_at: environment.now(),
        };
        self.hub.send_and_wait(message).await.map(drop)
    }
}

/// The sender as people are shown it: on one line, and with the address where it gives no name.
pub(super) fn unverified(name: &str, source: IpAddr) -> Sender {
    let name = domain::displayable(name);
    let one_line = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut name: String = one_line.chars().take(SENDER_CHARS_MAX).collect();
    if name.is_empty() {
        name = source.to_string();
    }
    Sender::Unverified { name, source, protocol: Protocol::Windows }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> String {
        match unverified(name, IpAddr::from([10, 0, 0, 7])) {
            Sender::Unverified { name, .. } => name,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_senders_name_is_one_line_that_does_not_mislead() {
        assert_eq!(shown("WS7"), "WS7");
        assert_eq!(shown("anna\n\u{202e}the boss\u{7}"), "anna the boss");
        assert_eq!(shown(&"x".repeat(4_000)).len(), SENDER_CHARS_MAX);
        assert_eq!(shown(" \n"), "10.0.0.7");
    }
}
