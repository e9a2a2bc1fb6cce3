use domain::{Address, Alert, AlertDraft, AlertId, AlertPhase, AlertState, Refusal, Severity};
use store::{AlertChange, Change};

use super::audience::{Reach, Recipients};
use crate::{ALERTS_NAME, Hub, HubError};

/// What the audit log calls it that an alert does not go on.
const ACTION: &str = "alert.hold";

impl Hub {
    /// Why an alert may not reach these now: its issuer may have lost the right to it, or the account, since it was
    /// taken. None where it may, and of what was published to a topic that is open to everybody.
    pub(super) async fn refused_now(
        &self,
        alert: &Alert,
        recipients: Recipients,
    ) -> Result<Option<Refusal>, HubError> {
        let draft = &alert.draft;
        match self.check_may_publish(draft, &draft.issuer, &Reach::of(recipients)).await {
            Ok(()) => Ok(None),
            Err(HubError::Refused(why)) => {
                let published = self.store.publication_of(alert.id).await?;
                let is_open = published.is_some_and(|published| !published.details.verified);
                Ok((!is_open).then_some(why))
            }
            Err(error) => Err(error),
        }
    }

    /// Lets a planned alert not take effect: it waits for a release, which it gets when its issuer may send it again,
    /// and administrators are told.
    pub(super) async fn hold(&self, planned: &Alert, why: Refusal) -> Result<(), HubError> {
        let alert = self.unsigned(planned.id, planned.draft.clone(), AlertState::Waiting);
        let replace = AlertChange::Replace { alert: alert.into(), from: AlertPhase::Planned };
        let audit = self.audit("service", ACTION, planned.id.to_string(), why.to_string());
        self.store.commit(vec![Change::Alert(replace), audit]).await?;
        self.look_again(planned.id).await?;
        self.tell_of_held(planned, why).await;
        Ok(())
    }

    /// What an alert in force would have done was not done. It is written down, and administrators are told, once for
    /// each alert.
    pub(super) async fn held_back(&self, alert: &Alert, why: Refusal) -> Result<(), HubError> {
        let told = self.store.alert_by_key(&self.alerts_address()?, &key(alert.id)).await?;
        if told.is_none() {
            self.note("service", ACTION, &alert.id.to_string(), &why.to_string()).await?;
            self.tell_of_held(alert, why).await;
        }
        Ok(())
    }

    async fn tell_of_held(&self, alert: &Alert, why: Refusal) {
        if let Err(error) = self.try_to_tell_of_held(alert, why).await {
            tracing::warn!(alert = %alert.id, %error, "administrators could not be told that an alert is held back");
        }
    }

    async fn try_to_tell_of_held(&self, alert: &Alert, why: Refusal) -> Result<(), HubError> {
        let headline = "An alert is held back / Una alerta queda retenida";
        let Alert { id, draft: held, .. } = alert;
        let text = format!(
            "\u{201c}{}\u{201d} ({}, {id}): {why}. Call it off or send it anew.\n\
             Anúlala o envíala de nuevo.",
            held.headline, held.issuer
        );
        let draft = AlertDraft::new(self.alerts_address()?, self.administrators()?, headline);
        let draft = AlertDraft {
            text,
            severity: Severity::Moderate,
            must_confirm: false,
            key: Some(key(*id)),
            ..draft
        };
        self.send_alert_of_the_service(draft, Vec::new()).await.map(drop)
    }

    fn alerts_address(&self) -> Result<Address, HubError> {
        Ok(Address::new(ALERTS_NAME, self.domain())?)
    }
}

/// By which what administrators are told of an alert is known.
fn key(held: AlertId) -> String {
    format!("held {held}")
}
