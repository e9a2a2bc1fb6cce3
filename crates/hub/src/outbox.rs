use std::{
    collections::VecDeque,
    sync::{Arc, Weak},
};

use parking_lot::{Mutex, MutexGuard};
use store::Deliverable;
use tokio::sync::Notify;

use crate::{
    close_reason::CloseReason,
    item::Item,
    missed::Missed,
    quiet::Quiet,
    turn::{Flusher, Outlet},
};

/// What waits to be written to one session's client, in order, and what was written and is not acknowledged.
///
/// A place can be reserved before its message is durable: nothing behind it is written until it is released, so the
/// order is the order of reservation. The outbox is bounded in bytes; past the bound the session is closed.
#[derive(Debug)]
pub struct Outbox {
    queue: Mutex<Queue>,
    wake: Notify,
    drained: Notify,
    flusher: Arc<Flusher>,
    quiet: Quiet,
    /// Of a session of the process before: nothing is kept.
    missed: Option<Missed>,
    bytes_max: usize,
}

#[derive(Default)]
struct Queue {
    entries: VecDeque<Entry>,
    /// What writes them; none where somebody waits with [`Outbox::changed`].
    outlet: Option<Weak<dyn Outlet>>,
    /// Whether the outlet has been told of something that it has not taken yet.
    stirred: bool,
    /// Whether somebody waits for room.
    room_wanted: bool,
    /// The ticket of the first entry.
    first: u64,
    /// How many entries at the front were given to the door.
    written: usize,
    /// How many counted items were ever put in since counting began.
    count: u32,
    bytes: usize,
    /// Whether everything is kept until it is acknowledged, or only what must not be lost.
    keeps_all: bool,
    connection: u64,
    /// Whether that connection still serves the session.
    served: bool,
    closed: Option<CloseReason>,
}

struct Entry {
    position: u32,
    held: bool,
    /// Gone once it was written and nothing depends on it.
    item: Option<Item>,
}

/// A place in an [`Outbox`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    ticket: u64,
    /// The item's number among the counted ones.
    pub(crate) position: u32,
}

/// Which connection of a session is reading its outbox; a later one takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionId(u64);

impl Outbox {
    pub(crate) fn new(bytes_max: usize, flusher: Arc<Flusher>) -> Self {
        Self {
            queue: Mutex::default(),
            wake: Notify::new(),
            drained: Notify::new(),
            flusher,
            quiet: Quiet::default(),
            missed: None,
            bytes_max,
        }
    }

    /// That of a session of the process before.
    pub(crate) fn of_old_session(flusher: Arc<Flusher>) -> Self {
        Self { missed: Some(Missed::default()), ..Self::new(0, flusher) }
    }

    /// What nobody kept, where the session is of the process before.
    pub(crate) fn missed(&self) -> Option<&Missed> {
        self.missed.as_ref()
    }

    /// Puts an item at the end, or holds it back while nobody looks at the client. False when the session is closed, or
    /// closes by it.
    pub(crate) fn push(&self, item: Item) -> bool {
        self.quiet.pass(item, |item| self.put(item, false).is_some())
    }

    /// Puts an item at the end that is not written until it is released.
    pub(crate) fn reserve(&self, item: Item) -> Option<Slot> {
        self.quiet.release(|item| self.put(item, false).is_some());
        self.put(item, true)
    }

    /// Holds back what the client need not be woken for, or no longer.
    pub(crate) fn set_quiet(&self, quiet: bool) {
        self.quiet.set(quiet, |item| self.put(item, false).is_some());
    }

    /// Lets a reserved item be written.
    pub(crate) fn release(&self, slot: Slot) {
        self.settle(slot, None);
    }

    /// Puts a harmless item in the place of a reserved one.
    pub(crate) fn cancel(&self, slot: Slot) {
        self.settle(slot, Some(Item::Filler));
    }

