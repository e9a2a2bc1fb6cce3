use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, OnceLock, Weak},
};

use domain::{Address, AlertId, BrowserSessionId, Protocol};
use jiff::Timestamp;
use parking_lot::Mutex;
use store::StreamId;
use tokio::sync::Notify;

use crate::{
    Hub,
    close_reason::CloseReason,
    directed::Directed,
    item::Item,
    outbox::{ConnectionId, Outbox},
};

/// The number of a session, never used twice while the service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub(crate) u64);

/// One live connection of a device, or one that may come back within the time that resumption allows.
#[derive(Debug)]
pub struct Session {
    id: SessionId,
    address: Address,
    resource: Arc<str>,
    protocol: Protocol,
    source: Mutex<String>,
    browser: Mutex<Option<BrowserSessionId>>,
    since: Timestamp,
    /// What waits for the client.
    pub outbox: Outbox,
    pub(crate) stream: OnceLock<Stream>,
    pub(crate) intake: Mutex<Intake>,
    finished: Notify,
    pub(crate) alerts_given: Mutex<HashSet<AlertId>>,
    pub(crate) directed: Mutex<Directed>,
    /// The rooms that it is in.
    pub(crate) rooms: Mutex<HashSet<Address>>,
    hub: Weak<Hub>,
}

/// What makes a session resumable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    pub(crate) id: StreamId,
    /// Whether it can be resumed in a new process too.
    pub(crate) durable: bool,
}

/// How far the client's stanzas are taken for good.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    received: u32,
    /// The numbers of messages that are on their way to being taken, as they came.
    unfinished: VecDeque<u32>,
    /// Whether somebody waits until there are none.
    settling: bool,
    /// The highest number the store has been asked to remember, and the highest it does.
    submitted: u32,
    durable: u32,
    wanted: Option<u32>,
}

/// So many numbers an idle session may keep room for.
const IDLE_NUMBERS: usize = 16;

impl Intake {
    /// A message is dealt with: mostly it is the first.
    fn forget(&mut self, number: u32) {
        if let Some(index) = self.unfinished.iter().position(|unfinished| *unfinished == number) {
            self.unfinished.remove(index);
        }
        if self.unfinished.is_empty() {
            self.unfinished.shrink_to(IDLE_NUMBERS);
        }
    }
}

/// Who signs in, and how.
#[derive(Clone, Debug)]
pub struct SessionDraft {
    /// Who.
    pub address: Address,
    /// The name the client wants for the session, at most 1,023 bytes; the service may choose another.
    pub resource: Option<String>,
    /// By which protocol.
    pub protocol: Protocol,
    /// The peer's network address, as text.
    pub source: String,
}

impl Session {
    pub(crate) fn new(
        id: SessionId,
        draft: SessionDraft,
        resource: Arc<str>,
        since: Timestamp,
        outbox: Outbox,
        hub: Weak<Hub>,
    ) -> Self {
        Self {
            id,
            address: draft.address,
            resource,
            protocol: draft.protocol,
            source: Mutex::new(draft.source),
            browser: Mutex::default(),
            since,
            outbox,
            stream: OnceLock::new(),
            intake: Mutex::default(),
            finished: Notify::new(),
            alerts_given: Mutex::default(),
            directed: Mutex::default(),
            rooms: Mutex::default(),
            hub,
        }
    }

    /// Its number.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// Whose it is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Its name among the person's sessions.
    pub fn resource(&self) -> &Arc<str> {
        &self.resource
    }

    /// The protocol its client speaks.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The peer's network address; the newest, where the session was resumed from elsewhere.
    pub fn source(&self) -> String {
        self.source.lock().clone()
    }

    /// The browser by whose sign-in it was opened; none where it was opened otherwise.
    pub fn browser(&self) -> Option<BrowserSessionId> {
        *self.browser.lock()
    }

    /// Says by which sign-in of a browser it was opened, or taken over: it ends with that.
    pub fn set_browser(&self, browser: Option<BrowserSessionId>) {
        *self.browser.lock() = browser;
    }

    pub(crate) fn moved_to(&self, source: String) {
        *self.source.lock() = source;
    }

    /// Since when it is there.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// A connection begins to serve the session; one that did before is over, and nothing it reads counts any more.
    pub fn attach(&self) -> ConnectionId {
        let _intake = self.intake.lock();
        self.outbox.attach()
    }

