//! An alert is said once more to those who have not confirmed it.

use std::sync::Arc;

use domain::{Address, Alert, AlertId, AlertProgress, AlertStatus, Recipient};
use store::ReceiptQuery;

use super::{
    audience::{Recipients, Unknown},
    sending::{RECEIPTS_AT_ONCE, said},
};
use crate::{Hub, HubError, Item};

impl Hub {
    /// Says an alert in force once more to those who have not confirmed it and are here; who is not is told when they
    /// sign in anyway. Administrators may, and who has sent it, as long as they may send it.
    pub async fn say_alert_again(&self, id: AlertId, by: &Address) -> Result<(), HubError> {
        let alert = self.alert(id).await?;
        let over = |alert: Alert| {
            let status = alert.status(self.environment.now()).to_string();
            HubError::AlertOver { status }
        };
        self.check_may_say_again(&alert, by).await?;
        if alert.status(self.environment.now()) != AlertStatus::InForce {
            return Err(over(alert));
        }
        let audit = self.audit(by.as_str(), "alert.again", id.to_string(), said(&alert));
        let now = self.environment.now();
        let once_more = |known: &Alert| {
            if known.may_be_said_again_from()? > now {
                return Err(HubError::SaidJustNow);
            }
            let said_again = known.progress.said_again.saturating_add(1);
            Ok(AlertProgress { said_again, said_again_at: Some(now), ..known.progress.clone() })
        };
        match self.advance(id, once_more, vec![audit]).await? {
            Some(alert) => self.tell_again(&alert).await,
            None => Err(over(self.alert(id).await?)),
        }
    }

    async fn check_may_say_again(&self, alert: &Alert, by: &Address) -> Result<(), HubError> {
        let account = self.people.account(by);
        if alert.draft.issuer != *by || account.as_ref().is_none_or(|account| account.disabled) {
            return Ok(domain::may_alert(account.as_deref())?);
        }
        let recipients = Recipients::from(self.resolve(&alert.draft.audience, Unknown::Nobody).await?);
        match self.refused_now(alert, recipients).await? {
            Some(why) => Err(why.into()),
            None => Ok(()),
        }
    }

    /// Says an alert once more to those who have it, are here, and have not confirmed.
    pub(super) async fn tell_again(&self, alert: &Arc<Alert>) -> Result<(), HubError> {
        let (number, mut after) = (alert.progress.repetition(), None);
        loop {
            let query = ReceiptQuery {
                alert: alert.id,
                after: after.take(),
                unconfirmed: true,
                limit: RECEIPTS_AT_ONCE,
            };
            let page = self.store.receipts_page(query).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.recipient.clone());
            for receipt in &page {
                let Recipient::Account(address) = &receipt.recipient else { continue };
                for seat in self.directory.available(address) {
                    if seat.takes_messages() && seat.session.alerts_given.lock().contains(&alert.id) {
                        seat.session.outbox.push(Item::AlertAgain { alert: alert.clone(), number });
                    }
                }
            }
            tokio::task::yield_now().await;
        }
    }
}
