use async_trait::async_trait;
use domain::{Address, Computer, Sender};
use store::{AlertChange, Change};

use crate::{Hub, HubError, MessageDraft, away::Answered};

/// A way to machines that take messenger messages; the Windows door is one.
#[async_trait]
pub trait ComputerGateway: Send + Sync + 'static {
    /// Sends a message, and returns when the machine has taken it: which characters had to be replaced because its
    /// code page lacks them. The error says in words why it did not arrive.
    async fn send(&self, message: ComputerMessage) -> Result<Vec<char>, String>;

    /// Sends a message to all machines of a group, which do not answer. The error says in words why it was not sent.
    async fn send_to_group(&self, message: GroupMessage) -> Result<GroupSent, String>;
}

/// A message for a machine.
#[derive(Clone, Debug)]
pub struct ComputerMessage {
    /// Where to.
    pub computer: Computer,
    /// The NetBIOS name it comes from.
    pub from: String,
    /// What it says.
    pub text: String,
}

/// A message for all machines of a domain or workgroup.
#[derive(Clone, Debug)]
pub struct GroupMessage {
    /// The domain or workgroup; none means the service's own.
    pub group: Option<String>,
    /// The NetBIOS name it comes from.
    pub from: String,
    /// What it says.
    pub text: String,
}

/// A message for a group has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSent {
    /// The domain or workgroup.
    pub group: String,
    /// Whether that is the service's own.
    pub own: bool,
    /// Over how many network segments.
    pub segments: usize,
    /// The characters that had to be replaced.
    pub replaced: Vec<char>,
}

impl Hub {
    /// Names the way to machines. Only the first call counts.
    pub fn set_computer_gateway(&self, gateway: std::sync::Arc<dyn ComputerGateway>) {
        drop(self.computers.set(gateway));
    }

    /// Whether there is a way to machines.
    pub fn has_computer_gateway(&self) -> bool {
        self.computers.get().is_some()
    }

    /// Sends a message to a machine in a person's name; it has arrived when this returns. Returns the characters
    /// that had to be replaced.
    pub async fn send_to_computer(
        &self,
        sender: &Address,
        computer: Computer,
        text: String,
    ) -> Result<Vec<char>, HubError> {
        let (gateway, from) = (self.gateway()?, self.netbios_name_of(sender)?);
        let answered =
            AlertChange::ComputerAnswered { computer: computer.clone(), at: self.environment.now() };
        let message = ComputerMessage { computer, from, text };
        let replaced = gateway.send(message).await.map_err(HubError::Computer)?;
        self.commit_later(vec![Change::Alert(answered)]);
        Ok(replaced)
    }

    /// Sends a message to all machines of a domain or workgroup, the service's own where none is named. Nobody says
    /// whether it arrives.
    pub async fn send_to_computers_of(
        &self,
        sender: &Address,
        group: Option<String>,
        text: String,
    ) -> Result<GroupSent, HubError> {
        self.check_may_tell_everybody(sender)?;
        let (gateway, from) = (self.gateway()?, self.netbios_name_of(sender)?);
        gateway.send_to_group(GroupMessage { group, from, text }).await.map_err(HubError::Computer)
    }

    /// Sends the same words to everybody who is signed in and may be written to; returns how many there are. Whom the
    /// service knows needs the right to tell everybody something; how much strangers may say is their door's to bound.
    pub async fn send_to_signed_in(&self, sender: Sender, text: String) -> Result<usize, HubError> {
        if let Some(account) = sender.account() {
            self.check_may_tell_everybody(account)?;
        }
        let recipients = self.reachable_here(&sender);
        // Nobody who is told what all are told answers for it.
        self.send_to_each(&recipients, MessageDraft { sender, text, sender_id: None }, Answered::Never).await
    }

    fn check_may_tell_everybody(&self, sender: &Address) -> Result<(), HubError> {
        let account = self.people.account(sender);
        Ok(domain::may_tell_everybody(account.as_deref(), &self.rights.of(sender))?)
    }

    fn gateway(&self) -> Result<std::sync::Arc<dyn ComputerGateway>, HubError> {
        self.computers.get().cloned().ok_or(HubError::NoGateway)
    }

    fn netbios_name_of(&self, sender: &Address) -> Result<String, HubError> {
        let account = self.people.account(sender).filter(|account| !account.disabled);
        Ok(account.ok_or(domain::Refusal::Sender)?.netbios.clone())
    }
}
