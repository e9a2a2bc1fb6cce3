use std::{ops::Deref, pin::Pin, sync::Arc};

use tokio::time::Sleep;

use super::{link::Link, pace::Pace};

/// How many seconds' worth of stanzas a client may send at once.
const BURST_SECONDS: u32 = 5;

/// One connection of a session, from signing in to its end, as the task sees it that reads from the client.
pub(super) struct Conversation {
    pub(super) link: Arc<Link>,
    /// How fast the client may send.
    pub(super) pace: Pace,
    /// Until when nothing more is read of a client that sends too fast.
    pub(super) held: Option<Pin<Box<Sleep>>>,
}

impl Conversation {
    pub(super) fn new(link: Arc<Link>) -> Self {
        let rate = link.door.settings.stanzas_per_second_max;
        Self { link, pace: Pace::new(rate, rate.saturating_mul(BURST_SECONDS)), held: None }
    }
}

impl Deref for Conversation {
    type Target = Link;

    fn deref(&self) -> &Link {
        &self.link
    }
}
