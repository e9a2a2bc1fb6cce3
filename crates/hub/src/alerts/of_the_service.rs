use std::{collections::BTreeSet, sync::Arc};

use domain::{Alert, AlertDraft, AlertId, AlertState};
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
        self.put_own(draft, &BTreeSet::new(), beside).await
    }

    /// The same, and in the same commit it ends others of the service's own, beside the one that it updates.
    pub(crate) async fn send_alert_in_place_of(
        &self,
        others: &BTreeSet<AlertId>,
        draft: AlertDraft,
    ) -> Result<Arc<Alert>, HubError> {
        self.put_own(draft, others, Vec::new()).await
    }

    async fn put_own(
        &self,
        draft: AlertDraft,
        others: &BTreeSet<AlertId>,
        mut beside: Vec<Change>,
    ) -> Result<Arc<Alert>, HubError> {
        let draft = self.completed(draft)?;
        let reach = self.reach(&draft).await?;
        let alert = self.signed(self.unsigned(self.environment.alert_id(), draft, AlertState::Planned));
        for id in others {
            beside.extend(self.superseded(*id, &alert).await?);
        }
        let alert = self.put(alert, reach, beside).await?;
        for id in others {
            let state = AlertState::Superseded { at: self.environment.now(), by: alert.id };
            self.alert_ended(*id, state).await;
        }
        Ok(alert)
    }
}
