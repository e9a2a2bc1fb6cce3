use std::sync::Arc;

use domain::{
    Address, Alert, AlertDraft, AlertId, AlertPhase, AlertProgress, AlertState, AlertStatus, Audience,
    Recipient, Refusal, Severity, Target,
};
use store::{AlertChange, Change, Outcome, StoreError};

use super::audience::{Reach, Recipients};
use crate::{Hub, HubError};

/// How many receipts are made in one commit, so that others get their turn.
pub(super) const RECEIPTS_AT_ONCE: usize = 250;

impl Hub {
    /// Takes an alert for good: it is signed and remembered when this returns. It is given to who is here, unless it
    /// takes effect later or waits for somebody's release; its state says which. A second alert of the same issuer
    /// with the same key is the first one.
    pub async fn send_alert(&self, draft: AlertDraft) -> Result<Arc<Alert>, HubError> {
        let draft = self.completed(draft)?;
        let reach = self.reach(&draft).await?;
        if let Some(earlier) = self.alert_with_key(&draft).await? {
            return Ok(earlier);
        }
        self.check_updated(&draft).await?;
        let alert = self.taken(self.environment.alert_id(), draft);
        self.put(alert, reach, Vec::new()).await
    }

    /// Takes an alert for good that came by a topic, whose audience the administrator has chosen, and commits with it
    /// what `more` makes of it. An issuer with an account needs the right to send it; what is open to everybody does
    /// not.
    pub(crate) async fn raise_alert(
        &self,
        draft: AlertDraft,
        open: bool,
        more: impl FnOnce(&Alert) -> Vec<Change>,
    ) -> Result<Arc<Alert>, HubError> {
        let draft = self.completed(draft)?;
        let reach = if open { self.whole_reach(&draft).await? } else { self.reach(&draft).await? };
        let alert = self.taken(self.environment.alert_id(), draft);
        let beside = more(&alert);
        self.put(alert, reach, beside).await
    }

    /// A second person lets an alert go that waits for it.
    pub async fn release_alert(&self, id: AlertId, by: &Address) -> Result<Arc<Alert>, HubError> {
        let waiting = self.alert(id).await?;
        if waiting.state != AlertState::Waiting {
            let status = waiting.status(self.environment.now()).to_string();
            return Err(HubError::NotWaiting { status });
        }
        let draft = self.completed(waiting.draft)?;
        let reach = self.reach(&draft).await?;
        self.check_may_publish(&draft, by, &reach).await?;
        if draft.issuer == *by {
            return Err(Refusal::OwnRelease.into());
        }
        let draft = draft.settled(self.environment.now());
        let alert = self.signed(self.unsigned(id, draft, AlertState::Planned));
        let audit = self.audit(by.as_str(), "alert.release", id.to_string(), said(&alert));
        let replace = AlertChange::Replace { alert: alert.clone(), from: AlertPhase::Waiting };
        self.change_alert(id, replace, audit).await?;
        self.begin(alert, reach.recipients).await
    }

    /// Calls an alert off. People who have it are told. Administrators may, and who has sent it.
    pub async fn cancel_alert(&self, id: AlertId, by: &Address) -> Result<(), HubError> {
        self.call_off(id, by, Vec::new()).await
    }

    /// The same, and commits `more` with it.
    pub(crate) async fn call_off(
        &self,
        id: AlertId,
        by: &Address,
        more: Vec<Change>,
    ) -> Result<(), HubError> {
        let alert = self.alert(id).await?;
        let is_own = alert.draft.issuer == *by;
        let may_sign_in = || self.people.account(by).is_some_and(|account| !account.disabled);
        if !(is_own && (self.is_alerts_address(by) || may_sign_in())) {
            domain::may_alert(self.people.account(by).as_deref())?;
        }
        let at = self.environment.now();
        let cancel = Change::CancelAlert { alert: id, at, by: by.clone() };
        let audit = self.audit(by.as_str(), "alert.cancel", id.to_string(), alert.draft.headline.clone());
        let alive =
            matches!(alert.status(at), AlertStatus::InForce | AlertStatus::Planned | AlertStatus::Waiting);
        let ended = alive
            && matches!(
                self.store.commit([cancel, audit].into_iter().chain(more).collect()).await?.first(),
                Some(Outcome::AlertEnded(true))
            );
        if !ended {
            return Err(HubError::AlertOver { status: self.alert(id).await?.status(at).to_string() });
        }
        self.alert_ended(id, AlertState::Cancelled { at, by: by.clone() }).await;
        Ok(())
    }

    /// An alert as it is remembered.
    pub async fn alert(&self, id: AlertId) -> Result<Alert, HubError> {
        self.store.alert(id).await?.ok_or_else(|| HubError::NoAlert { id: id.to_string() })
    }

