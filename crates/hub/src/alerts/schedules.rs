use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Address, Alert, AlertDraft, AlertState, EntryName, Missed, Rule, Schedule, ScheduleError, Zone,
};
use jiff::{SignedDuration, Timestamp, civil::DateTime};
use parking_lot::RwLock;
use store::{AlertChange, Change, Store, StoreError};

use crate::{Hub, HubError};

/// The schedules, in memory.
#[derive(Debug, Default)]
pub(crate) struct Schedules {
    known: RwLock<BTreeMap<EntryName, Arc<Schedule>>>,
}

/// A schedule to be made.
#[derive(Clone, Debug)]
pub struct NewSchedule {
    /// What it is called.
    pub name: EntryName,
    /// What is sent.
    pub draft: AlertDraft,
    /// After how many seconds each alert ends by itself.
    pub expires_after_seconds: Option<u32>,
    /// When.
    pub rule: Rule,
    /// The first local time at which it may be sent; now where nothing is said.
    pub starts_at: Option<DateTime>,
    /// Where the rule's times are local.
    pub zone: Zone,
    /// What happens to times that passed while the service did not run.
    pub missed: Missed,
}

impl Schedules {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let known = store.schedules().await?.into_iter();
        let known = known.map(|schedule| (schedule.name.clone(), Arc::new(schedule))).collect();
        Ok(Self { known: RwLock::new(known) })
    }

    /// The one that is due first, and when.
    pub(super) fn next(&self) -> Option<(Timestamp, EntryName)> {
        let known = self.known.read();
        let active = known.values().filter(|schedule| !schedule.paused);
        active.filter_map(|schedule| Some((schedule.next_at?, schedule.name.clone()))).min()
    }

    fn get(&self, name: &EntryName) -> Option<Arc<Schedule>> {
        self.known.read().get(name).cloned()
    }
}

impl Hub {
    /// Makes a schedule, in the place of another of the same name.
    pub async fn put_schedule(&self, by: &Address, new: NewSchedule) -> Result<Arc<Schedule>, HubError> {
        let now = self.environment.now();
        let draft = AlertDraft {
            issuer: by.clone(),
            begins_at: None,
            expires_at: None,
            expires_after_seconds: None,
            updates: None,
            key: None,
            ..new.draft
        };
        let draft = draft.checked(now)?;
        self.reach(&draft).await?;
        let starts_at = new.starts_at.unwrap_or_else(|| {
            let local = new.zone.local(now);
            local.with().subsec_nanosecond(0).build().unwrap_or(local)
        });
        let mut schedule = Schedule {
            id: self.environment.alert_id(),
            name: new.name,
            draft,
            expires_after_seconds: new.expires_after_seconds,
            rule: new.rule,
            starts_at,
            zone: new.zone,
            missed: new.missed,
            next_at: None,
            paused: false,
            note: None,
        };
        schedule.next_at = schedule.next_after(now);
        if schedule.next_at.is_none() {
            return Err(ScheduleError::Never.into());
        }
        let said = format!("{} ({}): {}", schedule.rule, schedule.zone, schedule.draft.headline);
        let audit = self.audit(by.as_str(), "schedule.put", schedule.name.as_str(), said);
        self.keep_schedule(schedule, vec![audit]).await
    }

    /// All schedules, by name.
    pub fn schedules(&self) -> Vec<Arc<Schedule>> {
        self.schedules.known.read().values().cloned().collect()
    }

    /// Sends nothing for a schedule until it is resumed, or resumes it: times that passed meanwhile are passed over.
    pub async fn pause_schedule(
        &self,
        by: &Address,
        name: &EntryName,
        paused: bool,
    ) -> Result<Arc<Schedule>, HubError> {
        let known = self.schedule(name)?;
        self.check_owns(by, &known)?;
        let mut schedule = Schedule { paused, note: None, ..(*known).clone() };
        if !paused {
            schedule.next_at = schedule.next_after(self.environment.now());
        }
        let action = if paused { "schedule.pause" } else { "schedule.resume" };
        let audit = self.audit(by.as_str(), action, name.as_str(), "");
        self.keep_schedule(schedule, vec![audit]).await
    }

    /// Forgets a schedule. What it has sent stays.
    pub async fn remove_schedule(&self, by: &Address, name: &EntryName) -> Result<(), HubError> {
        let known = self.schedule(name)?;
        self.check_owns(by, &known)?;
        let audit = self.audit(by.as_str(), "schedule.remove", name.as_str(), "");
        let remove = Change::Alert(AlertChange::RemoveSchedule { name: name.clone() });
        self.store.commit(vec![remove, audit]).await?;
        self.schedules.known.write().remove(name);
        self.open_alerts.wake();
        Ok(())
    }

