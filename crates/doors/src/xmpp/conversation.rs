use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hub::{ConnectionId, Item, Session};
use tokio::time::Instant;
use xmpp::{Element, extension::ping, namespace, stream_management::Response as StreamResponse};

use super::{XmppDoor, phrases::Language};

/// How long a client that counts no stanzas may leave a ping unanswered before it is taken to know no pings.
pub(super) const PING_MAX: Duration = Duration::from_secs(30);

/// How long after writing something that must arrive the client is asked whether it has, so that one question serves
/// for many messages. Without an archive the answer is waited for, and has to come before the message is stored.
const ASK_AFTER: Duration = Duration::from_millis(100);
const ASK_AFTER_UNSTORED: Duration = Duration::from_millis(40);

/// One connection of a session, from signing in to its end.
pub(super) struct Conversation {
    pub(super) door: Arc<XmppDoor>,
    pub(super) session: Arc<Session>,
    pub(super) connection: ConnectionId,
    pub(super) language: Language,
    /// Whether nobody else can read what passes.
    pub(super) encrypted: bool,
    /// Whether both sides count stanzas (XEP-0198).
    pub(super) counting: bool,
    /// What the client was asked to acknowledge, and how.
    asked: Option<Asked>,
    /// When it is to be asked next.
    ask_at: Option<Instant>,
    next_ping: u32,
}

/// A question to the client whose answer says what it has received.
struct Asked {
    /// The id of the ping; none where stanzas are counted.
    ping: Option<String>,
    /// Everything up to this number was written before the question.
    position: u32,
    at: Instant,
}

impl Conversation {
    /// A connection takes over a session.
    pub(super) fn new(
        door: Arc<XmppDoor>,
        session: Arc<Session>,
        language: Language,
        encrypted: bool,
    ) -> Self {
        let connection = session.attach();
        let counting = session.outbox.is_counting();
        Self {
            door,
            session,
            connection,
            language,
            encrypted,
            counting,
            asked: None,
            ask_at: None,
            next_ping: 1,
        }
    }

    /// Asks the client to acknowledge what was written, once that is due.
    pub(super) fn ask(&mut self, out: &mut Vec<u8>) {
        if self.asked.is_some() {
            return;
        }
        let Some(position) = self.session.outbox.unacknowledged() else { return };
        let after = if self.door.hub.settings().archive { ASK_AFTER } else { ASK_AFTER_UNSTORED };
        let due = *self.ask_at.get_or_insert_with(|| Instant::now() + after);
        if due > Instant::now() && !self.session.outbox.is_filling() {
            return;
        }
        self.ask_at = None;
        let ping = if self.counting {
            StreamResponse::AskAcknowledgement.to_element().write(out, namespace::CLIENT);
            None
        } else {
            let id = format!("received-{}", self.next_ping);
            self.next_ping = self.next_ping.wrapping_add(1);
            self.ping(&id).write(out, namespace::CLIENT);
            Some(id)
        };
        self.asked = Some(Asked { ping, position, at: Instant::now() });
    }

    /// The client has answered a ping, well or not: it has read everything before it. Says whether it was one of
    /// ours.
    pub(super) fn pong(&mut self, id: &str) -> bool {
        let Some(asked) = self.asked.take_if(|asked| asked.ping.as_deref() == Some(id)) else { return false };
        self.door.hub.acknowledge(&self.session, asked.position);
        true
    }

    /// The client says how many stanzas it has.
    pub(super) fn acknowledged(&mut self, handled: u32) {
        self.asked = None;
        self.door.hub.acknowledge(&self.session, handled);
    }

    /// A question from before counting began is answered otherwise now.
    pub(super) fn start_counting(&mut self) {
        self.counting = true;
        self.asked = None;
    }

    /// When to ask, or to look whether a ping was answered.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.asked {
            Some(asked) => asked.ping.as_ref().map(|_| asked.at + PING_MAX),
            None => self.ask_at,
        }
    }

    /// Whether the client was asked and has not answered.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// Gives up a ping that was not answered in time. A client that spoke since knows no pings: nothing better can be
    /// had from it.
    pub(super) fn check_ping(&mut self, heard: Instant) {
        let Some(asked) = self.asked.take_if(|asked| asked.ping.is_some() && asked.at.elapsed() >= PING_MAX)
        else {
            return;
        };
        if heard > asked.at {
            self.door.hub.acknowledge(&self.session, asked.position);
        } else {
            self.asked = Some(Asked { at: Instant::now(), ..asked });
        }
    }

    /// Asks the client for a sign of life.
    pub(super) fn ping(&self, id: &str) -> Element {
        self.query("get", id, self.door.hub.domain(), ping::request())
    }

    /// A query to the client.
    pub(super) fn query(&self, kind: &str, id: &str, from: &str, payload: Element) -> Element {
        Element::new("iq", namespace::CLIENT)
            .with_attribute("type", kind)
            .with_attribute("id", id)
            .with_attribute("from", from)
            .with_attribute("to", format!("{}/{}", self.session.address(), self.session.resource()))
            .with_child(payload)
    }

    /// An element for the client, behind everything that waits.
    pub(super) fn send(&self, element: &Element) {
        self.session.push(Item::Native(Bytes::from(element.to_bytes(namespace::CLIENT))));
    }
}
