use std::sync::Arc;

use domain::{Alert, AlertDraft, AlertState};
use store::Change;

use crate::{Hub, HubError};

impl Hub {
    /// Sends an alert that the service itself gives, with what has to be remembered of it in the same commit.
    pub(crate) async fn send_alert_of_the_service(
        &self,
        draft: AlertDraft,
        beside: Vec<Change>,
    ) -> Result<Arc<Alert>, HubError> {
        let now = self.environment.now();
        let draft = draft.checked(now)?;
        let recipients = self.alert_recipients(&draft).await?;
        let id = self.environment.alert_id();
        let mut alert =
            Alert { id, draft, effective_at: now, state: AlertState::Sent, signature: String::new() };
        alert.signature = self.signing_key.sign(&alert);
        let alert = Arc::new(alert);
        let said = format!("{}: {}", alert.draft.severity, alert.draft.headline);
        let audit = self.audit("service", "alert.send", id.to_string(), said);
        let mut changes =
            vec![Change::CreateAlert { alert: alert.clone(), recipients: recipients.clone() }, audit];
        changes.extend(beside);
        self.store.commit(changes).await?;
        self.open_alerts.insert(alert.clone());
        self.deliver_alert(&alert, &recipients).await;
        Ok(alert)
    }
}
