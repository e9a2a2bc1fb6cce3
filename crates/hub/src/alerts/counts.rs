use domain::{AlertId, AlertStatus};

use super::Counts;
use crate::{Hub, HubError};

impl Hub {
    /// Where an alert stands, and how many of its recipients stand where: the report without its rows.
    pub async fn alert_counts(&self, id: AlertId) -> Result<(AlertStatus, Counts), HubError> {
        let alert = self.alert(id).await?;
        let counts = self.store.receipt_counts(id).await?;
        Ok((alert.status(self.environment.now()), counts.into()))
    }
}