    /// Ends the session: its connection learns why once what is before has been written.
    pub(crate) fn close(&self, reason: CloseReason) {
        let mut queue = self.queue.lock();
        queue.closed.get_or_insert(reason);
        // Also whoever was told of something before and has not taken it hears of this.
        queue.stirred = false;
        self.stir(queue);
        self.drained.notify_waiters();
    }

    /// Why the session was closed, if it was.
    pub fn closed(&self) -> Option<CloseReason> {
        self.queue.lock().closed
    }

    /// A connection begins to read; one that read before learns that it was replaced.
    pub(crate) fn attach(&self) -> ConnectionId {
        // The first finds what its client said with its sign-in.
        if self.was_attached() {
            self.set_quiet(false);
        }
        let mut queue = self.queue.lock();
        queue.connection += 1;
        queue.served = true;
        let before = queue.outlet.take().and_then(|outlet| outlet.upgrade());
        let connection = ConnectionId(queue.connection);
        drop(queue);
        self.wake.notify_waiters();
        // The connection before finds out that it is over.
        if let Some(before) = before {
            self.flusher.stir(before);
        }
        connection
    }

    /// Whoever serves the session by this connection is told by its outlet, from now on, when there is something to
    /// take.
    pub fn set_outlet(&self, connection: ConnectionId, outlet: Weak<dyn Outlet>) {
        let mut queue = self.queue.lock();
        if queue.connection == connection.0 {
            queue.outlet = Some(outlet);
            queue.stirred = false;
            self.stir(queue);
        }
    }

    /// From here on, items are counted from one and kept until the client acknowledges them by number. `first` is
    /// written before anything that counts.
    pub(crate) fn count_from_here(&self, first: Item, already: u32) {
        let mut queue = self.queue.lock();
        queue.count = already;
        queue.keeps_all = true;
        for entry in &mut queue.entries {
            entry.position = already;
        }
        drop(queue);
        self.push(first);
    }

    /// Whether items are counted and kept until the client acknowledges them by number.
    pub fn is_counting(&self) -> bool {
        self.queue.lock().keeps_all
    }

    /// Waits until there may be something to take. Two connections may wait; both look after a take-over.
    pub async fn changed(&self) {
        self.wake.notified().await;
    }

    /// Moves what can be written into `out`, at most `limit` items, with each item's number; or says that the
    /// connection is over and why.
    pub fn take(
        &self,
        connection: ConnectionId,
        limit: usize,
        out: &mut Vec<(u32, Item)>,
    ) -> Option<CloseReason> {
        let mut queue = self.queue.lock();
        if queue.connection != connection.0 {
            return Some(CloseReason::Resumed);
        }
        queue.stirred = false;
        let from = out.len();
        while out.len() - from < limit {
            let (written, keeps_all) = (queue.written, queue.keeps_all);
            let Some(entry) = queue.entries.get_mut(written) else { break };
            if entry.held {
                break;
            }
            let position = entry.position;
            let kept = entry
                .item
                .as_ref()
                .is_some_and(|item| if keeps_all { item.is_counted() } else { item.deliverable().is_some() });
            let item = if kept { entry.item.clone() } else { entry.item.take() };
            queue.written += 1;
            if let Some(item) = item {
                if !kept {
                    queue.bytes = queue.bytes.saturating_sub(item.weight());
                }
                out.push((position, item));
            }
        }
        queue.drop_gone();
        queue.release();
        let (full, closed) = (out.len() - from == limit, queue.closed);
        let queue = self.tell_of_room(queue);
        if full {
            self.stir(queue);
            return None;
        }
        closed
    }

    /// Why a connection is not to wait any longer for a client that takes nothing, if it is not: the session is over,
    /// or another connection serves it. Where the service stops it gives its clients as long as it can.
    pub fn over(&self, connection: ConnectionId) -> Option<CloseReason> {
        let queue = self.queue.lock();
        let closed = queue.closed.filter(|reason| *reason != CloseReason::Shutdown);
        if queue.connection == connection.0 { closed } else { Some(CloseReason::Resumed) }
    }