    /// The draft with what follows from the moment and from what kind it is.
    pub(super) fn completed(&self, draft: AlertDraft) -> Result<AlertDraft, HubError> {
        let now = self.environment.now();
        let mut draft = draft.checked(now)?;
        draft.begins_at = draft.begins_at.filter(|at| *at > now);
        if draft.test {
            draft.audience = Audience::new(vec![Target::User(draft.issuer.to_string())])?;
            (draft.updates, draft.begins_at) = (None, None);
            draft.escalation.clear();
        }
        Ok(draft)
    }

    pub(super) async fn alert_with_key(&self, draft: &AlertDraft) -> Result<Option<Arc<Alert>>, HubError> {
        let Some(key) = &draft.key else { return Ok(None) };
        Ok(self.store.alert_by_key(&draft.issuer, key).await?.map(Arc::new))
    }

    /// What is to be replaced must be something that can be, by who may call it off.
    pub(super) async fn check_updated(&self, draft: &AlertDraft) -> Result<(), HubError> {
        let Some(id) = draft.updates else { return Ok(()) };
        let old = self.alert(id).await?;
        if old.draft.issuer != draft.issuer {
            domain::may_alert(self.people.account(&draft.issuer).as_deref())?;
        }
        match old.state.phase() {
            AlertPhase::Waiting | AlertPhase::Planned | AlertPhase::Open => Ok(()),
            _ => Err(HubError::AlertOver { status: old.status(self.environment.now()).to_string() }),
        }
    }

    /// The alert as it is when it has been taken: waiting for a release, or planned and signed.
    pub(super) fn taken(&self, id: AlertId, draft: AlertDraft) -> Arc<Alert> {
        if self.waits_for_release(&draft) {
            return Arc::new(self.unsigned(id, draft, AlertState::Waiting));
        }
        let draft = draft.settled(self.environment.now());
        self.signed(self.unsigned(id, draft, AlertState::Planned))
    }

    /// Alerts of which severities wait for a second person to release them.
    pub fn severities_to_release(&self) -> &[Severity] {
        &self.settings.release
    }

    /// Whether a second person has to release it.
    pub(super) fn waits_for_release(&self, draft: &AlertDraft) -> bool {
        !draft.test && self.settings.release.contains(&draft.severity)
    }

    pub(super) fn unsigned(&self, id: AlertId, draft: AlertDraft, state: AlertState) -> Alert {
        let effective_at = draft.begins_at.unwrap_or_else(|| self.environment.now());
        let (progress, signature) = (AlertProgress::default(), String::new());
        Alert { id, draft, effective_at, state, progress, signature }
    }

    pub(super) fn signed(&self, mut alert: Alert) -> Arc<Alert> {
        alert.signature = self.keys.newest().sign(&alert);
        Arc::new(alert)
    }

    /// Remembers a new alert that was taken, with what else belongs into the same commit, and begins with it.
    pub(super) async fn put(
        &self,
        alert: Arc<Alert>,
        reach: Reach,
        beside: Vec<Change>,
    ) -> Result<Arc<Alert>, HubError> {
        let now = self.environment.now();
        let at_once = alert.state == AlertState::Planned
            && alert.effective_at <= now
            && reach.recipients.len() <= RECEIPTS_AT_ONCE;
        let alert =
            if at_once { Arc::new(Alert { state: AlertState::Sent, ..(*alert).clone() }) } else { alert };
        let issuer = &alert.draft.issuer;
        let actor = if self.is_alerts_address(issuer) { "service" } else { issuer.as_str() };
        let audit = self.audit(actor, "alert.send", alert.id.to_string(), said(&alert));
        let recipients: Vec<Recipient> =
            if at_once { reach.recipients.iter().cloned().collect() } else { Vec::new() };
        let create = Change::CreateAlert { alert: alert.clone(), recipients };
        let mut changes = vec![create, audit];
        changes.extend(beside);
        if at_once {
            changes.push(self.started(&alert));
            changes.extend(self.supersede(&alert).await?);
        }
        match self.store.commit(changes).await {
            // Somebody was quicker with the same key.
            Err(StoreError::Exists { what }) => {
                let earlier = self.alert_with_key(&alert.draft).await?;
                return earlier.ok_or(HubError::Store(StoreError::Exists { what }));
            }
            other => other?,
        };
        if at_once {
            self.in_force(&alert, &reach.recipients).await;
            return Ok(alert);
        }
        self.tell_releasers(&alert).await;
        self.begin(alert, reach.recipients).await
    }

    /// Begins with an alert that has been taken: tells people now, or notes that it is to be done.
    pub(super) async fn begin(
        &self,
        alert: Arc<Alert>,
        recipients: Recipients,
    ) -> Result<Arc<Alert>, HubError> {
        if alert.state != AlertState::Planned {
            return Ok(alert);
        }
        if alert.effective_at > self.environment.now() {
            self.open_alerts.insert(alert.clone());
            return Ok(alert);
        }
        match self.start_alert(&alert, recipients).await {
            Ok(Some(started)) => Ok(started),
            Ok(None) => Err(HubError::AlertOver {
                status: self.alert(alert.id).await?.status(alert.effective_at).to_string(),
            }),
            Err(error) => {
                // Nobody was told that it is taken: it is called off, or goes on as after a crash.
                if self.cancel_alert(alert.id, &alert.draft.issuer).await.is_err() {
                    self.open_alerts.insert(alert);
                }
                Err(error)
            }
        }
    }

