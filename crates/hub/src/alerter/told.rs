use std::collections::HashMap;

use domain::{
    Alert, AlertId,
    alerter::{Alerter as Machine, ConditionKind, News, Notice},
};
use jiff::Timestamp;

use crate::ALERTS_NAME;

/// What the keys of alerts of the Alerter begin with.
const KEY: &str = "alerter/";

/// The alerts that tell of conditions which were not normal when people were last told of them.
#[derive(Debug, Default)]
pub(super) struct ToldAlerts(HashMap<(ConditionKind, String), AlertId>);

impl ToldAlerts {
    /// Those that are in force from before the service was started, and puts what they tell into `machine`.
    pub(super) fn found(alerts: &[std::sync::Arc<Alert>], machine: &mut Machine) -> Self {
        let mut told = HashMap::new();
        for alert in alerts.iter().filter(|alert| alert.draft.issuer.name() == ALERTS_NAME) {
            let Some((kind, subject)) = alert.draft.key.as_deref().and_then(read) else { continue };
            machine.remember(kind, subject, alert.draft.severity, alert.started_at());
            told.insert((kind, subject.to_owned()), alert.id);
        }
        Self(told)
    }

    /// The alert that a notice takes the place of.
    pub(super) fn before(&self, notice: &Notice) -> Option<AlertId> {
        self.0.get(&(notice.kind, notice.subject()?.to_owned())).copied()
    }

    /// People were told by this alert.
    pub(super) fn was_told(&mut self, notice: &Notice, alert: AlertId) {
        if let Some(subject) = notice.subject() {
            let condition = (notice.kind, subject.to_owned());
            match notice.news {
                News::Normal => drop(self.0.remove(&condition)),
                News::Begun | News::GoesOn => drop(self.0.insert(condition, alert)),
            }
        }
    }
}

/// The key of the alert of a notice, by which it is known after a restart what people were told. What is over, and
/// what tells of several, has none.
pub(super) fn key(notice: &Notice, now: Timestamp) -> Option<String> {
    let subject = notice.subject().filter(|_| notice.news != News::Normal)?;
    Some(format!("{KEY}{}/{}/{subject}", notice.kind, now.as_millisecond()))
}

fn read(key: &str) -> Option<(ConditionKind, &str)> {
    let mut parts = key.strip_prefix(KEY)?.splitn(3, '/');
    let (kind, _at, subject) = (parts.next()?, parts.next()?, parts.next()?);
    Some((kind.parse().ok()?, subject))
}
