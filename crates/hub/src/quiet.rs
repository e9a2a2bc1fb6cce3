use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::{Address, Content, Sender};
use parking_lot::Mutex;

use crate::{CarbonDirection, Item, Session};

/// How many items are held back at most; then all are let go.
const HELD_MAX: usize = 1_000;

/// What a client is not woken for while nobody looks at it (XEP-0352): who comes and goes, and who is typing. Of each
/// the newest is held back until somebody looks again, or something goes to the client that is worth it.
#[derive(Debug, Default)]
pub(crate) struct Quiet {
    on: AtomicBool,
    held: Mutex<Vec<Item>>,
}

/// What an item replaces where it is held back.
#[derive(PartialEq, Eq)]
enum Subject {
    Presence(Address, Arc<str>),
    Typing(Sender, Address, Option<CarbonDirection>),
}

impl Quiet {
    /// Holds an item back, or puts it after what was held back before it. Says whether it was held or put.
    pub(crate) fn pass(&self, item: Item, put: impl Fn(Item) -> bool) -> bool {
        if !self.is_on() {
            return put(item);
        }
        // An acknowledgement is no news.
        if !item.is_counted() {
            return put(item);
        }
        let mut held = self.held.lock();
        // Somebody may have begun to look meanwhile.
        let Some(about) = subject(&item).filter(|_| self.is_on()) else {
            put_all(&mut held, &put);
            return put(item);
        };
        held.retain(|older| subject(older).as_ref() != Some(&about));
        held.push(item);
        if held.len() > HELD_MAX {
            put_all(&mut held, &put);
        }
        true
    }

    /// Puts what is held back: something worth it follows.
    pub(crate) fn release(&self, put: impl Fn(Item) -> bool) {
        if self.is_on() {
            put_all(&mut self.held.lock(), &put);
        }
    }

    /// Begins to hold back, or puts what was and ends.
    pub(crate) fn set(&self, on: bool, put: impl Fn(Item) -> bool) {
        let mut held = self.held.lock();
        self.on.store(on, Ordering::Release);
        if !on {
            put_all(&mut held, &put);
            held.shrink_to_fit();
        }
    }

    fn is_on(&self) -> bool {
        self.on.load(Ordering::Acquire)
    }
}

impl Session {
    /// The client says whether somebody looks at it (XEP-0352). A new connection begins with somebody looking.
    pub fn set_inactive(&self, inactive: bool) {
        self.outbox.set_quiet(inactive);
    }
}

fn put_all(held: &mut Vec<Item>, put: &impl Fn(Item) -> bool) {
    for item in held.drain(..) {
        put(item);
    }
}

/// None where the item is worth waking the client for.
fn subject(item: &Item) -> Option<Subject> {
    let typing = |message: &domain::Message, direction| {
        let is_typing = matches!(message.content, Content::Typing { .. });
        is_typing.then(|| Subject::Typing(message.sender.clone(), message.recipient.clone(), direction))
    };
    match item {
        Item::Presence(notice) => Some(Subject::Presence(notice.from.clone(), notice.resource.clone())),
        Item::Message(delivery) => typing(&delivery.message, None),
        Item::Carbon { message, direction, .. } => typing(message, Some(*direction)),
        _ => None,
    }
}
