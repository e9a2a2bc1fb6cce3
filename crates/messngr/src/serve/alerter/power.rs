use std::{collections::BTreeSet, time::Duration};

use domain::{
    Severity,
    alerter::{ConditionKind, Details},
};
use doors::upsd::{self, Power, Supply};
use tokio::time::sleep;

use super::Watch;

/// How often power supplies are asked for where somebody answers.
const INTERVAL: Duration = Duration::from_secs(5);
/// How often it is tried where nobody does.
const AGAIN: Duration = Duration::from_secs(60);

/// Asks again and again how the power supplies are.
pub(super) async fn look(watch: &Watch, host: &str, port: u16) {
    let mut on_battery = BTreeSet::new();
    let mut answered = false;
    loop {
        match upsd::ask(&watch.gate, host, port).await {
            Ok(supplies) => {
                if !answered {
                    tracing::info!(host, port, supplies = supplies.len(), "power supplies are looked at");
                }
                answered = true;
                let names: Vec<String> = supplies.iter().map(|supply| supply.name.clone()).collect();
                watch.hub.look_after_only(ConditionKind::OnBattery, &names);
                // One that nobody knows any more gives no power.
                on_battery.retain(|name| {
                    let is_known = names.contains(name);
                    if !is_known {
                        watch.tell_severity(ConditionKind::OnBattery, name, None, Details::None);
                    }
                    is_known
                });
                for supply in supplies {
                    tell(watch, &supply, &mut on_battery);
                }
            }
            Err(error) if answered => {
                tracing::warn!(host, port, %error, "power supplies cannot be looked at any more");
                answered = false;
            }
            Err(error) => tracing::debug!(host, port, %error, "no power supplies are looked at"),
        }
        // While one is on battery, the network may come and go.
        sleep(if answered || !on_battery.is_empty() { INTERVAL.min(watch.interval) } else { AGAIN }).await;
    }
}

/// Says how a power supply is. One that does not say is as it was.
fn tell(watch: &Watch, supply: &Supply, on_battery: &mut BTreeSet<String>) {
    let kind = ConditionKind::OnBattery;
    match supply.power {
        Power::Battery { low } => {
            on_battery.insert(supply.name.clone());
            let severity = if low { Severity::Severe } else { kind.severity() };
            watch.tell_severity(kind, &supply.name, Some(severity), Details::Battery { low });
        }
        Power::Mains => {
            on_battery.remove(&supply.name);
            watch.tell_severity(kind, &supply.name, None, Details::None);
        }
        Power::Unknown => {}
    }
}
