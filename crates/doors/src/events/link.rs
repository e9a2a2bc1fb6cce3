use std::{
    cell::RefCell,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use ::api::events::Event;
use bytes::Bytes;
use domain::{AlertSight, Need, Token};
use futures_util::task::AtomicWaker;
use hub::{CloseReason, ConnectionId, Item, Session, turn::Outlet};
use parking_lot::{Mutex, MutexGuard};

use super::{Events, Opened, outgoing};
use crate::{api::Problem, line::Looked, transport::Writing};

/// How many items are rendered and written at a time.
const BATCH: usize = 64;

/// How much of its buffer a thread keeps.
const BUFFER_KEPT: usize = 256 * 1024;

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::default();
}

#[derive(Default)]
struct Buffers {
    items: Vec<(u32, Item)>,
    bytes: Vec<u8>,
}

/// The way from a session to its client by one connection. Whoever has put something into the session's outbox writes
/// it, from any thread; only what the socket does not take waits for the connection's own task.
pub(super) struct Link {
    pub(super) events: Arc<Events>,
    pub(super) session: Arc<Session>,
    pub(super) connection: ConnectionId,
    /// The token by which it was opened, where it was one: without it the session ends.
    token: Option<Arc<Token>>,
    heard: AtomicBool,
    writing: Writing,
    output: Mutex<Output>,
    task: AtomicWaker,
}

#[derive(Default)]
struct Output {
    /// What the socket has not taken yet.
    rest: Vec<u8>,
    /// What the newest ping that was not answered yet has said.
    pinged: Option<Vec<u8>>,
    over: Option<Over>,
    /// For how many rounds the client has said nothing, and taken nothing of what it was sent.
    silent: u8,
    stuck: u8,
}

/// Why nothing more is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The connection is gone.
    Lost,
    /// The client has said nothing for long, and did not answer.
    Silent,
    /// The session was closed from inside, and everything before that is written.
    Closed(CloseReason),
}

/// A client that says nothing for so many rounds is pinged, and given as long again to answer.
const SILENT_MAX: u8 = 4;

/// For how many rounds a client may take none of what is written to it.
const STUCK_MAX: u8 = 4;

impl Link {
    /// A connection takes a session over, and its client is told so.
    pub(super) fn new(events: Arc<Events>, opened: Opened, writing: Writing) -> Arc<Self> {
        let Opened { session, token, ready } = opened;
        let connection = session.attach();
        let link = Arc::new(Self {
            events,
            session,
            connection,
            token,
            heard: AtomicBool::new(true),
            writing,
            output: Mutex::default(),
            task: AtomicWaker::new(),
        });
        let mut first = Vec::new();
        outgoing::event(None, &ready, &mut first);
        link.transmit(&mut link.output.lock(), &first);
        let this = Arc::downgrade(&link);
        link.session.outbox.set_outlet(connection, this.clone() as Weak<dyn Outlet>);
        link.events.rounds.put(this);
        link
    }

    /// Tells the client something that it need not acknowledge, behind everything that waits.
    pub(super) fn tell(&self, event: &Event) {
        let json = serde_json::to_vec(event).unwrap_or_default();
        self.session.push(Item::Uncounted(Bytes::from(json)));
    }

    /// Which alerts the client sees, as its person and its token are now: a token that may read all of them.
    pub(super) fn alert_sight(&self) -> Result<AlertSight, Problem> {
        let missing = || Problem::missing_scope(Need::SeeAlerts);
        let account = self.events.hub.account(self.session.address()).ok_or_else(missing)?;
        match &self.token {
            Some(token) if token.scopes.allow(&account, Need::SeeAlerts) => Ok(AlertSight::All),
            Some(_) => Err(missing()),
            None => {
                let rights = self.events.hub.rights(&account.address);
                domain::alert_sight(&account, &rights).map_err(|_| missing())
            }
        }
    }

    /// The client has said something.
    pub(super) fn hear(&self) {
        self.heard.store(true, Ordering::Relaxed);
    }

    /// The client wants to know whether we are there.
    pub(super) fn pinged(&self, said: Vec<u8>) {
        let mut output = self.output.lock();
        output.pinged = Some(said);
        if output.is_free() {
            self.write(&mut output);
        }
    }

