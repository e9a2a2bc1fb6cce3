//! One inbound connection: from bytes to messages, and from decisions to responses.
//!
//! The owner feeds [`Receiver::receive`], sends what [`Receiver::poll_transmit`] gives, and reacts to
//! [`Receiver::poll`]. Three events ask for a decision: [`Event::Called`], [`Event::Addressed`] and
//! [`Event::Message`]. Until it is given no further input is processed and no deadline runs, so the last response
//! to a message follows whatever the owner did to keep it.

mod commands;
mod draft;
mod event;
mod limits;

use std::collections::VecDeque;
use std::time::Instant;

use crate::code_page::CodePage;
use crate::session::{self, Decoder, Framing, HEADER_BYTES, NegativeReason, Packet, SessionError};
use crate::smb::{self, Header, Status};

use draft::Draft;
pub use event::{Answer, CloseReason, Event, Message};
pub use limits::Limits;

/// The state of one inbound connection.
///
/// It holds at most one incomplete packet, one packet's worth of input that waits for a decision, and the text of
/// one unfinished message, each within [`Limits`]; see [`Receiver::retained_bytes`].
#[derive(Debug)]
pub struct Receiver {
    framing: Framing,
    code_page: CodePage,
    limits: Limits,
    challenge: [u8; 8],
    decoder: Decoder,
    state: State,
    waiting_input: Vec<u8>,
    transmit: VecDeque<Vec<u8>>,
    events: VecDeque<Event>,
    idle_since: Instant,
    negotiated: bool,
    rejected_packets: usize,
}

#[derive(Debug)]
enum State {
    /// With [`Framing::NetbiosSession`]: nobody has been called yet.
    AwaitingSessionRequest,
    /// The owner decides about the called name.
    SessionPending,
    /// Between messages.
    Ready,
    /// The owner decides about the recipient of a message in several blocks.
    RecipientPending {
        start: Header,
        draft: Draft,
    },
    /// Between the start and the end of a message in several blocks.
    Collecting {
        draft: Draft,
        since: Instant,
    },
    /// The owner decides about a message.
    AnswerPending {
        last: Header,
    },
    Closed,
}

impl Receiver {
    /// The state of a connection that was accepted at `now`.
    ///
    /// `challenge` is 8 random bytes, new for each connection. They go into the response to a negotiation and
    /// are not used otherwise.
    pub fn new(
        framing: Framing,
        code_page: CodePage,
        limits: Limits,
        challenge: [u8; 8],
        now: Instant,
    ) -> Self {
        let state = match framing {
            Framing::NetbiosSession => State::AwaitingSessionRequest,
            Framing::Direct => State::Ready,
        };
        Self {
            framing,
            code_page,
            decoder: Decoder::new(framing, limits.packet_bytes_max),
            limits,
            challenge,
            state,
            waiting_input: Vec::new(),
            transmit: VecDeque::new(),
            events: VecDeque::new(),
            idle_since: now,
            negotiated: false,
            rejected_packets: 0,
        }
    }

    /// Takes bytes that arrived at `now`.
    ///
    /// While a decision is pending they wait, up to the size of one packet; more closes the connection. A sender
    /// that keeps to the protocol never gets there, and an owner that reads only when [`Receiver::wants_input`]
    /// says so keeps hasty ones waiting instead.
    pub fn receive(&mut self, bytes: &[u8], now: Instant) {
        let mut input = bytes;
        self.process(&mut input, now);
        if matches!(self.state, State::Closed) || input.is_empty() {
            return;
        }
        if self.waiting_input.len() + input.len() > self.waiting_input_max() {
            return self.close(CloseReason::InputOverrun);
        }
        self.waiting_input.extend_from_slice(input);
    }

    /// Whether more bytes can be processed now: no decision is pending and the connection is not closed.
    pub fn wants_input(&self) -> bool {
        matches!(self.state, State::AwaitingSessionRequest | State::Ready | State::Collecting { .. })
    }

    /// The next thing that happened.
    pub fn poll(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The next bytes to send.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.transmit.pop_front()
    }

    /// Answers [`Event::Called`]: the session is established. Without a pending call nothing happens.
    pub fn allow_session(&mut self, now: Instant) {
        if matches!(self.state, State::SessionPending) {
            self.state = State::Ready;
            self.transmit.push_back(Packet::Positive.encode(self.framing));
            self.resume(now);
        }
    }

    /// Answers [`Event::Called`]: the session is refused and the connection closed (RFC 1002 §4.3.4). Without a
    /// pending call nothing happens.
    pub fn refuse_session(&mut self, reason: NegativeReason) {
        if matches!(self.state, State::SessionPending) {
            self.transmit.push_back(Packet::Negative(reason).encode(self.framing));
            self.close(CloseReason::SessionRefused(reason));
        }
    }

    /// Answers [`Event::Addressed`]: the blocks of the message may come. Without a pending recipient nothing
    /// happens.
    pub fn allow_recipient(&mut self, now: Instant) {
        self.state = match std::mem::replace(&mut self.state, State::Closed) {
            State::RecipientPending { start, draft } => {
                self.send(&smb::start_multi_block::Response { group: GROUP }.encode(&start));
                State::Collecting { draft, since: now }
            }
            other => other,
        };
        self.resume(now);
    }