    /// Makes a planned alert take effect: its receipts are written piece by piece, and with the last commit it is in
    /// force. None where it was called off meanwhile.
    pub(super) async fn start_alert(
        &self,
        planned: &Alert,
        recipients: Recipients,
    ) -> Result<Option<Arc<Alert>>, HubError> {
        let (id, now) = (planned.id, self.environment.now());
        self.add_recipients(id, 0, &recipients).await?;
        let progress = AlertProgress {
            started_at: (now > planned.effective_at).then_some(now),
            ..planned.progress.clone()
        };
        let alert = Arc::new(Alert { state: AlertState::Sent, progress, ..planned.clone() });
        let replace = AlertChange::Replace { alert: alert.clone(), from: AlertPhase::Planned };
        let mut changes = vec![Change::Alert(replace), self.started(&alert)];
        changes.extend(self.supersede(&alert).await?);
        if !matches!(self.store.commit(changes).await?.first(), Some(Outcome::AlertChanged(true))) {
            self.look_again(id).await?;
            return Ok(None);
        }
        self.published_in_time(id).await;
        self.in_force(&alert, &recipients).await;
        Ok(Some(alert))
    }

    /// Adds receipts, some at a time. Whoever has one keeps it.
    pub(super) async fn add_recipients(
        &self,
        alert: AlertId,
        level: u32,
        recipients: &Recipients,
    ) -> Result<(), HubError> {
        let mut rest = recipients.iter();
        loop {
            let recipients: Vec<Recipient> = rest.by_ref().take(RECEIPTS_AT_ONCE).cloned().collect();
            if recipients.is_empty() {
                return Ok(());
            }
            let add = AlertChange::AddRecipients { level, alert, recipients };
            self.store.commit(vec![Change::Alert(add)]).await?;
        }
    }

    /// An alert is not as memory has it: what the store has counts.
    pub(super) async fn look_again(&self, id: AlertId) -> Result<(), HubError> {
        match self.store.alert(id).await? {
            Some(alert) if matches!(alert.state, AlertState::Sent | AlertState::Planned) => {
                self.open_alerts.insert(Arc::new(alert));
            }
            _ => drop(self.open_alerts.remove(id)),
        }
        Ok(())
    }

    /// What the audit log says when an alert takes effect, whoever has sent it and whenever that was.
    fn started(&self, alert: &Alert) -> Change {
        self.audit("service", "alert.start", alert.id.to_string(), said(alert))
    }

    /// Ends what the alert takes the place of, where that has not ended by itself.
    async fn supersede(&self, alert: &Alert) -> Result<Vec<Change>, StoreError> {
        match alert.draft.updates {
            Some(id) => self.superseded(id, alert).await,
            None => Ok(Vec::new()),
        }
    }

    /// What ends an alert, where that has not ended by itself, because another takes its place.
    pub(super) async fn superseded(&self, id: AlertId, by: &Alert) -> Result<Vec<Change>, StoreError> {
        let Some(old) = self.store.alert(id).await? else { return Ok(Vec::new()) };
        if old.state.phase() == AlertPhase::Ended {
            return Ok(Vec::new());
        }
        let supersede = AlertChange::Supersede { alert: id, at: self.environment.now(), by: by.id };
        let issuer = by.draft.issuer.as_str();
        let audit = self.audit(issuer, "alert.supersede", id.to_string(), by.id.to_string());
        Ok(vec![Change::Alert(supersede), audit])
    }

    /// An alert is in force: whoever has the one it replaces is told so, and those who are here get it.
    async fn in_force(&self, alert: &Arc<Alert>, recipients: &Recipients) {
        self.open_alerts.insert(alert.clone());
        if let Some(old) = alert.draft.updates {
            let state = AlertState::Superseded { at: self.environment.now(), by: alert.id };
            self.alert_ended(old, state).await;
        }
        self.deliver_alert(alert, recipients).await;
    }

    pub(super) async fn change_alert(
        &self,
        id: AlertId,
        change: AlertChange,
        audit: Change,
    ) -> Result<(), HubError> {
        let outcomes = self.store.commit(vec![Change::Alert(change), audit]).await?;
        if matches!(outcomes.first(), Some(Outcome::AlertChanged(true))) {
            return Ok(());
        }
        let status = self.alert(id).await?.status(self.environment.now()).to_string();
        Err(HubError::AlertOver { status })
    }
}

/// What the audit log says of an alert.
pub(super) fn said(alert: &Alert) -> String {
    format!("{}: {}", alert.draft.severity, alert.draft.headline)
}
