//! Messages that their recipients find suspicious.

use domain::{Address, Content, MessageId, Sender, displayable};

use crate::{Hub, HubError, MessageDraft};

/// How much of a message administrators are shown, and of what is said of it.
const SHOWN_CHARS_MAX: usize = 500;

impl Hub {
    /// A person shows a message that they have got to those who administer the service: each of them gets a message
    /// with its words, and the audit log says that it was shown.
    ///
    /// # Errors
    /// The message is not one that they have got.
    pub async fn report_message(&self, person: &Address, id: MessageId, why: &str) -> Result<(), HubError> {
        let missing = || store::StoreError::Missing { what: format!("the message {id}") };
        if self.store.archived(person, &[id]).await?.is_empty() {
            return Err(missing().into());
        }
        let message = self.store.messages(&[id]).await?.into_iter().next().ok_or_else(missing)?;
        if message.recipient != *person {
            return Err(missing().into());
        }
        let from = match &message.sender {
            Sender::Account { address } => address.to_string(),
            Sender::Service => self.domain().to_owned(),
            Sender::Unverified { name, source, .. } => {
                format!("{} ({source}, unverified)", displayable(name))
            }
        };
        let shown = |text: &str| displayable(text).chars().take(SHOWN_CHARS_MAX).collect::<String>();
        let words = match &message.content {
            Content::Text { body, .. } => shown(body),
            _ => "(no words)".to_owned(),
        };
        self.note(person.as_str(), "message.report", &id.to_string(), &from).await?;
        let mut text = format!("{person} reports a message from {from}, {}:\n{words}", message.accepted_at);
        if !why.trim().is_empty() {
            text.push_str(&format!("\n\nWhy: {}", shown(why)));
        }
        let administrators = self.people.all().into_iter();
        let administrators: Vec<_> =
            administrators.filter(|account| account.administrator && !account.disabled).collect();
        // Sent again, it is the same report.
        let sender_id = Some(format!("report/{person}/{id}"));
        let draft = MessageDraft { sender: Sender::Service, text, sender_id };
        self.send_as_the_service(&administrators, draft).await?;
        Ok(())
    }
}
