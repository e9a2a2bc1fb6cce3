use std::{sync::Arc, time::Duration};

use domain::{Alert, AlertId, AlertProgress, AlertState, AlertStep, EntryName};
use jiff::Timestamp;
use store::{AlertChange, Change, Outcome};

use super::audience::{Recipients, Unknown};
use crate::{Hub, HubError};

/// How long is waited after something could not be done that was due.
const AGAIN: Duration = Duration::from_secs(5);

/// What is due.
enum Due {
    Alert(Arc<Alert>, AlertStep),
    Schedule(EntryName),
}

impl Hub {
    /// Does what alerts and schedules have to do by time, as long as the service runs: they take effect, end, are
    /// repeated, escalate. What is done is committed together with the mark that it was, so that a crash at any moment
    /// loses and doubles nothing.
    pub async fn run_alerts(&self) {
        loop {
            let Some((at, due)) = self.next_due() else {
                self.open_alerts.changed.notified().await;
                continue;
            };
            if at > self.environment.now() {
                tokio::select! {
                    () = self.environment.sleep_until(at) => {}
                    () = self.open_alerts.changed.notified() => {}
                }
                continue;
            }
            if let Err(error) = self.act(due, at).await {
                tracing::warn!(%error, "what was due of an alert could not be done; it is tried again");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    fn next_due(&self) -> Option<(Timestamp, Due)> {
        let alerts = self.open_alerts.alive();
        let alert =
            alerts.iter().filter_map(|alert| Some((alert.next_step()?, alert))).min_by_key(|(next, _)| *next);
        let alert = alert.map(|((at, step), alert)| (at, Due::Alert(alert.clone(), step)));
        let schedule = self.schedules.next().map(|(at, name)| (at, Due::Schedule(name)));
        match (alert, schedule) {
            (Some(alert), Some(schedule)) if schedule.0 < alert.0 => Some(schedule),
            (alert, schedule) => alert.or(schedule),
        }
    }

    async fn act(&self, due: Due, at: Timestamp) -> Result<(), HubError> {
        match due {
            Due::Schedule(name) => self.run_schedule(&name).await,
            Due::Alert(alert, AlertStep::Start) => self.start_planned(&alert).await,
            Due::Alert(alert, AlertStep::Expire) => self.expire(&alert, at).await,
            Due::Alert(alert, AlertStep::Repeat(number)) => self.repeat(&alert, number).await,
            Due::Alert(alert, AlertStep::Escalate(level)) => self.escalate(&alert, level).await,
        }
    }

    async fn start_planned(&self, alert: &Alert) -> Result<(), HubError> {
        if let Some(expired_at) = alert.draft.expires_at.filter(|at| *at <= self.environment.now()) {
            return self.expire(alert, expired_at).await;
        }
        let recipients = self.resolve(&alert.draft.audience, Unknown::Nobody).await?;
        let recipients = Recipients::from(recipients);
        if let Some(why) = self.refused_now(alert, recipients.clone()).await? {
            return self.hold(alert, why).await;
        }
        self.start_alert(alert, recipients).await.map(drop)
    }

    async fn expire(&self, alert: &Alert, at: Timestamp) -> Result<(), HubError> {
        // What is over before anybody was told of it has not ended for anybody.
        let action = if alert.state == AlertState::Planned { "alert.lapse" } else { "alert.expire" };
        let audit = self.audit("service", action, alert.id.to_string(), "");
        self.store.commit(vec![Change::ExpireAlert { alert: alert.id, at }, audit]).await?;
        self.alert_ended(alert.id, AlertState::Expired { at }).await;
        Ok(())
    }

    /// Tells those again who have not confirmed and are here. Who is not is told when they sign in.
    async fn repeat(&self, alert: &Arc<Alert>, number: u32) -> Result<(), HubError> {
        let repeats = alert.repeats_due(self.environment.now()).max(number);
        let refused = self.refused_now(alert, Recipients::default()).await?;
        let repeated = |known: &Alert| Ok(AlertProgress { repeats, ..known.progress.clone() });
        let Some(alert) = self.advance(alert.id, repeated, Vec::new()).await? else { return Ok(()) };
        if let Some(why) = refused {
            return self.held_back(&alert, why).await;
        }
        self.tell_again(&alert).await
    }

    /// Looks whether enough have confirmed, and otherwise tells more people.
    async fn escalate(&self, alert: &Arc<Alert>, level: usize) -> Result<(), HubError> {
        let Some(escalation) = alert.draft.escalation.get(level) else { return Ok(()) };
        let counts = self.store.receipt_counts(alert.id).await?;
        let people = (counts.recipients - counts.computers) as u64;
        let missed = escalation.fewer_than.is_missed(counts.confirmed as u64, people);
        if !missed {
            return self.advance(alert.id, looked(false), Vec::new()).await.map(drop);
        }
        let more = Recipients::from(self.resolve(&escalation.audience, Unknown::Nobody).await?);
        if let Some(why) = self.refused_now(alert, more.clone()).await? {
            return match self.advance(alert.id, looked(false), Vec::new()).await? {
                Some(alert) => self.held_back(&alert, why).await,
                None => Ok(()),
            };
        }
        // Whoever is added before a crash is added once more afterwards, which changes nothing.
        self.add_recipients(alert.id, u32::try_from(level + 1).unwrap_or(u32::MAX), &more).await?;
        let detail = format!(
            "level {}: {} of {people} confirmed, fewer than {}; also to {}",
            level + 1,
            counts.confirmed,
            escalation.fewer_than,
            escalation.audience
        );
        let audit = self.audit("service", "alert.escalate", alert.id.to_string(), detail);
        if let Some(alert) = self.advance(alert.id, looked(true), vec![audit]).await? {
            self.deliver_alert(&alert, &more).await;
        }
        Ok(())
    }

    /// Commits what has been done with an alert, as `done` makes it of the alert as it is; none where it has ended
    /// meanwhile.
    pub(super) async fn advance(
        &self,
        id: AlertId,
        done: impl FnOnce(&Alert) -> Result<AlertProgress, HubError>,
        more: Vec<Change>,
    ) -> Result<Option<Arc<Alert>>, HubError> {
        // Time and people may do something with it at once.
        let _turn = self.open_alerts.progress.lock().await;
        let Some(alert) = self.open_alerts.get(id) else {
            self.look_again(id).await?;
            return Ok(None);
        };
        let progress = done(&alert)?;
        let advance = AlertChange::Advance { alert: id, progress: progress.clone() };
        let changes = std::iter::once(Change::Alert(advance)).chain(more).collect();
        let outcomes = self.store.commit(changes).await?;
        if !matches!(outcomes.first(), Some(Outcome::AlertChanged(true))) {
            self.look_again(id).await?;
            return Ok(None);
        }
        let alert = Arc::new(Alert { progress, ..(*alert).clone() });
        self.open_alerts.update(alert.clone());
        Ok(Some(alert))
    }
}

/// That it was looked whether enough have confirmed, and whether more people were told.
fn looked(missed: bool) -> impl FnOnce(&Alert) -> Result<AlertProgress, HubError> {
    move |alert| {
        let mut progress = alert.progress.clone();
        progress.levels.push(missed);
        Ok(progress)
    }
}
