//! Alerts: what an administrator tells people, and who has confirmed it.

mod answer;
mod counts;
mod delivery;
mod expiry;
mod of_the_service;
mod report;
mod signature;

use std::{collections::BTreeMap, sync::Arc};

pub use answer::Confirmed;
use domain::{Address, Alert, AlertDraft, AlertId, AlertState, AlertStatus, Recipient, Target, may_alert};
use parking_lot::RwLock;
pub use report::{AlertReport, Counts, ReportRow};
pub use signature::{SigningKey, verify_signature};
use store::{Change, Outcome, Store, StoreError};
use tokio::sync::Notify;

use crate::{Hub, HubError};

/// The alerts that are neither called off nor over, in memory.
#[derive(Debug, Default)]
pub(crate) struct OpenAlerts {
    alerts: RwLock<BTreeMap<AlertId, Arc<Alert>>>,
    changed: Notify,
}

impl OpenAlerts {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let open = store.alerts(true, usize::MAX).await?;
        let alerts = open.into_iter().map(|alert| (alert.id, Arc::new(alert))).collect();
        Ok(Self { alerts: RwLock::new(alerts), changed: Notify::new() })
    }

    pub(crate) fn get(&self, id: AlertId) -> Option<Arc<Alert>> {
        self.alerts.read().get(&id).cloned()
    }

    fn all(&self) -> Vec<Arc<Alert>> {
        self.alerts.read().values().cloned().collect()
    }

    fn insert(&self, alert: Arc<Alert>) {
        self.alerts.write().insert(alert.id, alert);
        self.changed.notify_one();
    }

    fn remove(&self, id: AlertId) -> Option<Arc<Alert>> {
        self.alerts.write().remove(&id)
    }
}

impl Hub {
    /// Sends an alert: it is signed, remembered with a receipt for each person, and given to who is here. It has been
    /// taken for good when this returns.
    pub async fn send_alert(&self, draft: AlertDraft) -> Result<Arc<Alert>, HubError> {
        may_alert(self.people.account(&draft.issuer).as_deref())?;
        let now = self.environment.now();
        let draft = draft.checked(now)?;
        let recipients = self.alert_recipients(&draft).await?;
        let id = self.environment.alert_id();
        let mut alert =
            Alert { id, draft, effective_at: now, state: AlertState::Sent, signature: String::new() };
        alert.signature = self.signing_key.sign(&alert);
        let alert = Arc::new(alert);
        let said = format!("{}: {}", alert.draft.severity, alert.draft.headline);
        let audit = self.audit(alert.draft.issuer.as_str(), "alert.send", id.to_string(), said);
        let create = Change::CreateAlert { alert: alert.clone(), recipients: recipients.clone() };
        self.store.commit(vec![create, audit]).await?;
        self.open_alerts.insert(alert.clone());
        self.deliver_alert(&alert, &recipients).await;
        Ok(alert)
    }

    /// Calls an alert off. People who have it are told.
    pub async fn cancel_alert(&self, id: AlertId, by: &Address) -> Result<(), HubError> {
        may_alert(self.people.account(by).as_deref())?;
        let alert = self.alert(id).await?;
        let at = self.environment.now();
        let cancel = Change::CancelAlert { alert: id, at, by: by.clone() };
        let audit = self.audit(by.as_str(), "alert.cancel", id.to_string(), alert.draft.headline.clone());
        let ended = alert.status(at) == AlertStatus::InForce
            && matches!(
                self.store.commit(vec![cancel, audit]).await?.first(),
                Some(Outcome::AlertEnded(true))
            );
        if !ended {
            return Err(HubError::AlertOver { status: self.alert(id).await?.status(at).to_string() });
        }
        self.alert_ended(id, AlertState::Cancelled { at, by: by.clone() }).await;
        Ok(())
    }

    /// An alert as it is remembered.
    pub async fn alert(&self, id: AlertId) -> Result<Alert, HubError> {
        self.store.alert(id).await?.ok_or_else(|| HubError::NoAlert { id: id.to_string() })
    }

    async fn alert_recipients(&self, draft: &AlertDraft) -> Result<Vec<Recipient>, HubError> {
        let people = self.people_in(&draft.audience).await?;
        let people = people.iter().map(|account| Recipient::Account(account.address.clone()));
        let computers = draft.audience.targets().iter().filter_map(|target| match target {
            Target::Computer(computer) => Some(Recipient::Computer(computer.clone())),
            _ => None,
        });
        let mut recipients: Vec<Recipient> = people.chain(computers).collect();
        recipients.sort_unstable();
        recipients.dedup();
        if recipients.is_empty() {
            return Err(HubError::NobodyThere { audience: draft.audience.to_string() });
        }
        Ok(recipients)
    }
}
