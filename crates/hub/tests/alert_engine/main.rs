//! What the alert engine does by time and by other people's hands, on a clock that the tests move.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

mod hands;
mod large;
mod proof;
mod schedules;
mod time;
mod waiting;

use std::sync::Arc;

use domain::{Alert, AlertDraft, AlertId, AlertStatus, Severity};
use hub::Item;
use jiff::SignedDuration;
use testkit::{Guest, House};
use tokio::task::JoinHandle;

pub(crate) async fn house() -> House {
    let house = House::open().await;
    for name in ["admin", "second"] {
        house.add_administrator(name).await;
    }
    for name in ["anna", "bert", "carl"] {
        house.add(name).await;
    }
    house
}

/// Runs what time brings until the house is restarted.
pub(crate) fn run(house: &House) -> JoinHandle<()> {
    let hub = house.hub.clone();
    tokio::spawn(async move { hub.run_alerts().await })
}

pub(crate) fn draft(house: &House, audience: &str, headline: &str) -> AlertDraft {
    let severity = Severity::Severe;
    AlertDraft { severity, ..AlertDraft::new(house.address("admin"), audience.parse().unwrap(), headline) }
}

pub(crate) fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

pub(crate) async fn next_alert(guest: &Guest) -> Arc<Alert> {
    guest.next_that(|item| if let Item::Alert(alert) = item { Some(alert.clone()) } else { None }).await
}

pub(crate) async fn next_ended(guest: &Guest) -> Arc<Alert> {
    guest.next_that(|item| if let Item::AlertEnded(alert) = item { Some(alert.clone()) } else { None }).await
}

pub(crate) async fn next_again(guest: &Guest) -> u32 {
    guest
        .next_that(|item| if let Item::AlertAgain { number, .. } = item { Some(*number) } else { None })
        .await
}

pub(crate) fn has_alert(guest: &Guest) -> bool {
    guest.waiting().iter().any(|(_, item)| matches!(item, Item::Alert(_)))
}

pub(crate) async fn status(house: &House, id: AlertId) -> AlertStatus {
    house.hub.alert(id).await.unwrap().status(house.clock.now())
}

/// Waits until the store has what a condition on an alert asks for.
pub(crate) async fn until(house: &House, id: AlertId, wanted: impl Fn(&Alert) -> bool) -> Alert {
    let found = async {
        loop {
            let alert = house.hub.alert(id).await.unwrap();
            if wanted(&alert) {
                return alert;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), found).await.unwrap()
}

/// Waits until everything that is due is done; all alerts.
pub(crate) async fn nothing_due(house: &House) -> Vec<Alert> {
    let done = async {
        loop {
            let (alerts, now) = (house.hub.store().alerts(false, 1_000).await.unwrap(), house.clock.now());
            let due = alerts.iter().any(|alert| alert.next_step().is_some_and(|(at, _)| at <= now));
            if !due && house.hub.schedules().iter().all(|schedule| schedule.next_at.unwrap() > now) {
                return alerts;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), done).await.unwrap()
}
