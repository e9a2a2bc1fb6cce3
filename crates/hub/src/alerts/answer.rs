use std::sync::Arc;

use domain::{Address, Alert, AlertId, AlertStatus, Confirmation, Receipt, Recipient};
use store::{Change, Outcome, ReceiptStep};

use crate::{Hub, HubError, Session};

/// What an answer came to.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// The alert that was answered.
    pub alert: Arc<Alert>,
    /// The answer that counts: the first one given.
    pub choice: String,
    /// Whether it was this one.
    pub first: bool,
}

/// The message that an answer in words came in.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnswerMessage<'a> {
    /// The id that the client gave it and never gives again (XEP-0359 §3.3).
    pub origin_id: Option<&'a str>,
    /// Its number among the client's stanzas, where they are counted.
    pub number: Option<u32>,
}

impl Hub {
    /// A person confirms an alert with one of its choices; it is on the disk when this returns. The first answer
    /// counts, whatever is said later. Where the time of the alert is over, the answer is taken and is late.
    pub async fn confirm_alert(
        &self,
        id: AlertId,
        session: &Session,
        answer: &str,
    ) -> Result<Confirmed, HubError> {
        self.confirm(id, session, answer, AnswerMessage::default()).await
    }

    async fn confirm(
        &self,
        id: AlertId,
        session: &Session,
        answer: &str,
        message: AnswerMessage<'_>,
    ) -> Result<Confirmed, HubError> {
        let recipient = Recipient::Account(session.address().clone());
        let alert = match self.open_alerts.get(id) {
            Some(alert) => alert,
            None => Arc::new(self.alert(id).await?),
        };
        let receipt = self.store.receipt(id, &recipient).await?;
        let receipt = receipt.ok_or_else(|| HubError::NoAlert { id: id.to_string() })?;
        let status = alert.status(self.environment.now());
        if !matches!(status, AlertStatus::InForce | AlertStatus::Expired) {
            return Err(HubError::AlertOver { status: status.to_string() });
        }
        let Some(choice) = alert.choice_meant(answer).map(str::to_owned) else {
            let choices = alert.draft.choices.join(", ");
            return Err(HubError::NoSuchChoice { answer: domain::displayable(answer).into_owned(), choices });
        };
        if let Some(earlier) = receipt.confirmation {
            return Ok(Confirmed { alert, choice: earlier.choice, first: false });
        }
        let confirmation = Confirmation {
            choice: choice.clone(),
            at: self.environment.now(),
            protocol: session.protocol(),
            device: session.resource().to_string(),
            source: session.source(),
            origin_id: message.origin_id.map(str::to_owned),
        };
        let audit = self.audit(session.address().as_str(), "alert.confirm", id.to_string(), choice.clone());
        let step = ReceiptStep::Confirmed(confirmation);
        let mut changes = vec![Change::AdvanceReceipt { alert: id, recipient, step }, audit];
        // A client that resumes in a new process sends again what is not counted: the same word would answer another
        // alert.
        let counted = session.durable_stream().zip(message.number);
        changes.extend(counted.map(|(stream, received)| Change::StreamReceived { stream, received }));
        let outcomes = self.store.commit(changes).await?;
        match outcomes.into_iter().next() {
            Some(Outcome::Receipt { receipt, news: false }) => {
                let choice = receipt.confirmation.map_or(choice, |earlier| earlier.choice);
                Ok(Confirmed { alert, choice, first: false })
            }
            _ => {
                self.tell_answered(&alert, session, &choice);
                Ok(Confirmed { alert, choice, first: true })
            }
        }
    }

    /// A person answers in words: it confirms the newest alert that is open for them and offers that answer. The same
    /// message that comes again confirms nothing more.
    pub async fn answer_alert(
        &self,
        session: &Session,
        answer: &str,
        message: AnswerMessage<'_>,
    ) -> Result<Confirmed, HubError> {
        let open = self.open_alerts_of(session.address()).await?;
        if let Some(repeated) = open.iter().find_map(|(alert, receipt)| repeated(alert, receipt, message)) {
            return Ok(repeated);
        }
        let unanswered = open.iter().rev().filter(|(_, receipt)| receipt.confirmation.is_none());
        let newest = unanswered.map(|(alert, _)| alert).find(|alert| alert.choice_meant(answer).is_some());
        match newest {
            Some(alert) => self.confirm(alert.id, session, answer, message).await,
            None => {
                let answer = domain::displayable(answer).chars().take(80).collect();
                Err(HubError::NothingToAnswer { answer })
            }
        }
    }

    /// The alerts that a person has not confirmed and still can, oldest first.
    pub async fn alerts_to_answer(&self, address: &Address) -> Result<Vec<Alert>, HubError> {
        Ok(self.alerts_unanswered(address).await?.into_iter().map(|(alert, _)| alert).collect())
    }

    /// The same, each with how far the person has come with it.
    pub async fn alerts_unanswered(&self, address: &Address) -> Result<Vec<(Alert, Receipt)>, HubError> {
        let mut open = self.open_alerts_of(address).await?;
        open.retain(|(_, receipt)| receipt.confirmation.is_none());
        Ok(open)
    }

    /// The alerts that a person was told of, also those that are over, newest first, behind this one, with what they
    /// have answered.
    pub async fn alerts_told(
        &self,
        address: &Address,
        after: Option<AlertId>,
        limit: usize,
    ) -> Result<Vec<(Alert, Receipt)>, HubError> {
        let after = match after {
            Some(id) => Some(self.alert(id).await?),
            None => None,
        };
        Ok(self.store.alerts_for(&Recipient::Account(address.clone()), after.as_ref(), limit).await?)
    }

    async fn open_alerts_of(&self, address: &Address) -> Result<Vec<(Alert, Receipt)>, HubError> {
        let now = self.environment.now();
        let mut open = self.store.open_receipts(&Recipient::Account(address.clone())).await?;
        open.retain(|(alert, _)| alert.status(now) == AlertStatus::InForce);
        Ok(open)
    }

    /// A client says that an alert has arrived, or that the person has looked at it.
    pub async fn alert_received(&self, id: AlertId, address: &Address, seen: bool) -> Result<(), HubError> {
        let at = self.environment.now();
        let step = if seen { ReceiptStep::Seen(at) } else { ReceiptStep::Delivered(at) };
        let recipient = Recipient::Account(address.clone());
        self.store.commit(vec![Change::AdvanceReceipt { alert: id, recipient, step }]).await?;
        Ok(())
    }
}

/// What this message came to when it came for the first time.
fn repeated(alert: &Alert, receipt: &Receipt, message: AnswerMessage<'_>) -> Option<Confirmed> {
    let confirmation = receipt.confirmation.as_ref()?;
    let is_same = message.origin_id.is_some() && confirmation.origin_id.as_deref() == message.origin_id;
    let again =
        || Confirmed { alert: Arc::new(alert.clone()), choice: confirmation.choice.clone(), first: true };
    is_same.then(again)
}