    /// Ends the session from inside.
    pub fn close(&self, reason: CloseReason) {
        self.outbox.close(reason);
    }

    /// Puts bytes made by the session's own door behind everything that waits.
    pub fn push(&self, item: Item) -> bool {
        self.outbox.push(item)
    }

    /// Whether the client may resume it after a break.
    pub fn is_resumable(&self) -> bool {
        self.stream.get().is_some()
    }

    /// Makes the session resumable. Only the first call counts.
    pub(crate) fn set_stream(&self, stream: Stream) {
        self.stream.get_or_init(|| stream);
    }

    /// The stream, where it outlives the process.
    pub(crate) fn durable_stream(&self) -> Option<StreamId> {
        self.stream.get().filter(|stream| stream.durable).map(|stream| stream.id)
    }

    /// The next of the client's stanzas has come by this connection: its number, unless another connection has
    /// taken over.
    pub fn received(&self, connection: ConnectionId) -> Option<u32> {
        let mut intake = self.intake.lock();
        if !self.outbox.is_attached(connection) {
            return None;
        }
        intake.received = intake.received.wrapping_add(1);
        Some(intake.received)
    }

    /// How many of the client's stanzas have come.
    pub fn received_count(&self) -> u32 {
        self.intake.lock().received
    }

    pub(crate) fn restore_received(&self, received: u32) {
        let mut intake = self.intake.lock();
        (intake.received, intake.submitted, intake.durable) = (received, received, received);
    }

    /// A stanza's message is being stored and its number with it.
    pub(crate) fn begin(&self, number: u32) {
        let durable = self.durable_stream().is_some();
        let mut intake = self.intake.lock();
        if intake.unfinished.back() != Some(&number) {
            intake.unfinished.push_back(number);
        }
        if durable {
            intake.submitted = number;
        }
    }

    /// A stanza is dealt with for good; `stored` says whether its number is on the disk with it. Returns a number
    /// that the store has to remember because the client waits for it and nothing else will.
    pub(crate) fn finish(&self, number: u32, stored: bool) -> Option<u32> {
        let durable = self.durable_stream().is_some();
        let mut intake = self.intake.lock();
        intake.forget(number);
        if std::mem::take(&mut intake.settling) {
            self.finished.notify_waiters();
        }
        if stored {
            intake.durable = number;
        } else if durable && intake.submitted == number {
            intake.submitted = intake.wanted.unwrap_or(intake.durable);
            if let Some(wanted) = intake.wanted {
                return Some(wanted);
            }
        }
        self.acknowledge_if_wanted(&mut intake);
        None
    }

    /// The client asks how much is taken. Answers as soon as everything that came is taken for good. Returns the
    /// number that the store has to remember first, if it has not been asked to.
    pub(crate) fn want_acknowledgement(&self) -> Option<u32> {
        let durable = self.durable_stream().is_some();
        let mut intake = self.intake.lock();
        let received = intake.received;
        intake.wanted = Some(received);
        if durable && intake.submitted != received {
            intake.submitted = received;
            return Some(received);
        }
        self.acknowledge_if_wanted(&mut intake);
        None
    }

    /// Has the store remember how much is taken, because the client waits for it.
    pub(crate) fn remember_received(self: Arc<Self>, number: u32) {
        if let Some(hub) = self.hub.upgrade() {
            hub.remember_received(self, number);
        }
    }

    pub(crate) fn remembered(&self, number: u32) {
        let mut intake = self.intake.lock();
        intake.durable = number;
        self.acknowledge_if_wanted(&mut intake);
    }

    /// Waits until every message that came is taken for good or refused.
    pub(crate) async fn settled(&self) {
        loop {
            let finished = self.finished.notified();
            {
                let mut intake = self.intake.lock();
                if intake.unfinished.is_empty() {
                    return;
                }
                intake.settling = true;
            }
            finished.await;
        }
    }

    fn acknowledge_if_wanted(&self, intake: &mut Intake) {
        let Some(wanted) = intake.wanted else { return };
        let finished =
            intake.unfinished.front().is_none_or(|first| wanted.wrapping_sub(*first) > u32::MAX / 2);
        let durable = self.durable_stream().is_none() || wanted.wrapping_sub(intake.durable) as i32 <= 0;
        if finished && durable {
            intake.wanted = None;
            self.outbox.push(Item::Acknowledgement(wanted));
        }
    }
}
