use std::{
    cell::RefCell,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use hub::{CloseReason, ConnectionId, Item, Session, turn::Outlet};
use parking_lot::{Mutex, MutexGuard};
use xmpp::{Element, extension::ping, namespace, stream_management::Response as StreamResponse};

use super::{XmppDoor, outgoing, phrases::Language};
use crate::{line::Looked, transport::Writing};

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
    pub(super) door: Arc<XmppDoor>,
    pub(super) session: Arc<Session>,
    pub(super) connection: ConnectionId,
    pub(super) language: Language,
    /// Whether nobody else can read what passes.
    pub(super) encrypted: bool,
    full_jid: Box<str>,
    /// Whether both sides count stanzas (XEP-0198).
    counting: AtomicBool,
    heard: AtomicBool,
    queries: AtomicU32,
    writing: Writing,
    output: Mutex<Output>,
    task: AtomicWaker,
    this: Weak<Self>,
}

#[derive(Default)]
struct Output {
    /// What the socket has not taken yet.
    rest: Vec<u8>,
    over: Option<Over>,
    /// What the client was asked to acknowledge, and how.
    asked: Option<Asked>,
    /// Whether somebody will see to it that it is asked.
    asking: bool,
    next_ping: u32,
    /// For how many rounds the client has said nothing, and taken nothing of what it was sent.
    silent: u8,
    stuck: u8,
}

/// A question to the client whose answer says what it has received.
struct Asked {
    /// The id of the ping; none where stanzas are counted.
    ping: Option<String>,
    /// Everything up to this number was written before the question.
    position: u32,
    /// For how many rounds it was not answered, and whether the client has spoken since.
    rounds: u8,
    heard: bool,
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

impl Link {
    /// A connection takes a session over.
    pub(super) fn new(
        door: Arc<XmppDoor>,
        session: Arc<Session>,
        language: Language,
        encrypted: bool,
        writing: Writing,
    ) -> Arc<Self> {
        let connection = session.attach();
        let counting = session.outbox.is_counting().into();
        let full_jid = format!("{}/{}", session.address(), session.resource()).into();
        let link = Arc::new_cyclic(|this| Self {
            full_jid,
            door,
            session,
            connection,
            language,
            encrypted,
            counting,
            heard: AtomicBool::new(true),
            queries: AtomicU32::new(0),
            writing,
            output: Mutex::default(),
            task: AtomicWaker::new(),
            this: this.clone(),
        });
        let this: Weak<Self> = link.this.clone();
        link.session.outbox.set_outlet(connection, this);
        link.door.watch.look_at(link.this.clone());
        link
    }

    /// The session's address in XMPP's spelling.
    pub(super) fn full_jid(&self) -> &str {
        &self.full_jid
    }

    /// Whether both sides count stanzas (XEP-0198).
    pub(super) fn is_counting(&self) -> bool {
        self.counting.load(Ordering::Relaxed)
    }

    /// A question from before counting began is answered otherwise now.
    pub(super) fn start_counting(&self) {
        self.counting.store(true, Ordering::Relaxed);
        self.output.lock().asked = None;
    }

    /// The client has said something.
    pub(super) fn hear(&self) {
        self.heard.store(true, Ordering::Relaxed);
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

    /// The client has answered a ping, well or not: it has read everything before it. Says whether it was one of
    /// ours.
    pub(super) fn pong(&self, id: &str) -> bool {
        let mut output = self.output.lock();
        let Some(asked) = output.asked.take_if(|asked| asked.ping.as_deref() == Some(id)) else {
            return false;
        };
        drop(output);
        self.take_acknowledgement(asked.position);
        true
    }

    /// The client says how many stanzas it has.
    pub(super) fn acknowledged(&self, handled: u32) {
        self.output.lock().asked = None;
        self.take_acknowledgement(handled);
    }

    fn take_acknowledgement(&self, position: u32) {
        self.door.hub.acknowledge(&self.session, position);
        self.ask_later(&mut self.output.lock());
    }

    /// Asks the client to acknowledge what was written.
    pub(super) fn ask(&self) {
        let mut output = self.output.lock();
        output.asking = false;
        self.ask_now(&mut output);
    }

    /// Looks after a connection from time to time: a client that says nothing for long is asked for a word, and one
    /// that does not answer, or takes nothing of what it is sent, is given up.
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
        let unanswered = output.asked.as_mut().filter(|asked| asked.ping.is_some());
        let given_up = unanswered.and_then(|asked| {
            asked.heard |= heard;
            asked.rounds = asked.rounds.saturating_add(1);
            // A client that spoke since knows no pings: nothing better can be had from it than what its system says.
            (asked.rounds > PING_ROUNDS_MAX && asked.heard).then_some(asked.position)
        });
        let given_up = given_up.filter(|_| self.writing.is_acknowledged());
        if given_up.is_some() {
            output.asked = None;
        }
        let ask = output.silent == SILENT_MAX && output.asked.is_none();
        drop(output);
        if let Some(position) = given_up {
            self.take_acknowledgement(position);
        }
        if ask {
            self.session.push(self.sign_of_life());
        }
        Looked::Serving
    }

