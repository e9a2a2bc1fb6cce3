use std::sync::atomic::{AtomicBool, Ordering};

use crate::Item;

/// What a session of the process before would have been given since. Nobody keeps it: the client that comes back finds
/// in the store what is pending for it, and is told again who is here. A client that lacks anything else must begin
/// anew, because it believes to have everything (XEP-0198 §5).
#[derive(Debug, Default)]
pub(crate) struct Missed {
    copies: AtomicBool,
    blocks: AtomicBool,
    rest: AtomicBool,
}

impl Missed {
    /// Notes what there is no place for.
    pub(crate) fn note(&self, item: &Item) {
        let missed = match item {
            Item::Carbon { message, .. } if message.is_durable() => &self.copies,
            Item::Blocks(_) => &self.blocks,
            Item::Contact { .. }
            | Item::ContactRemoved { .. }
            | Item::AlertAnswered { .. }
            | Item::AlertEnded(_) => &self.rest,
            Item::Presence(notice) if !notice.available => &self.rest,
            // Pending, said again, for nobody who is not there, or of the moment.
            _ => return,
        };
        missed.store(true, Ordering::Release);
    }

    /// Whether a client lacks something that it has asked for.
    pub(crate) fn is_lacked(&self, wants_copies: bool, hears_blocks: bool) -> bool {
        let missed = |what: &AtomicBool| what.load(Ordering::Acquire);
        missed(&self.rest) || wants_copies && missed(&self.copies) || hears_blocks && missed(&self.blocks)
    }
}
