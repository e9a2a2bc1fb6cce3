//! What the Alerter hears of at the doors.

use std::sync::Arc;

use domain::alerter::ConditionKind;
use hub::Hub;

use crate::network::{Gate, Refusal};

/// Has the Alerter hear of whom the gate refuses.
pub fn hear_of_refusals(hub: &Arc<Hub>, gate: &Gate) {
    // The hub holds what holds the gate.
    let hub = Arc::downgrade(hub);
    gate.set_observer(Box::new(move |address, refusal, account| {
        let Some(hub) = hub.upgrade() else { return };
        let source = hub::source_text(address);
        match refusal {
            Refusal::Outside => hub.condition_happened(ConditionKind::RefusedSource, &source),
            Refusal::Connections => hub.condition_happened(ConditionKind::ConnectionLimit, ""),
            Refusal::ConnectionsOfAddress => hub.condition_happened(ConditionKind::ConnectionLimit, &source),
            Refusal::ConnectionsOfAccount => {
                hub.condition_happened(ConditionKind::SessionLimit, account.unwrap_or_default());
            }
        }
    }));
}