    /// Waits until at least half of the outbox is free, or the session is closed.
    pub(crate) async fn room(&self) {
        loop {
            let drained = self.drained.notified();
            {
                let mut queue = self.queue.lock();
                if queue.bytes <= self.bytes_max / 2 || queue.closed.is_some() {
                    return;
                }
                queue.room_wanted = true;
            }
            drained.await;
        }
    }

    /// The connection that served the session is gone.
    pub(crate) fn detach(&self) {
        self.queue.lock().served = false;
    }

    /// Whether a connection serves the session now.
    pub(crate) fn is_served(&self) -> bool {
        self.queue.lock().served
    }

    /// Whether any connection has served the session.
    pub(crate) fn was_attached(&self) -> bool {
        self.queue.lock().connection > 0
    }

    /// Whether this connection is the one that serves the session.
    pub(crate) fn is_attached(&self, connection: ConnectionId) -> bool {
        self.queue.lock().connection == connection.0
    }

    /// Whether a good part of the outbox is taken up.
    pub fn is_filling(&self) -> bool {
        self.queue.lock().bytes > self.bytes_max / 4
    }

    /// Whether something was written that is kept until the client acknowledges it; the highest such number.
    pub fn unacknowledged(&self) -> Option<u32> {
        let queue = self.queue.lock();
        let written = queue.entries.iter().take(queue.written).rev();
        written.filter(|entry| entry.item.is_some()).map(|entry| entry.position).next()
    }

    /// How many counted items were written since counting began, modulo 2³²: the client cannot have received more.
    pub fn written_count(&self) -> u32 {
        let queue = self.queue.lock();
        match queue.entries.get(queue.written) {
            Some(next) if next.item.as_ref().is_some_and(Item::is_counted) => next.position.wrapping_sub(1),
            Some(next) => next.position,
            None => queue.count,
        }
    }

    /// How many counted items the client has acknowledged, modulo 2³².
    pub fn acknowledged_count(&self) -> u32 {
        let queue = self.queue.lock();
        queue.entries.front().map_or(queue.count, |entry| {
            let counted = entry.item.as_ref().is_some_and(Item::is_counted);
            entry.position.wrapping_sub(u32::from(counted))
        })
    }

    /// Whether the client may have as many as this: no fewer than it has acknowledged, and no more than were written.
    pub(crate) fn can_have(&self, received: u32) -> bool {
        let acknowledged = self.acknowledged_count();
        received.wrapping_sub(acknowledged) <= self.written_count().wrapping_sub(acknowledged)
    }

    /// The client has everything up to this number. Returns what was durable among it.
    pub(crate) fn acknowledge(&self, position: u32) -> Vec<Acknowledged> {
        let mut queue = self.queue.lock();
        let mut durable = Vec::new();
        while queue.written > 0 {
            let Some(entry) = queue.entries.front() else { break };
            if !at_or_before(entry.position, position) {
                break;
            }
            let Some(entry) = queue.pop_front() else { break };
            if let Some(item) = entry.item {
                queue.bytes = queue.bytes.saturating_sub(item.weight());
                durable.extend(Acknowledged::new(entry.position, item));
            }
        }
        queue.release();
        drop(self.tell_of_room(queue));
        durable
    }

    /// Another connection continues: everything written and not acknowledged is written again.
    pub(crate) fn rewind(&self) {
        let mut queue = self.queue.lock();
        let written = queue.written;
        let mut index = 0;
        queue.entries.retain(|entry| {
            let keep = index >= written || entry.item.is_some();
            index += 1;
            keep
        });
        // Tickets of reserved entries stay right because only written entries, which stand before them, were removed.
        queue.first += (index - queue.entries.len()) as u64;
        queue.written = 0;
        self.stir(queue);
    }

    /// Everything that the client has not acknowledged, written or not.
    pub(crate) fn remains(&self) -> Vec<Item> {
        self.queue.lock().entries.iter().filter_map(|entry| entry.item.clone()).collect()
    }

