use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::Address;
use parking_lot::Mutex;

use crate::{Item, PresenceNotice};

/// How many who left are remembered; with more the client begins anew.
const LEFT_MAX: usize = 1_000;

/// A person, and which of their sessions.
type Resource = (Address, Arc<str>);

/// What a session of the process before would have been given since. Nobody keeps it: the client that comes back finds
/// in the store what is pending for it, and is told again who is here. A client that lacks anything else must begin
/// anew, because it believes to have everything (XEP-0198 §5).
#[derive(Debug, Default)]
pub(crate) struct Missed {
    copies: AtomicBool,
    blocks: AtomicBool,
    rest: AtomicBool,
    /// Who was here when the process before ended, and has left: nobody else tells the client.
    left: Mutex<HashMap<Resource, Arc<PresenceNotice>>>,
}

impl Missed {
    /// Notes what there is no place for.
    pub(crate) fn note(&self, item: &Item) {
        let missed = match item {
            Item::Presence(notice) => return self.note_presence(notice),
            Item::Carbon { message, .. } if message.is_durable() => &self.copies,
            Item::Blocks(_) => &self.blocks,
            Item::Contact { .. }
            | Item::ContactRemoved { .. }
            | Item::AlertAnswered { .. }
            | Item::AlertEnded(_) => &self.rest,
            // Pending, said again, for nobody who is not there, or of the moment.
            _ => return,
        };
        missed.store(true, Ordering::Release);
    }

    /// Notes that there was something to copy, or to find in the store, that is not there any more.
    pub(crate) fn note_copy(&self) {
        self.copies.store(true, Ordering::Release);
    }

    /// Whether a client lacks something that it has asked for, and that nobody will tell it.
    pub(crate) fn is_lacked(&self, wants_copies: bool, hears_blocks: bool) -> bool {
        let missed = |what: &AtomicBool| what.load(Ordering::Acquire);
        missed(&self.rest) || wants_copies && missed(&self.copies) || hears_blocks && missed(&self.blocks)
    }

    /// Who has left and has not come again: to be told to the client that comes back.
    pub(crate) fn left(&self) -> Vec<Item> {
        std::mem::take(&mut *self.left.lock()).into_values().map(Item::Presence).collect()
    }

    fn note_presence(&self, notice: &Arc<PresenceNotice>) {
        let mut left = self.left.lock();
        let who = (notice.from.clone(), notice.resource.clone());
        if notice.available {
            left.remove(&who);
        } else if left.len() < LEFT_MAX {
            left.insert(who, notice.clone());
        } else {
            self.rest.store(true, Ordering::Release);
        }
    }
}
