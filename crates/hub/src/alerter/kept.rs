//! What was raised survives the service: who was told that it is taken has not to say it again.

use domain::{
    Severity,
    alerter::{Alerter as Machine, ConditionKind, Details, Kept, KeptTold, News, Standing},
};
use jiff::Timestamp;
use store::{Change, Store, StoreError};
use tokio::sync::oneshot;

use super::Alerter;
use crate::{Hub, HubError};

/// The setting in which conditions are kept.
const KEY: &str = "alerter.conditions";

impl Hub {
    /// The same as [`Hub::raise_condition`], as `actor` says it. When this returns it is on the disk.
    pub async fn raise_condition_for(
        &self,
        actor: &str,
        kind: ConditionKind,
        subject: &str,
        severity: Severity,
        words: String,
    ) -> Result<Standing, HubError> {
        let raised = self.raise_condition(kind, subject, severity, Details::Words(words))?;
        let audit = self.audit(actor, "condition.raise", kind.as_str(), raised.subject.clone());
        self.keep_conditions(vec![audit]).await?;
        Ok(raised)
    }

    /// The same as [`Hub::clear_condition`], as `actor` says it. When this returns it is on the disk.
    pub async fn clear_condition_for(
        &self,
        actor: &str,
        kind: Option<ConditionKind>,
        subject: &str,
    ) -> Result<usize, HubError> {
        let cleared = self.clear_condition(kind, subject)?;
        if cleared > 0 {
            let kind = kind.map_or("every", ConditionKind::as_str);
            let subject = domain::alerter::as_subject(subject);
            self.keep_conditions(vec![self.audit(actor, "condition.clear", kind, subject)]).await?;
        }
        Ok(cleared)
    }

    /// Keeps what is raised now, and what of it was told, in one commit with these.
    pub(super) async fn keep_conditions(&self, beside: Vec<Change>) -> Result<(), HubError> {
        let alerter = self.alerter.get().ok_or(HubError::AlerterOff)?;
        let permit = self.store.reserve().await?;
        let (sender, receiver) = oneshot::channel();
        {
            // What is newer is submitted later.
            let mut last = alerter.kept.lock();
            let mut changes = beside;
            let now = serde_json::to_string(&kept(alerter))
                .map_err(|error| StoreError::Unavailable { why: error.to_string() })?;
            if now != *last {
                changes.push(Change::SetSetting { key: KEY.to_owned(), value: now.clone() });
                *last = now;
            }
            if changes.is_empty() {
                return Ok(());
            }
            self.store.submit(permit, changes, Box::new(move |result| drop(sender.send(result))));
        }
        let committed = receiver.await.unwrap_or(Err(StoreError::Closed));
        if committed.is_err() {
            // Whatever is kept, it is not this.
            alerter.kept.lock().clear();
        }
        Ok(committed.map(drop)?)
    }
}

/// Puts what was kept into `machine`.
pub(super) async fn restore(store: &dyn Store, machine: &mut Machine, now: Timestamp) {
    let kept = store.setting(KEY).await.map(|text| text.map(|text| serde_json::from_str::<Vec<Kept>>(&text)));
    match kept {
        Ok(Some(Ok(kept))) => machine.restore(kept, now),
        Ok(None) => {}
        Ok(Some(Err(error))) => tracing::warn!(%error, "the Alerter does not know what was raised before"),
        Err(error) => tracing::warn!(%error, "the Alerter does not know what was raised before"),
    }
}

/// What of a notice people were not told yet is kept as untold.
fn kept(alerter: &Alerter) -> Vec<Kept> {
    let machine = alerter.machine.lock();
    let waiting = alerter.waiting.lock();
    let mut kept = machine.kept();
    for notice in waiting.untold().filter(|notice| !notice.kind.is_counted()) {
        for subject in &notice.subjects {
            let known = kept.iter_mut().find(|kept| kept.kind == notice.kind && kept.subject == *subject);
            match (notice.news, known) {
                (News::Begun, Some(known)) => known.told = None,
                (News::Normal, None) => kept.push(Kept {
                    kind: notice.kind,
                    subject: subject.clone(),
                    finder: notice.finder,
                    severity: notice.severity,
                    details: Details::None,
                    stands: false,
                    since: Timestamp::MIN,
                    last: Timestamp::MIN,
                    total: notice.count,
                    told: Some(KeptTold { at: Timestamp::MIN, severity: notice.severity, details: None }),
                }),
                _ => {}
            }
        }
    }
    kept
}