    /// Waits until nothing more is written, writing on meanwhile what the socket did not take.
    pub(super) fn poll_over(&self, context: &mut Context<'_>) -> Poll<Over> {
        self.task.register(context.waker());
        loop {
            let mut output = self.output.lock();
            if let Some(over) = output.over {
                return Poll::Ready(over);
            }
            if output.rest.is_empty() {
                return Poll::Pending;
            }
            match self.writing.poll_writable(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(result) => {
                    let result = result.and_then(|()| self.writing.write_rest(&mut output.rest));
                    output.stuck = 0;
                    if result.is_err() {
                        output.over = Some(Over::Lost);
                    } else if output.rest.is_empty() {
                        self.write(&mut output);
                    }
                }
            }
        }
    }

    /// Stops writing. What was begun and not written is handed out, with the way to write it.
    pub(super) fn stop(&self, with_what_waits: bool) -> (Vec<u8>, &Writing) {
        let mut output = self.output.lock();
        if with_what_waits && output.is_free() {
            self.write(&mut output);
        }
        output.over.get_or_insert(Over::Lost);
        (std::mem::take(&mut output.rest), &self.writing)
    }

    /// Looks after a connection from time to time: a client that says nothing for long is pinged, one that does not
    /// answer, or takes nothing of what it is sent, is given up, and one whose token or browser is gone is signed out.
    pub(super) fn look(&self) -> Looked {
        let mut output = self.output.lock();
        if output.over.is_some() {
            return Looked::Over;
        }
        let heard = self.heard.swap(false, Ordering::Relaxed);
        output.silent = if heard { 0 } else { output.silent.saturating_add(1) };
        output.stuck = if output.rest.is_empty() { 0 } else { output.stuck.saturating_add(1) };
        if output.stuck > STUCK_MAX || output.silent > 2 * SILENT_MAX {
            output.over = Some(if output.stuck > STUCK_MAX { Over::Lost } else { Over::Silent });
            self.task.wake();
            return Looked::Over;
        }
        if output.silent == SILENT_MAX && output.is_free() {
            let mut ping = Vec::new();
            websocket::write_ping(&mut ping);
            self.transmit(&mut output, &ping);
        }
        drop(output);
        let hub = &self.events.hub;
        let token_is_gone = self.token.as_ref().is_some_and(|token| !hub.api_token_stands(token.id));
        let browser = self.session.browser();
        if token_is_gone || browser.is_some_and(|id| !hub.browser_session_stands(self.session.address(), id))
        {
            self.session.close(CloseReason::NotAuthorized);
        }
        Looked::Serving
    }

    /// Renders what waits, so that one system call carries it.
    fn write(&self, output: &mut MutexGuard<'_, Output>) {
        BUFFERS.with_borrow_mut(|Buffers { items, bytes }| {
            while output.is_free() {
                bytes.clear();
                if let Some(said) = output.pinged.take() {
                    websocket::write_pong(&said, bytes);
                }
                let closed = self.session.outbox.take(self.connection, BATCH, items);
                let complete = items.len() < BATCH;
                for (position, item) in items.drain(..) {
                    outgoing::write(self, position, &item, bytes);
                }
                if bytes.is_empty() {
                    if let Some(reason) = closed {
                        output.over = Some(Over::Closed(reason));
                        self.task.wake();
                    }
                    break;
                }
                self.transmit(output, bytes);
                // What was taken is written before the reason is told: it is asked for again when all is written.
                if complete && closed.is_none() {
                    break;
                }
            }
            bytes.shrink_to(BUFFER_KEPT);
        });
        self.wait_no_longer(output);
    }

    /// Where the session is over, what the client has not taken yet is not waited for: it may never take it.
    fn wait_no_longer(&self, output: &mut Output) {
        if !output.rest.is_empty()
            && output.over.is_none()
            && let Some(reason) = self.session.outbox.over(self.connection)
        {
            output.over = Some(Over::Closed(reason));
            self.task.wake();
        }
    }

    fn transmit(&self, output: &mut Output, bytes: &[u8]) {
        if self.writing.write(bytes, &mut output.rest).is_err() {
            output.over = Some(Over::Lost);
        }
        if !output.is_free() {
            self.task.wake();
        }
    }
}

impl Output {
    /// Whether more can be written.
    fn is_free(&self) -> bool {
        self.rest.is_empty() && self.over.is_none()
    }
}

impl Outlet for Link {
    fn flush(&self) {
        let mut output = self.output.lock();
        if output.is_free() {
            self.write(&mut output);
        } else {
            self.wait_no_longer(&mut output);
        }
    }
}
