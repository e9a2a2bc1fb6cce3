//! The Alerter: tells those who look after this host what is not normal on it, by every door, and that it is again.

mod kept;
mod messages;
mod names;
mod told;
mod waiting;
mod words;

use std::net::IpAddr;

use domain::{
    Severity,
    alerter::{
        AlertName, Alerter as Machine, AlerterRules, ConditionKind, Details, Finder, News, Notice, Standing,
    },
};
use jiff::SignedDuration;
use parking_lot::Mutex;
use store::Change;
use tokio::sync::Notify;

use self::{
    told::ToldAlerts,
    waiting::{Due, Untold, Waiting, waits_for_the_store},
    words::Language,
};
use crate::{Hub, HubError};

/// What the Alerter has to know from the configuration.
#[derive(Clone, Debug)]
pub struct AlerterSettings {
    /// Whom it tells; where nobody is named, the administrators.
    pub names: Vec<AlertName>,
    /// What is told, and how often.
    pub rules: AlerterRules,
}

/// What is not normal, and whom to tell.
#[derive(Debug)]
pub(crate) struct Alerter {
    names: Vec<AlertName>,
    machine: Mutex<Machine>,
    changed: Notify,
    told: Mutex<ToldAlerts>,
    waiting: Mutex<Waiting>,
    /// What was last kept for the next start.
    kept: Mutex<String>,
}

impl Hub {
    /// Switches the Alerter on; it knows what was raised before the service was started. Only the first call counts.
    pub async fn set_alerter(&self, settings: AlerterSettings) {
        let mut machine = Machine::new(settings.rules);
        kept::restore(&*self.store, &mut machine, self.environment.now()).await;
        let told = ToldAlerts::found(&self.open_alerts.alive(), &mut machine);
        let alerter = Alerter {
            names: settings.names,
            machine: Mutex::new(machine),
            changed: Notify::new(),
            told: Mutex::new(told),
            waiting: Mutex::default(),
            kept: Mutex::default(),
        };
        drop(self.alerter.set(alerter));
    }

    /// Something is not normal, until it is cleared. Returns how it stands.
    ///
    /// # Errors
    /// [`HubError::AlerterOff`], or it breaks a limit.
    pub fn raise_condition(
        &self,
        kind: ConditionKind,
        subject: &str,
        severity: Severity,
        details: Details,
    ) -> Result<Standing, HubError> {
        let alerter = self.alerter.get().ok_or(HubError::AlerterOff)?;
        let now = self.environment.now();
        let standing = alerter.machine.lock().raise(kind, subject, severity, details, now)?;
        alerter.changed.notify_one();
        Ok(standing)
    }

    /// What was raised is normal again: the conditions of this subject and kind, or, of every kind, those that others
    /// than the service have found out. Returns how many.
    ///
    /// # Errors
    /// [`HubError::AlerterOff`].
    pub fn clear_condition(&self, kind: Option<ConditionKind>, subject: &str) -> Result<usize, HubError> {
        let alerter = self.alerter.get().ok_or(HubError::AlerterOff)?;
        let cleared = alerter.machine.lock().clear(kind, subject);
        if cleared > 0 {
            alerter.changed.notify_one();
        }
        Ok(cleared)
    }

    /// Something has happened that administrators are told of when it happens often enough. Cheap enough for where
    /// strangers come in.
    pub fn condition_happened(&self, kind: ConditionKind, subject: &str) {
        if let Some(alerter) = self.alerter.get()
            && alerter.machine.lock().happened(kind, subject, self.environment.now())
        {
            alerter.changed.notify_one();
        }
    }

    /// A sign-in from this address has failed, perhaps by the name of an account.
    pub fn sign_in_failed(&self, source: IpAddr, name: Option<&str>) {
        if self.alerter.get().is_none() {
            return;
        }
        self.condition_happened(ConditionKind::FailedSignIns, &crate::source_text(source));
        // People type passwords into the wrong field: only what is a name is told.
        if let Some(account) = name.and_then(|name| self.account_named(name).ok()) {
            self.condition_happened(ConditionKind::GuessedPassword, account.address.as_str());
        }
    }

