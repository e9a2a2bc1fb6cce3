use std::net::{IpAddr, Ipv4Addr};

use hub::StrangerRefusal;
use tokio::time::Instant;

use super::WindowsDoor;

/// Under which the lines of the log are counted: nobody has this address.
const EVERYBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl WindowsDoor {
    /// Counts what is not taken. Each has a line in the log of those who look for it (`debug`); everybody else reads of one
    /// of them a minute, and how many there were, so that a flood does not fill the log.
    pub(super) fn refuse(&self, source: IpAddr, why: StrangerRefusal) {
        let refused = &self.hub.counters().strangers_refused;
        refused.count(why);
        let reason = why.name();
        tracing::debug!(%source, reason, "something of an old machine was refused");
        // Whoever calls a name that nobody has is no news.
        if why != StrangerRefusal::Nobody && self.told.take(EVERYBODY, Instant::now().into_std()) {
            let since_the_start: u64 = refused.values().into_iter().map(|(_, count)| count).sum();
            tracing::warn!(%source, reason, since_the_start, "messages of old machines are refused");
        }
    }

    /// Whether anybody at this address is listened to at all.
    pub(super) fn hears(&self, source: IpAddr) -> bool {
        let blocked = self.hub.settings().strangers.blocks_source(source);
        if blocked {
            self.refuse(source, StrangerRefusal::Blocked);
        }
        !blocked
    }
}
