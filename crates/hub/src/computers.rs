use async_trait::async_trait;
use domain::{Address, Computer};
use store::{AlertChange, Change};

use crate::{Hub, HubError};

/// A way to machines that take messenger messages; the Windows door is one.
#[async_trait]
pub trait ComputerGateway: Send + Sync + 'static {
    /// Sends a message, and returns when the machine has taken it: which characters had to be replaced because its
    /// code page lacks them. The error says in words why it did not arrive.
    async fn send(&self, message: ComputerMessage) -> Result<Vec<char>, String>;
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

impl Hub {
    /// Names the way to machines. Only the first call counts.
    pub fn set_computer_gateway(&self, gateway: std::sync::Arc<dyn ComputerGateway>) {
        drop(self.computers.set(gateway));
    }

    /// Sends a message to a machine in a person's name; it has arrived when this returns. Returns the characters
    /// that had to be replaced.
    pub async fn send_to_computer(
        &self,
        sender: &Address,
        computer: Computer,
        text: String,
    ) -> Result<Vec<char>, HubError> {
        let account = self.people.account(sender).filter(|account| !account.disabled);
        let account = account.ok_or(domain::Refusal::Sender)?;
        let gateway = self.computers.get().ok_or(HubError::NoGateway)?;
        let answered =
            AlertChange::ComputerAnswered { computer: computer.clone(), at: self.environment.now() };
        let message = ComputerMessage { computer, from: account.netbios.clone(), text };
        let replaced = gateway.send(message).await.map_err(HubError::Computer)?;
        self.commit_later(vec![Change::Alert(answered)]);
        Ok(replaced)
    }
}
