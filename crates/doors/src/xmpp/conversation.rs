use std::{ops::Deref, pin::Pin, sync::Arc};

use tokio::time::Sleep;

use super::{input::Input, link::Link};
use crate::{network::Admitted, pace::Pace, transport::Reading};

/// How many seconds' worth of stanzas a client may send at once.
const BURST_SECONDS: u32 = 5;

/// One connection of a session, from signing in to its end, as the task sees it that reads from the client.
pub(super) struct Conversation {
    pub(super) link: Arc<Link>,
    pub(super) reading: Reading,
    pub(super) input: Input,
    /// How fast the client may send.
    pub(super) pace: Pace,
    /// Until when nothing more is read of a client that sends too fast.
    pub(super) held: Option<Pin<Box<Sleep>>>,
    /// The place that the connection has among all connections, which is given back when it is over.
    _admitted: Admitted,
}

impl Conversation {
    pub(super) fn new(link: Arc<Link>, reading: Reading, input: Input, admitted: Admitted) -> Self {
        let rate = link.door.settings.stanzas_per_second_max;
        let pace = Pace::new(rate, rate.saturating_mul(BURST_SECONDS));
        Self { link, reading, input, pace, held: None, _admitted: admitted }
    }
}

impl Deref for Conversation {
    type Target = Link;

    fn deref(&self) -> &Link {
        &self.link
    }
}
