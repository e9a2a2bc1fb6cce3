//! The same words for several people.

use std::sync::Arc;

use domain::{Account, Audience, Content, Message, MessageKind, Refusal, may_message};
use store::StoreError;
use tokio::sync::oneshot;

use crate::{Hub, HubError, MessageDraft, away::Answered, done::Done};

impl Hub {
    /// Sends the same words to each person of an audience whom the sender may write to, and returns how many there are
    /// once all are taken. Where there are people and none of them may be written to, it is refused.
    pub async fn send_to_audience(
        &self,
        audience: &Audience,
        draft: MessageDraft,
    ) -> Result<usize, HubError> {
        let mut recipients = self.people_in(audience).await?;
        let mut refusal = None;
        recipients.retain(|recipient| {
            let judged = may_message(&draft.sender, self.view(recipient, &draft.sender, false));
            refusal = refusal.or(judged.err());
            judged.is_ok()
        });
        if let Some(refusal) = refusal.filter(|_| recipients.is_empty()) {
            return Err(refusal.into());
        }
        // What many are told is no conversation, and not everybody away is to answer it.
        let answered = if recipients.len() == 1 { Answered::Perhaps } else { Answered::Never };
        self.send_to_each(&recipients, draft, answered).await
    }

    /// Sends what is for the machine itself to those whom the administrator has appointed to receive it, whether they
    /// are here or away, and returns how many there are once all are taken. Where there is nobody it is refused.
    pub async fn send_to_appointed(
        &self,
        appointed: &Audience,
        draft: MessageDraft,
    ) -> Result<usize, HubError> {
        let mut recipients = self.people_in(appointed).await?;
        recipients
            .retain(|account| may_message(&draft.sender, self.view(account, &draft.sender, true)).is_ok());
        if recipients.is_empty() {
            return Err(Refusal::NoSuchRecipient.into());
        }
        // An answer would tell the sender who they are.
        self.send_to_each(&recipients, draft, Answered::Never).await
    }

    /// Tells these people something in the service's own name, which nobody can refuse.
    pub(crate) async fn send_as_the_service(
        &self,
        recipients: &[Arc<Account>],
        draft: MessageDraft,
    ) -> Result<usize, HubError> {
        self.send_to_each(recipients, draft, Answered::Never).await
    }

    pub(crate) async fn send_to_each(
        &self,
        recipients: &[Arc<Account>],
        draft: MessageDraft,
        answered: Answered,
    ) -> Result<usize, HubError> {
        let text = domain::displayable(&draft.text).into_owned();
        let mut waiting = Vec::with_capacity(recipients.len());
        for recipient in recipients {
            let message = Message {
                id: self.environment.message_id(),
                sender: draft.sender.clone(),
                recipient: recipient.address.clone(),
                kind: MessageKind::Chat,
                content: Content::Text { body: text.clone(), subject: None },
                automatic: false,
                native: None,
                sender_id: draft.sender_id.as_ref().map(|id| format!("{id}/{}", recipient.address)),
                accepted_at: self.environment.now(),
            };
            let (sender, receiver) = oneshot::channel();
            let tell = Box::new(move |result| drop(sender.send(result)));
            self.take(Arc::new(message), None, Done::Call(tell), answered).await;
            waiting.push(receiver);
        }
        for receiver in waiting {
            receiver.await.unwrap_or(Err(StoreError::Closed.into()))?;
        }
        Ok(recipients.len())
    }
}
