use domain::{AlertId, AlertStatus};

use super::Counts;
use crate::{Hub, HubError};

impl Hub {
    /// Where an alert stands, and how many of its recipients stand where: the report without its rows.
    pub async fn alert_counts(&self, id: AlertId) -> Result<(AlertStatus, Counts), HubError> {
        let report = self.alert_report(id).await?;
        Ok((report.status, report.counts))
    }
}