    /// Answers [`Event::Addressed`]: nobody receives messages under that name. Another message may follow. Without
    /// a pending recipient nothing happens.
    pub fn refuse_recipient(&mut self, now: Instant) {
        if let State::RecipientPending { start, .. } = &self.state {
            let start = *start;
            self.state = State::Ready;
            self.reject(&start, Status::NOT_RECEIVING);
            self.resume(now);
        }
    }

    /// Answers [`Event::Message`] with the last response of the message. Another message may follow. Without a
    /// pending message nothing happens.
    pub fn answer(&mut self, answer: Answer, now: Instant) {
        if let State::AnswerPending { last } = &self.state {
            let response = smb::encode_empty_response(last, answer.status());
            self.send(&response);
            self.state = State::Ready;
            self.resume(now);
        }
    }

    /// When [`Receiver::handle_timeout`] must be called, if nothing happens before. Changes with every call.
    pub fn deadline(&self) -> Option<Instant> {
        self.next_timeout().map(|(deadline, _)| deadline)
    }

    /// Closes the connection if its deadline has passed. An unfinished message is dropped; its sender was never
    /// told that it was accepted.
    pub fn handle_timeout(&mut self, now: Instant) {
        if let Some((deadline, reason)) = self.next_timeout()
            && now >= deadline
        {
            self.close(reason);
        }
    }

    /// Whether the owner shall close the connection, after sending what [`Receiver::poll_transmit`] still has.
    pub fn close_wanted(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// How many bytes of input and text are held: at most twice [`Limits::packet_bytes_max`] with a few bytes for
    /// headers and names, and [`Limits::text_bytes_max`]. Undelivered events and unsent responses are not counted.
    pub fn retained_bytes(&self) -> usize {
        let draft = match &self.state {
            State::RecipientPending { draft, .. } | State::Collecting { draft, .. } => draft.retained_bytes(),
            _ => 0,
        };
        self.decoder.retained_bytes() + self.waiting_input.len() + draft
    }

    fn process(&mut self, input: &mut &[u8], now: Instant) {
        while self.wants_input() {
            match self.decoder.decode(input) {
                Ok(Some(packet)) => self.handle_packet(packet, now),
                Ok(None) => return,
                Err(error) => {
                    self.refuse_malformed_request(error);
                    return self.close(CloseReason::Session(error));
                }
            }
        }
    }

    fn handle_packet(&mut self, packet: Packet, now: Instant) {
        match (packet, &self.state) {
            (Packet::KeepAlive, _) => {}
            (Packet::Request { called, calling }, State::AwaitingSessionRequest) => {
                self.state = State::SessionPending;
                self.events.push_back(Event::Called { called, calling });
            }
            // On a port that is not 139 `smbclient` calls nobody; whom a message is for, it says itself.
            (Packet::Message(message), State::AwaitingSessionRequest) => {
                self.state = State::Ready;
                self.idle_since = now;
                self.handle_message(&message);
            }
            (Packet::Message(message), State::Ready | State::Collecting { .. }) => {
                self.idle_since = now;
                self.handle_message(&message);
            }
            _ => self.close(CloseReason::UnexpectedPacket),
        }
    }

    /// A session request that cannot be read is still answered (RFC 1002 §4.3.4).
    fn refuse_malformed_request(&mut self, error: SessionError) {
        let is_request = match error {
            SessionError::Name(_) | SessionError::Trailing(_) => true,
            SessionError::Length { kind, .. } => kind == session::kind::REQUEST,
            _ => false,
        };
        if is_request && matches!(self.state, State::AwaitingSessionRequest) {
            self.transmit.push_back(Packet::Negative(NegativeReason::Unspecified).encode(self.framing));
        }
    }

    /// After a decision: goes on with the input that waited for it.
    fn resume(&mut self, now: Instant) {
        self.idle_since = now;
        let waiting = std::mem::take(&mut self.waiting_input);
        let mut input = waiting.as_slice();
        self.process(&mut input, now);
        if !matches!(self.state, State::Closed) {
            self.waiting_input = input.to_vec();
        }
    }

    fn send(&mut self, message: &[u8]) {
        self.transmit.push_back(session::encode_message(message, self.framing));
    }

    fn close(&mut self, reason: CloseReason) {
        self.state = State::Closed;
        self.waiting_input = Vec::new();
        self.decoder = Decoder::new(self.framing, self.limits.packet_bytes_max);
        self.events.push_back(Event::Closed(reason));
    }

    fn next_timeout(&self) -> Option<(Instant, CloseReason)> {
        let idle = (self.idle_since + self.limits.idle_timeout, CloseReason::IdleTimeout);
        match &self.state {
            State::AwaitingSessionRequest => {
                let deadline = self.idle_since + self.limits.session_request_timeout;
                Some((deadline, CloseReason::SessionRequestTimeout))
            }
            State::Ready => Some(idle),
            State::Collecting { since, .. } => {
                let message = (*since + self.limits.message_timeout, CloseReason::MessageTimeout);
                Some(if message.0 <= idle.0 { message } else { idle })
            }
            State::SessionPending
            | State::RecipientPending { .. }
            | State::AnswerPending { .. }
            | State::Closed => None,
        }
    }

    fn waiting_input_max(&self) -> usize {
        self.limits.packet_bytes_max + HEADER_BYTES
    }
}

/// The group of every message: MS-MSRP 2.2.3.2.2 wants the number of the session, and a connection is one session.
const GROUP: u16 = 1;