    /// Shows everything that the client has not acknowledged, written or not. It is locked meanwhile.
    pub(crate) fn look(&self, look: impl FnMut(&Item)) {
        self.queue.lock().entries.iter().filter_map(|entry| entry.item.as_ref()).for_each(look);
    }

    fn put(&self, item: Item, held: bool) -> Option<Slot> {
        if let Some(missed) = &self.missed {
            missed.note(&item);
            return None;
        }
        let mut queue = self.queue.lock();
        if queue.closed.is_some() {
            return None;
        }
        queue.bytes += item.weight();
        if queue.bytes > self.bytes_max {
            queue.drop_presence();
        }
        if queue.bytes > self.bytes_max {
            queue.closed = Some(CloseReason::Overflow);
            queue.stirred = false;
            self.stir(queue);
            return None;
        }
        queue.count = queue.count.wrapping_add(u32::from(item.is_counted()));
        let slot = Slot { ticket: queue.first + queue.entries.len() as u64, position: queue.count };
        queue.entries.push_back(Entry { position: slot.position, held, item: Some(item) });
        let first_to_write = queue.written + 1 == queue.entries.len();
        if !held && first_to_write {
            self.stir(queue);
        }
        Some(slot)
    }

    fn settle(&self, slot: Slot, instead: Option<Item>) {
        let mut queue = self.queue.lock();
        let Some(index) = slot.ticket.checked_sub(queue.first).and_then(|index| usize::try_from(index).ok())
        else {
            return;
        };
        let Some(entry) = queue.entries.get_mut(index) else { return };
        entry.held = false;
        if let Some(item) = instead {
            entry.item = Some(item);
        }
        if index == queue.written {
            self.stir(queue);
        }
    }

    /// Has what is ready written.
    fn stir(&self, mut queue: MutexGuard<'_, Queue>) {
        if queue.stirred {
            return;
        }
        match &queue.outlet {
            None => {
                drop(queue);
                self.wake.notify_one();
            }
            Some(outlet) => {
                let outlet = outlet.upgrade();
                queue.stirred = outlet.is_some();
                drop(queue);
                if let Some(outlet) = outlet {
                    self.flusher.stir(outlet);
                }
            }
        }
    }

    fn tell_of_room<'a>(&self, mut queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        if std::mem::take(&mut queue.room_wanted) {
            self.drained.notify_waiters();
        }
        queue
    }
}

/// Something durable that the client acknowledged.
#[derive(Debug)]
pub(crate) struct Acknowledged {
    pub(crate) position: u32,
    pub(crate) what: Deliverable,
    /// Whether the store knows of it, and so must be told.
    pub(crate) stored: bool,
}