    fn sign_of_life(&self) -> Item {
        if self.is_counting() {
            let ask = StreamResponse::AskAcknowledgement.to_element();
            Item::Uncounted(Bytes::from(ask.to_bytes(namespace::CLIENT)))
        } else {
            Item::Filler
        }
    }

    /// A ping to the client.
    pub(super) fn ping(&self, id: &str) -> Element {
        self.query("get", id, self.door.hub.domain(), ping::request())
    }

    /// The id of a query to the client whose answer says nothing: no two by one connection have the same.
    pub(super) fn query_id(&self, about: &str) -> String {
        format!("{about}-{}", self.queries.fetch_add(1, Ordering::Relaxed))
    }

    /// A query to the client.
    pub(super) fn query(&self, kind: &str, id: &str, from: &str, payload: Element) -> Element {
        Element::new("iq", namespace::CLIENT)
            .with_attribute("type", kind)
            .with_attribute("id", id)
            .with_attribute("from", from)
            .with_attribute("to", self.full_jid())
            .with_child(payload)
    }

    /// An element for the client, behind everything that waits.
    pub(super) fn send(&self, element: &Element) {
        self.session.push(Item::Native(Bytes::from(element.to_bytes(namespace::CLIENT))));
    }

    /// Renders what waits, so that one system call carries it.
    fn write(&self, output: &mut MutexGuard<'_, Output>) {
        BUFFERS.with_borrow_mut(|Buffers { items, bytes }| {
            while output.is_free() {
                bytes.clear();
                let closed = self.session.outbox.take(self.connection, BATCH, items);
                let complete = items.len() < BATCH;
                for (_, item) in items.drain(..) {
                    outgoing::write(self, &item, bytes);
                }
                if bytes.is_empty() {
                    if let Some(reason) = closed {
                        output.over = Some(Over::Closed(reason));
                        self.task.wake();
                    }
                    break;
                }
                self.ask_with(output, bytes);
                self.transmit(output, bytes);
                // What was taken is written before the reason is told: it is asked for again when all is written.
                if complete && closed.is_none() {
                    break;
                }
            }
            bytes.shrink_to(BUFFER_KEPT);
        });
        self.wait_no_longer(output);
        self.ask_later(output);
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

    /// Where nothing is archived, a sender is told that a message is taken when its recipient has it: a client that
    /// counts is asked in the same breath.
    fn ask_with(&self, output: &mut Output, bytes: &mut Vec<u8>) {
        if !self.is_counting() || self.door.hub.settings().archive || output.asked.is_some() {
            return;
        }
        if let Some(position) = self.session.outbox.unacknowledged() {
            StreamResponse::AskAcknowledgement.to_element().write(bytes, namespace::CLIENT);
            output.asked = Some(Asked { ping: None, position, rounds: 0, heard: false });
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

    /// Sees to it that the client is asked before long, so that one question serves for many messages; at once where
    /// much waits for it.
    fn ask_later(&self, output: &mut Output) {
        if output.asking || output.asked.is_some() || self.session.outbox.unacknowledged().is_none() {
            return;
        }
        if self.session.outbox.is_filling() {
            self.ask_now(output);
        } else {
            output.asking = true;
            self.door.watch.ask(self.this.clone());
        }
    }

    fn ask_now(&self, output: &mut Output) {
        if output.asked.is_some() || output.over.is_some() {
            return;
        }
        let Some(position) = self.session.outbox.unacknowledged() else { return };
        if !output.is_free() {
            // It is asked when that is written.
            return;
        }
        let (ping, question) = if self.is_counting() {
            (None, StreamResponse::AskAcknowledgement.to_element())
        } else {
            output.next_ping = output.next_ping.wrapping_add(1);
            let id = format!("received-{}", output.next_ping);
            let question = self.ping(&id);
            (Some(id), question)
        };
        output.asked = Some(Asked { ping, position, rounds: 0, heard: false });
        self.transmit(output, &question.to_bytes(namespace::CLIENT));
    }
}

/// A client that says nothing for so many rounds is asked for a word, and given as long again to answer.
const SILENT_MAX: u8 = 16;

/// For how many rounds a client may take none of what is written to it.
const STUCK_MAX: u8 = 4;

/// How long a client that counts no stanzas may leave a ping unanswered before it is taken to know no pings.
const PING_ROUNDS_MAX: u8 = 2;

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
