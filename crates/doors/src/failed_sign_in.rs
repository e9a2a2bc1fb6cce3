use std::{net::IpAddr, sync::Arc};

use hub::Hub;

use crate::network::Gate;

/// What the audit log calls it that an address has to wait.
const ACTION: &str = "sign-in.locked-out";

/// Counts a sign-in that failed. Where its address has to wait from now on, the service's log and the audit log say so,
/// once for each such time. A name is told only where it is somebody's: people type passwords into the wrong field.
pub(crate) fn note(hub: &Arc<Hub>, gate: &Gate, source: IpAddr, name: Option<&str>) {
    hub.sign_in_failed(source, name);
    if gate.failed(source) {
        locked_out(hub, gate, source, name);
    }
}

/// Says that an address has to wait from now on.
pub(crate) fn locked_out(hub: &Arc<Hub>, gate: &Gate, source: IpAddr, name: Option<&str>) {
    let account = name.and_then(|name| hub.account_named(name).ok());
    let account = account.map_or_else(|| "no account".to_owned(), |account| account.address.to_string());
    let source = source.to_canonical();
    tracing::warn!(%source, account, "too many sign-ins from this address have failed: it has to wait for a minute");
    if !gate.may_note() {
        return;
    }
    let hub = hub.clone();
    tokio::spawn(async move {
        if let Err(error) = hub.note("service", ACTION, &source.to_string(), &account).await {
            tracing::warn!(%error, "that an address has to wait is not in the audit log");
        }
    });
}
