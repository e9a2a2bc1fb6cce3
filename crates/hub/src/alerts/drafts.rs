//! Alerts that were only written down.

use std::{fmt, str::FromStr, sync::Arc};

use domain::{Address, Alert, AlertDraft, AlertId, AlertPhase, AlertState, Refusal};
use sha2::{Digest, Sha256};
use store::{AlertChange, Change};

use super::sending::said;
use crate::{Hub, HubError};

/// What a draft says, in short: another one of the same version says the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftVersion(String);

impl DraftVersion {
    /// The version of this draft.
    pub fn of(draft: &AlertDraft) -> Self {
        let said = serde_json::to_vec(draft).unwrap_or_default();
        Self(Sha256::digest(said).iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Display for DraftVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for DraftVersion {
    type Err = std::convert::Infallible;

    /// What is no version is that of no draft.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl Hub {
    /// Writes an alert down; nobody is told.
    pub async fn save_draft(&self, draft: AlertDraft) -> Result<Arc<Alert>, HubError> {
        let draft = self.completed(draft)?;
        self.check_may_write(&draft.issuer)?;
        if let Some(earlier) = self.alert_with_key(&draft).await? {
            return Ok(earlier);
        }
        let alert = Arc::new(self.unsigned(self.environment.alert_id(), draft, AlertState::Draft));
        let audit =
            self.audit(alert.draft.issuer.as_str(), "alert.draft", alert.id.to_string(), said(&alert));
        let create = Change::CreateAlert { alert: alert.clone(), recipients: Vec::new() };
        self.store.commit(vec![create, audit]).await?;
        Ok(alert)
    }

    /// Writes a draft anew, where it still says what `seen` did. Whoever wrote it may, and whoever may send both what it
    /// says and what it is to say; to everybody else it is not there.
    pub async fn change_draft(
        &self,
        id: AlertId,
        draft: AlertDraft,
        seen: Option<&DraftVersion>,
    ) -> Result<Arc<Alert>, HubError> {
        let draft = self.completed(draft)?;
        self.check_may_write(&draft.issuer)?;
        let _changing = self.open_alerts.drafts.lock().await;
        let old = self.draft(id, &draft.issuer, seen).await?;
        if old.draft.issuer != draft.issuer {
            self.reach(&draft).await?;
        }
        let alert = Arc::new(self.unsigned(id, draft, AlertState::Draft));
        let audit = self.audit(alert.draft.issuer.as_str(), "alert.draft", id.to_string(), said(&alert));
        let replace = AlertChange::Replace { alert: alert.clone(), from: AlertPhase::Draft };
        self.change_alert(id, replace, audit).await?;
        Ok(alert)
    }

    /// Throws a draft away, where it still says what `seen` did. Whoever wrote it may, and whoever may send it.
    pub async fn delete_draft(
        &self,
        id: AlertId,
        by: &Address,
        seen: Option<&DraftVersion>,
    ) -> Result<(), HubError> {
        self.check_may_write(by)?;
        let _changing = self.open_alerts.drafts.lock().await;
        let alert = self.draft(id, by, seen).await?;
        let audit = self.audit(by.as_str(), "alert.delete-draft", id.to_string(), said(&alert));
        self.change_alert(id, AlertChange::DeleteDraft { alert: id }, audit).await
    }

    /// Sends what was a draft, in the name of who sends it, where it still says what `seen` did.
    pub async fn send_draft(
        &self,
        id: AlertId,
        by: &Address,
        seen: Option<&DraftVersion>,
    ) -> Result<Arc<Alert>, HubError> {
        let changing = self.open_alerts.drafts.lock().await;
        let draft = AlertDraft { issuer: by.clone(), ..self.draft(id, by, seen).await?.draft };
        let draft = self.completed(draft)?;
        let reach = self.reach(&draft).await?;
        self.check_updated(&draft).await?;
        let alert = self.taken(id, draft);
        let audit = self.audit(by.as_str(), "alert.send", id.to_string(), said(&alert));
        let replace = AlertChange::Replace { alert: alert.clone(), from: AlertPhase::Draft };
        self.change_alert(id, replace, audit).await?;
        drop(changing);
        self.tell_releasers(&alert).await;
        self.begin(alert, reach.recipients).await
    }

    /// Who may send any alert at all may write drafts.
    fn check_may_write(&self, by: &Address) -> Result<(), HubError> {
        let account = self.people.account(by).filter(|account| !account.disabled).ok_or(Refusal::Sender)?;
        let may = account.administrator
            || self.rights.of(by).iter().any(|right| matches!(right, domain::Right::Publish(_)));
        if may { Ok(()) } else { Err(Refusal::NotAdministrator.into()) }
    }

    /// The draft, for its writer and for those who may send it.
    async fn draft(&self, id: AlertId, by: &Address, seen: Option<&DraftVersion>) -> Result<Alert, HubError> {
        let alert = self.alert(id).await?;
        if alert.draft.issuer != *by && !self.could_send(&alert.draft, by).await {
            return Err(HubError::NoAlert { id: id.to_string() });
        }
        if alert.state != AlertState::Draft {
            let status = alert.status(self.environment.now()).to_string();
            return Err(HubError::NotDraft { status });
        }
        if seen.is_some_and(|seen| *seen != DraftVersion::of(&alert.draft)) {
            return Err(HubError::OtherVersion);
        }
        Ok(alert)
    }

    pub(super) async fn could_send(&self, draft: &AlertDraft, by: &Address) -> bool {
        if self.people.account(by).is_some_and(|account| account.administrator && !account.disabled) {
            return true;
        }
        let own = AlertDraft { issuer: by.clone(), test: false, ..draft.clone() };
        self.reach(&own).await.is_ok()
    }
}
