//! The event stream: what a person's browser, or a program that speaks as them, hears and says as it happens, by a
//! WebSocket ([`::api::events`] has the words).
//!
//! Whoever opens it is a session of the hub like any other. The numbers of what is sent to it are places in its outbox,
//! so that it can be resumed after a break, also in a new process, and nothing is lost or doubled; what it says is told
//! by its own ids. A connection that waits owns no buffer and no timer.

mod close;
mod conversation;
mod incoming;
mod limits;
mod link;
mod opening;
mod outgoing;
mod problem;
mod reports;
pub(crate) mod rooms;
mod tickets;

use std::{sync::Arc, time::Duration};

use hub::Hub;
pub use limits::EventLimits;
pub(crate) use opening::{Opened, open};
pub(crate) use outgoing::{message_view, room_message_view};
use parking_lot::RwLock;
pub(crate) use tickets::{TICKET_SECONDS, Tickets};

use crate::line::Line;

/// How often each connection is looked at.
const ROUND: Duration = Duration::from_secs(15);

/// What all event streams share.
pub(crate) struct Events {
    hub: Arc<Hub>,
    limits: RwLock<EventLimits>,
    rounds: Line<link::Link>,
    tickets: Tickets,
    reports: reports::Reports,
}

impl Events {
    /// What event streams need of this hub. What they do beside their connections, they do on the runtime that this is
    /// called in.
    pub(crate) fn new(hub: Arc<Hub>) -> Arc<Self> {
        let rounds = Line::start(ROUND, link::Link::look);
        let reports = reports::Reports::start(hub.clone());
        Arc::new(Self { hub, limits: RwLock::default(), rounds, tickets: Tickets::default(), reports })
    }

    /// Sets what clients may send; streams that are open keep what they have.
    pub(crate) fn set_limits(&self, limits: EventLimits) {
        *self.limits.write() = limits;
    }

    /// What stands for credentials where there can be none.
    pub(crate) fn tickets(&self) -> &Tickets {
        &self.tickets
    }

    fn limits(&self) -> EventLimits {
        *self.limits.read()
    }
}
