use std::sync::Arc;

use domain::{Alert, AlertDraft, AlertState};
use store::Change;

use crate::{Hub, HubError};

impl Hub {
    /// Sends an alert that the service itself gives, with what has to be remembered of it in the same commit. Nobody
    /// has to release it.
    pub(crate) async fn send_alert_of_the_service(
        &self,
        draft: AlertDraft,
        beside: Vec<Change>,
    ) -> Result<Arc<Alert>, HubError> {
        let draft = self.completed(draft)?;
        let reach = self.reach(&draft).await?;
        let alert = self.signed(self.unsigned(self.environment.alert_id(), draft, AlertState::Planned));
        self.put(alert, reach, beside).await
    }
}