    /// The service itself looks after these of a kind, and after no others: what it said of others before it was started
    /// is over.
    pub fn look_after_only(&self, kind: ConditionKind, subjects: &[String]) {
        if let Some(alerter) = self.alerter.get()
            && alerter.machine.lock().look_after_only(kind, subjects) > 0
        {
            alerter.changed.notify_one();
        }
    }

    /// Whether this condition stands now.
    pub fn is_raised(&self, kind: ConditionKind, subject: &str) -> bool {
        self.alerter.get().is_some_and(|alerter| alerter.machine.lock().stands(kind, subject))
    }

    /// What is not normal now.
    ///
    /// # Errors
    /// [`HubError::AlerterOff`].
    pub fn conditions(&self) -> Result<Vec<Standing>, HubError> {
        let alerter = self.alerter.get().ok_or(HubError::AlerterOff)?;
        Ok(alerter.machine.lock().standing())
    }

    /// What is said of a condition, in English.
    pub fn words_of_condition(&self, standing: &Standing) -> String {
        let notice = Notice {
            kind: standing.kind,
            news: News::Begun,
            severity: standing.severity,
            subjects: vec![standing.subject.clone()],
            finder: Finder::Service,
            count: standing.count,
            within: self.environment.now().duration_since(standing.since),
            details: standing.details.clone(),
        };
        words::headline(&notice, Language::English)
    }

    /// Whether the store takes what is written to it.
    pub async fn try_store(&self) -> Result<(), HubError> {
        let probe = Change::SetSetting { key: PROBE.to_owned(), value: String::new() };
        Ok(self.store.commit(vec![probe]).await.map(drop)?)
    }

    /// Tells people what there is to tell, as long as the service runs.
    pub async fn run_alerter(&self) {
        let Some(alerter) = self.alerter.get() else { return };
        loop {
            self.tell_what_is_due().await;
            let now = self.environment.now();
            let next = alerter.machine.lock().next_at(now);
            let again = alerter.waiting.lock().again_at();
            let Some(at) = next.into_iter().chain(again).min() else {
                alerter.changed.notified().await;
                continue;
            };
            // What is due and could not be done is not tried at once.
            let at = at.max(now.saturating_add(SignedDuration::from_secs(1)).unwrap_or(now));
            tokio::select! {
                () = self.environment.sleep_until(at) => {}
                () = alerter.changed.notified() => {}
            }
        }
    }

    /// Tells people what there is to tell now, and returns how many notices that were.
    pub async fn tell_what_is_due(&self) -> usize {
        let Some(alerter) = self.alerter.get() else { return 0 };
        let now = self.environment.now();
        let (count, due) = {
            let mut machine = alerter.machine.lock();
            let new = machine.take_due(now).into_iter();
            let new: Vec<_> =
                new.map(|notice| Untold { notice, unique: self.environment.alert_id() }).collect();
            (new.len(), alerter.waiting.lock().take(new, now))
        };
        if due.is_empty() {
            return 0;
        }
        let named = self.named(alerter).await;
        let mut left = Vec::new();
        for Due { untold, is_new } in due {
            let notice = &untold.notice;
            if is_new {
                self.tell_machines(&named, notice);
            }
            // One is told after the other: what comes behind one that waits, waits too.
            if left.is_empty() {
                let Err(error) = self.tell_people(alerter, &named, &untold).await else { continue };
                let headline = words::headline(notice, Language::English);
                tracing::warn!(%error, headline, "the Alerter could not tell people");
                if !waits_for_the_store(&error) {
                    continue;
                }
            }
            if is_new {
                self.tell_those_here(&named, notice).await;
            }
            left.push(untold);
        }
        let all_is_told = left.is_empty();
        alerter.waiting.lock().put(left, now);
        if all_is_told && let Err(error) = self.keep_conditions(Vec::new()).await {
            tracing::warn!(%error, "what the Alerter has told may be told again after a restart");
        }
        count
    }
}

/// The setting that is written to see whether anything can be.
const PROBE: &str = "alerter.probe";
