//! Who watches what becomes of which alert.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use ::api::{events::Event, reports::CountsView};
use domain::{AlertId, AlertStatus};
use hub::{Counts, Hub};
use parking_lot::Mutex;
use tokio::{sync::Notify, task::AbortHandle};

use super::link::Link;
use crate::api::Problem;

/// How often what is watched is looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// How many alerts one client may watch.
const WATCHED_MAX: usize = 20;

/// What becomes of alerts, for those who watch: one task looks, and nobody looks at what nobody watches.
pub(super) struct Reports {
    shared: Arc<Shared>,
    task: AbortHandle,
}

/// Where an alert stands, and how many stand where.
pub(super) type Standing = (AlertStatus, Counts);

#[derive(Default)]
struct Shared {
    watched: Mutex<BTreeMap<AlertId, Watched>>,
    added: Notify,
}

#[derive(Default)]
struct Watched {
    links: Vec<Weak<Link>>,
    /// What they were told last.
    told: Option<Standing>,
}

impl Reports {
    /// Begins on the runtime that this is called in.
    pub(super) fn start(hub: Arc<Hub>) -> Self {
        let shared = Arc::<Shared>::default();
        let task = tokio::spawn(run(hub, shared.clone())).abort_handle();
        Self { shared, task }
    }

    /// A client watches an alert from now on. It knows where it stands now.
    ///
    /// # Errors
    /// It watches as many as one client may.
    pub(super) fn watch(&self, alert: AlertId, link: &Arc<Link>, standing: Standing) -> Result<(), Problem> {
        let link = Arc::downgrade(link);
        let mut all = self.shared.watched.lock();
        let own = |watched: &&Watched| watched.links.iter().any(|other| other.ptr_eq(&link));
        if all.values().filter(own).count() >= WATCHED_MAX {
            return Err(Problem::invalid(format!("a client watches at most {WATCHED_MAX} alerts")));
        }
        let watched = all.entry(alert).or_default();
        watched.told.get_or_insert(standing);
        if !watched.links.iter().any(|other| other.ptr_eq(&link)) {
            watched.links.push(link);
        }
        drop(all);
        self.shared.added.notify_one();
        Ok(())
    }

    /// A client does not watch an alert any more.
    pub(super) fn leave(&self, alert: AlertId, link: &Arc<Link>) {
        let link = Arc::downgrade(link);
        if let Some(watched) = self.shared.watched.lock().get_mut(&alert) {
            watched.links.retain(|other| !other.ptr_eq(&link));
        }
    }
}

impl Drop for Reports {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a client is told of where an alert stands.
pub(super) fn event(alert: AlertId, (status, counts): Standing) -> Event {
    let Counts { recipients, pending, delivered, seen, confirmed, late } = counts;
    let counts = CountsView { recipients, pending, delivered, seen, confirmed, late };
    Event::Report { alert, status, counts }
}

async fn run(hub: Arc<Hub>, shared: Arc<Shared>) {
    loop {
        let alerts: Vec<AlertId> = shared.watched.lock().keys().copied().collect();
        if alerts.is_empty() {
            shared.added.notified().await;
            continue;
        }
        for alert in alerts {
            match hub.alert_counts(alert).await {
                Ok(standing) => shared.tell(alert, standing),
                Err(error) => tracing::debug!(%alert, %error, "a report could not be looked at"),
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

impl Shared {
    /// Tells those who watch an alert where it stands now, if that is news. What nobody watches any more is forgotten.
    fn tell(&self, alert: AlertId, standing: Standing) {
        let mut all = self.watched.lock();
        let Some(watched) = all.get_mut(&alert) else { return };
        watched.links.retain(|link| link.strong_count() > 0);
        if watched.links.is_empty() {
            all.remove(&alert);
            return;
        }
        if watched.told.replace(standing) == Some(standing) {
            return;
        }
        let links: Vec<Arc<Link>> = watched.links.iter().filter_map(Weak::upgrade).collect();
        drop(all);
        let event = event(alert, standing);
        for link in links {
            link.tell(&event);
        }
    }
}
