use std::time::Duration;

use domain::{AlertId, AlertState};
use jiff::Timestamp;
use store::Change;

use crate::Hub;

/// How often an alert that could not be ended is tried again.
const AGAIN: Duration = Duration::from_secs(5);

impl Hub {
    /// Ends alerts when their time is over, as long as the service runs.
    pub async fn end_alerts_in_time(&self) {
        loop {
            let next = self.next_expiry();
            let wait = next.map(|(at, _)| until(self.environment.now(), at));
            match (next, wait) {
                (Some((at, id)), Some(Duration::ZERO)) => self.expire(id, at).await,
                (_, wait) => {
                    let changed = self.open_alerts.changed.notified();
                    drop(tokio::time::timeout(wait.unwrap_or(Duration::MAX), changed).await);
                }
            }
        }
    }

    fn next_expiry(&self) -> Option<(Timestamp, AlertId)> {
        let open = self.open_alerts.all();
        open.iter().filter_map(|alert| Some((alert.draft.expires_at?, alert.id))).min()
    }

    async fn expire(&self, id: AlertId, at: Timestamp) {
        let audit = self.audit("service", "alert.expire", id.to_string(), "");
        match self.store.commit(vec![Change::ExpireAlert { alert: id, at }, audit]).await {
            Ok(_) => self.alert_ended(id, AlertState::Expired { at }).await,
            Err(error) => {
                tracing::warn!(%error, "an alert whose time is over could not be ended");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

fn until(now: Timestamp, at: Timestamp) -> Duration {
    let milliseconds = at.as_millisecond().saturating_sub(now.as_millisecond());
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}
