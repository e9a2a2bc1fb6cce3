use std::sync::Arc;

use domain::{Account, Alert, AlertState, Right, Sender};

use crate::{Hub, HubError, MessageDraft, away::Answered};

impl Hub {
    /// Tells those who may release an alert that it waits for them, where it does. It waits all the same where they
    /// cannot be told.
    pub(super) async fn tell_releasers(&self, alert: &Alert) {
        if alert.state != AlertState::Waiting {
            return;
        }
        if let Err(error) = self.tell_all_releasers(alert).await {
            tracing::warn!(alert = %alert.id, %error, "nobody was told that an alert waits for a release");
        }
    }

    async fn tell_all_releasers(&self, alert: &Alert) -> Result<(), HubError> {
        let releasers = self.releasers(alert).await?;
        if releasers.is_empty() {
            tracing::warn!(alert = %alert.id, "an alert waits for a release, and nobody else may release it");
            return Ok(());
        }
        let draft = MessageDraft {
            sender: Sender::Service,
            text: words(alert),
            sender_id: Some(alert.id.to_string()),
        };
        self.send_to_each(&releasers, draft, Answered::Never).await.map(drop)
    }

    /// Who may release an alert: who could send it, but for its issuer.
    async fn releasers(&self, alert: &Alert) -> Result<Vec<Arc<Account>>, HubError> {
        let reach = self.whole_reach(&alert.draft).await?;
        let mut found = Vec::new();
        for account in self.people.all() {
            let by = &account.address;
            let candidate = !account.disabled
                && *by != alert.draft.issuer
                && (account.administrator
                    || self.rights.of(by).iter().any(|right| matches!(right, Right::Publish(_))));
            if candidate && self.check_may_publish(&alert.draft, by, &reach).await.is_ok() {
                found.push(account);
            }
        }
        Ok(found)
    }
}

/// In English and Spanish: what language somebody reads is known where they sign in.
fn words(alert: &Alert) -> String {
    let draft = &alert.draft;
    let (id, severity) = (alert.id, draft.severity);
    format!(
        "An alert waits for somebody to release it / Una alerta espera a que alguien la autorice:\n\
         {} ({severity}, {} → {})\n\
         messngr alert release {id} --as NAME",
        draft.headline, draft.issuer, draft.audience
    )
}
