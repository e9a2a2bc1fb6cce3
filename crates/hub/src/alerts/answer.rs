use std::sync::Arc;

use domain::{Address, Alert, AlertId, AlertStatus, Confirmation, Recipient};
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

impl Hub {
    /// A person confirms an alert with one of its choices; it is on the disk when this returns. The first answer
    /// counts, whatever is said later.
    pub async fn confirm_alert(
        &self,
        id: AlertId,
        session: &Session,
        answer: &str,
    ) -> Result<Confirmed, HubError> {
        let recipient = Recipient::Account(session.address().clone());
        let receipts = self.store.open_receipts(&recipient).await?;
        let Some((alert, receipt)) = receipts.into_iter().find(|(alert, _)| alert.id == id) else {
            let alert = self.alert(id).await?;
            return Err(HubError::AlertOver { status: alert.status(self.environment.now()).to_string() });
        };
        let status = alert.status(self.environment.now());
        if status != AlertStatus::InForce {
            return Err(HubError::AlertOver { status: status.to_string() });
        }
        let Some(choice) = alert.choice_meant(answer).map(str::to_owned) else {
            let choices = alert.draft.choices.join(", ");
            return Err(HubError::NoSuchChoice { answer: domain::displayable(answer).into_owned(), choices });
        };
        let alert = Arc::new(alert);
        if let Some(earlier) = receipt.confirmation {
            return Ok(Confirmed { alert, choice: earlier.choice, first: false });
        }
        let confirmation = Confirmation {
            choice: choice.clone(),
            at: self.environment.now(),
            protocol: session.protocol(),
            device: session.resource().to_string(),
            source: session.source(),
        };
        let audit = self.audit(session.address().as_str(), "alert.confirm", id.to_string(), choice.clone());
        let step = ReceiptStep::Confirmed(confirmation);
        let outcomes =
            self.store.commit(vec![Change::AdvanceReceipt { alert: id, recipient, step }, audit]).await?;
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

    /// A person answers in words: it confirms the newest alert that is open for them and offers that answer.
    pub async fn answer_alert(&self, session: &Session, answer: &str) -> Result<Confirmed, HubError> {
        let open = self.alerts_to_answer(session.address()).await?;
        let newest = open.iter().rev().find(|alert| alert.choice_meant(answer).is_some());
        match newest {
            Some(alert) => self.confirm_alert(alert.id, session, answer).await,
            None => {
                let answer = domain::displayable(answer).chars().take(80).collect();
                Err(HubError::NothingToAnswer { answer })
            }
        }
    }

    /// The alerts that a person has not confirmed and still can, oldest first.
    pub async fn alerts_to_answer(&self, address: &Address) -> Result<Vec<Alert>, HubError> {
        let now = self.environment.now();
        let open = self.store.open_receipts(&Recipient::Account(address.clone())).await?;
        let unanswered = open.into_iter().filter(|(_, receipt)| receipt.confirmation.is_none());
        Ok(unanswered
            .map(|(alert, _)| alert)
            .filter(|alert| alert.status(now) == AlertStatus::InForce)
            .collect())
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