impl Acknowledged {
    fn new(position: u32, item: Item) -> Option<Self> {
        let what = item.deliverable()?;
        let stored = match item {
            Item::Message(delivery) => delivery.promise.is_none_or(|promise| promise.acknowledge()),
            _ => true,
        };
        Some(Self { position, what, stored })
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Queue").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

impl Queue {
    fn pop_front(&mut self) -> Option<Entry> {
        let entry = self.entries.pop_front()?;
        self.first += 1;
        self.written = self.written.saturating_sub(1);
        Some(entry)
    }

    /// Whoever waits silently needs no memory for it.
    fn release(&mut self) {
        if self.entries.is_empty() {
            self.entries = VecDeque::new();
        }
    }

    fn drop_gone(&mut self) {
        while self.written > 0 && self.entries.front().is_some_and(|entry| entry.item.is_none()) {
            self.pop_front();
        }
    }

    /// Where a client does not read, presence that is out of date is what it misses least. Numbers must stay right
    /// where they are counted, so there nothing can be left out.
    fn drop_presence(&mut self) {
        if self.keeps_all {
            return;
        }
        let mut latest = std::collections::HashSet::new();
        let mut freed = 0;
        for entry in self.entries.iter_mut().skip(self.written).rev() {
            let Some(Item::Presence(notice)) = &entry.item else { continue };
            if !latest.insert((notice.from.clone(), notice.resource.clone())) {
                freed += entry.item.take().map_or(0, |item| item.weight());
            }
        }
        self.bytes = self.bytes.saturating_sub(freed);
    }
}

/// Whether `position` is `limit` or before it, modulo 2³² (XEP-0198 §4: numbers wrap).
fn at_or_before(position: u32, limit: u32) -> bool {
    limit.wrapping_sub(position) < u32::MAX / 2
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn item(text: &'static str) -> Item {
        Item::Native(Bytes::from_static(text.as_bytes()))
    }

    fn outbox(bytes_max: usize) -> Outbox {
        Outbox::new(bytes_max, Arc::new(Flusher::start()))
    }

    fn taken(outbox: &Outbox, connection: ConnectionId) -> Vec<(u32, String)> {
        let mut out = Vec::new();
        outbox.take(connection, 100, &mut out);
        let text = |item: Item| match item {
            Item::Native(bytes) | Item::Uncounted(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            other => format!("{other:?}"),
        };
        out.into_iter().map(|(position, item)| (position, text(item))).collect()
    }

    #[tokio::test]
    async fn nothing_overtakes_a_message_that_waits_for_the_disk() {
        let outbox = outbox(1 << 20);
        let connection = outbox.attach();
        outbox.push(item("a"));
        let slot = outbox.reserve(item("b")).unwrap();
        outbox.push(item("c"));
        assert_eq!(taken(&outbox, connection), [(1, "a".to_owned())]);
        outbox.release(slot);
        assert_eq!(taken(&outbox, connection), [(2, "b".to_owned()), (3, "c".to_owned())]);
    }

    #[tokio::test]
    async fn a_refused_message_leaves_a_filler_so_that_numbers_stay_right() {
        let outbox = outbox(1 << 20);
        let connection = outbox.attach();
        let slot = outbox.reserve(item("a")).unwrap();
        outbox.push(item("b"));
        outbox.cancel(slot);
        assert_eq!(taken(&outbox, connection), [(1, "Filler".to_owned()), (2, "b".to_owned())]);
    }

    #[tokio::test]
    async fn counted_items_are_kept_until_acknowledged_and_written_again_after_a_break() {
        let outbox = outbox(1 << 20);
        let connection = outbox.attach();
        outbox.push(item("before"));
        outbox.count_from_here(Item::Uncounted(Bytes::from_static(b"enabled")), 0);
        for text in ["one", "two", "three"] {
            outbox.push(item(text));
        }
        let written = taken(&outbox, connection);
        assert_eq!(written.last().unwrap(), &(3, "three".to_owned()));
        assert_eq!(outbox.written_count(), 3);
        outbox.acknowledge(1);
        assert_eq!(outbox.acknowledged_count(), 1);
        let held = outbox.reserve(item("four")).unwrap();
        let second = outbox.attach();
        outbox.rewind();
        assert_eq!(taken(&outbox, connection), []);
        assert_eq!(taken(&outbox, second), [(2, "two".to_owned()), (3, "three".to_owned())]);
        outbox.release(held);
        assert_eq!(taken(&outbox, second), [(4, "four".to_owned())]);
        outbox.acknowledge(4);
        assert_eq!((outbox.acknowledged_count(), outbox.written_count()), (4, 4));
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_is_closed_at_the_bound() {
        let outbox = outbox(2_000);
        let connection = outbox.attach();
        while outbox.push(item("xxxxxxxx")) {}
        assert_eq!(outbox.closed(), Some(CloseReason::Overflow));
        let mut out = Vec::new();
        assert_eq!(outbox.take(connection, 100, &mut out), Some(CloseReason::Overflow));
        assert!(out.len() >= 5);
    }

    #[tokio::test]
    async fn numbers_wrap() {
        assert!(at_or_before(u32::MAX, 3) && !at_or_before(3, u32::MAX) && at_or_before(3, 3));
    }
}
