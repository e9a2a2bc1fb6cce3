//! Looks after this host for the Alerter: its disks, its store and its power supplies.

mod disks;
mod power;

use std::{path::PathBuf, sync::Arc, time::Duration};

use domain::alerter::{ConditionKind, Details, DiskLimits};
use doors::network::Gate;
use hub::Hub;
use tokio::time::{MissedTickBehavior, interval, timeout};

use self::disks::Disks;
use crate::configuration::Configuration;

/// How often it is looked whether the store takes anything, where nothing says that it may not: it writes for that.
const STORE_INTERVAL: Duration = Duration::from_secs(300);
/// How long the store may take for something small.
const STORE_PATIENCE: Duration = Duration::from_secs(20);

/// What is looked after.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    hub: Arc<Hub>,
    gate: Arc<Gate>,
    disks: Vec<PathBuf>,
    limits: DiskLimits,
    interval: Duration,
    upsd: Option<(String, u16)>,
}

impl Watch {
    /// What is configured; nothing where the Alerter is off.
    pub(super) fn new(
        configuration: &Configuration,
        data_dir: PathBuf,
        hub: Arc<Hub>,
        gate: Arc<Gate>,
    ) -> Option<Self> {
        let section = &configuration.alerter;
        let upsd = section.upsd().map(|(host, port)| (host, port.unwrap_or(doors::upsd::PORT)));
        section.enabled.then(|| Self {
            hub,
            gate,
            disks: section.disks.iter().cloned().chain([data_dir]).collect(),
            limits: section.disk_limits(),
            interval: Duration::from_secs(section.interval_seconds.into()),
            upsd,
        })
    }

    /// Looks after the disks and the store, as long as the service runs.
    pub(super) async fn look_after_disks(self) {
        let mut again = interval(self.interval);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut disks = Disks::new(&self.disks);
        self.hub.look_after_only(ConditionKind::DiskFilling, &disks.subjects());
        let mut since_store = STORE_INTERVAL;
        loop {
            again.tick().await;
            let filling = disks.look(&self).await;
            since_store += self.interval;
            if filling || since_store >= STORE_INTERVAL || self.stands(ConditionKind::StoreUnavailable, "") {
                since_store = Duration::ZERO;
                let stored = timeout(STORE_PATIENCE, self.hub.try_store()).await;
                self.tell(ConditionKind::StoreUnavailable, "", !matches!(stored, Ok(Ok(()))), Details::None);
            }
        }
    }

    /// Looks after the power supplies, as long as the service runs.
    pub(super) async fn look_after_power(self) {
        match &self.upsd {
            Some((host, port)) => power::look(&self, host, *port).await,
            None => self.hub.look_after_only(ConditionKind::OnBattery, &[]),
        }
    }

    fn stands(&self, kind: ConditionKind, subject: &str) -> bool {
        self.hub.is_raised(kind, subject)
    }

    /// Says how it is.
    fn tell(&self, kind: ConditionKind, subject: &str, is_wrong: bool, details: Details) {
        self.tell_severity(kind, subject, is_wrong.then(|| kind.severity()), details);
    }

    fn tell_severity(
        &self,
        kind: ConditionKind,
        subject: &str,
        severity: Option<domain::Severity>,
        details: Details,
    ) {
        let told = match severity {
            Some(severity) => self.hub.raise_condition(kind, subject, severity, details).map(drop),
            None => self.hub.clear_condition(Some(kind), subject).map(drop),
        };
        if let Err(error) = told {
            tracing::debug!(%kind, subject, %error, "the Alerter was not told");
        }
    }
}