    /// A schedule is due: its alerts, and that it has had them, are one commit.
    pub(super) async fn run_schedule(&self, name: &EntryName) -> Result<(), HubError> {
        let Some(known) = self.schedules.get(name) else { return Ok(()) };
        let now = self.environment.now();
        let due = known.due(now);
        let mut schedule = Schedule { next_at: due.next_at, ..(*known).clone() };
        match self.reach(&known.draft).await {
            Ok(_) | Err(HubError::NobodyThere { .. }) => {}
            Err(error @ HubError::Store(_)) => return Err(error),
            Err(error) => {
                (schedule.paused, schedule.note) = (true, Some(error.to_string()));
                let audit = self.audit("service", "schedule.pause", name.as_str(), error.to_string());
                return self.keep_schedule(schedule, vec![audit]).await.map(drop);
            }
        }
        let alerts: Vec<Arc<Alert>> =
            due.run.iter().filter_map(|at| self.occurrence(&known, *at, now)).collect();
        let skipped = due.skipped + due.run.len() - alerts.len();
        let mut changes: Vec<Change> = Vec::new();
        for alert in &alerts {
            changes.push(Change::CreateAlert { alert: alert.clone(), recipients: Vec::new() });
            let said = format!("schedule {name}: {}", super::sending::said(alert));
            changes.push(self.audit(alert.draft.issuer.as_str(), "alert.send", alert.id.to_string(), said));
        }
        if skipped > 0 {
            changes.push(self.audit(
                "service",
                "schedule.skip",
                name.as_str(),
                if skipped == 1 { "1 time missed".to_owned() } else { format!("{skipped} times missed") },
            ));
        }
        match self.keep_schedule(schedule.clone(), changes).await {
            // The alerts are there already: what is missing is that the schedule has had them.
            Err(HubError::Store(StoreError::Exists { .. })) => {
                self.keep_schedule(schedule, Vec::new()).await?;
                for alert in alerts {
                    if let Some(known) = self.alert_with_key(&alert.draft).await? {
                        self.look_again(known.id).await?;
                    }
                }
            }
            Err(error) => return Err(error),
            Ok(_) => {
                for alert in &alerts {
                    self.tell_releasers(alert).await;
                }
                for alert in alerts.into_iter().filter(|alert| alert.state == AlertState::Planned) {
                    self.open_alerts.insert(alert);
                }
            }
        }
        Ok(())
    }

    /// The alert of one time of a schedule; none where it would be over already.
    fn occurrence(&self, schedule: &Schedule, at: Timestamp, now: Timestamp) -> Option<Arc<Alert>> {
        let seconds = schedule.expires_after_seconds.map(|seconds| SignedDuration::from_secs(seconds.into()));
        let expires_at = seconds.and_then(|after| at.checked_add(after).ok());
        if expires_at.is_some_and(|expires_at| expires_at <= now) {
            return None;
        }
        let waits = self.waits_for_release(&schedule.draft);
        let draft = AlertDraft {
            // What waits for its release lasts as long, whenever it is released.
            expires_at: expires_at.filter(|_| !waits),
            expires_after_seconds: schedule.expires_after_seconds.filter(|_| waits),
            begins_at: Some(at),
            key: Some(schedule.key(at)),
            ..schedule.draft.clone()
        };
        Some(self.taken(self.environment.alert_id(), draft))
    }

    async fn keep_schedule(
        &self,
        schedule: Schedule,
        mut changes: Vec<Change>,
    ) -> Result<Arc<Schedule>, HubError> {
        let schedule = Arc::new(schedule);
        changes.push(Change::Alert(AlertChange::PutSchedule(schedule.clone())));
        self.store.commit(changes).await?;
        self.schedules.known.write().insert(schedule.name.clone(), schedule.clone());
        self.open_alerts.wake();
        Ok(schedule)
    }

    fn schedule(&self, name: &EntryName) -> Result<Arc<Schedule>, HubError> {
        self.schedules.get(name).ok_or_else(|| HubError::NoSchedule { name: name.to_string() })
    }

    /// A schedule is its issuer's, and every administrator's.
    fn check_owns(&self, by: &Address, schedule: &Schedule) -> Result<(), HubError> {
        if schedule.draft.issuer == *by && self.people.account(by).is_some_and(|account| !account.disabled) {
            return Ok(());
        }
        Ok(domain::may_alert(self.people.account(by).as_deref())?)
    }
}
