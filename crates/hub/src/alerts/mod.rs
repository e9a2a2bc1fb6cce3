//! Alerts: what an administrator tells people, and who has confirmed it.

mod again;
mod answer;
mod audience;
mod codes;
mod counts;
mod delivery;
mod drafts;
mod engine;
mod heads;
mod held;
mod keys;
mod notices;
mod of_the_service;
mod releasers;
mod report;
mod schedules;
mod sending;
mod sight;
mod signature;
mod templates;

use std::{collections::BTreeMap, sync::Arc};

pub use answer::{AnswerMessage, Confirmed};
pub use audience::AudienceCount;
pub(crate) use audience::{Resolutions, Unknown};
use domain::{Alert, AlertId, AlertPhase, AlertState};
pub use drafts::DraftVersion;
pub(crate) use keys::Keys;
pub use keys::{KeyFile, PublicKey};
pub use notices::Notice;
use parking_lot::RwLock;
pub use report::{AlertReport, Counts, ReportPage, ReportQuery, ReportRow};
pub use schedules::NewSchedule;
pub(crate) use schedules::Schedules;
pub use sight::AlertQuery;
pub use signature::{SigningKey, verify_signature};
use store::{Store, StoreError};
use tokio::sync::Notify;

/// The alerts that are in force or will be, in memory.
#[derive(Debug, Default)]
pub(crate) struct OpenAlerts {
    alerts: RwLock<BTreeMap<AlertId, Arc<Alert>>>,
    changed: Notify,
    /// Held while a draft is changed or sent, so that it is the one that was looked at.
    drafts: tokio::sync::Mutex<()>,
    /// Held while it is committed what was done with an alert, so that nothing done meanwhile is forgotten.
    progress: tokio::sync::Mutex<()>,
}

impl OpenAlerts {
    /// Whether none is in force or planned.
    pub(crate) fn is_empty(&self) -> bool {
        self.alerts.read().is_empty()
    }

    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut alerts = store.alerts_in(AlertPhase::Open, None, usize::MAX).await?;
        alerts.extend(store.alerts_in(AlertPhase::Planned, None, usize::MAX).await?);
        let alerts = alerts.into_iter().map(|alert| (alert.id, Arc::new(alert))).collect();
        Ok(Self { alerts: RwLock::new(alerts), ..Self::default() })
    }

    /// The alert, where it is in force.
    pub(crate) fn get(&self, id: AlertId) -> Option<Arc<Alert>> {
        self.alerts.read().get(&id).filter(|alert| alert.state == AlertState::Sent).cloned()
    }

    /// Whether one is in force.
    fn is_any(&self) -> bool {
        self.alerts.read().values().any(|alert| alert.state == AlertState::Sent)
    }

    /// Those in force.
    fn all(&self) -> Vec<Arc<Alert>> {
        self.alerts.read().values().filter(|alert| alert.state == AlertState::Sent).cloned().collect()
    }

    /// Those in force and those that will be.
    pub(crate) fn alive(&self) -> Vec<Arc<Alert>> {
        self.alerts.read().values().cloned().collect()
    }

    fn insert(&self, alert: Arc<Alert>) {
        self.alerts.write().insert(alert.id, alert);
        self.changed.notify_one();
    }

    /// Puts an alert in the place of what it was before, if it has not ended meanwhile.
    fn update(&self, alert: Arc<Alert>) {
        if let Some(known) = self.alerts.write().get_mut(&alert.id) {
            *known = alert;
        }
        self.changed.notify_one();
    }

    fn remove(&self, id: AlertId) -> Option<Arc<Alert>> {
        self.alerts.write().remove(&id)
    }

    /// Something else that time brings has changed.
    fn wake(&self) {
        self.changed.notify_one();
    }
}
