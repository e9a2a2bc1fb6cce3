use std::{ops::Deref, sync::Arc};

use super::link::Link;

/// One connection of a session, from signing in to its end, as the task sees it that reads from the client.
pub(super) struct Conversation {
    pub(super) link: Arc<Link>,
}

impl Conversation {
    pub(super) fn new(link: Arc<Link>) -> Self {
        Self { link }
    }
}

impl Deref for Conversation {
    type Target = Link;

    fn deref(&self) -> &Link {
        &self.link
    }
}
