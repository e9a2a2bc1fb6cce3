//! One UDP socket on which calls arrive: from datagrams to messages, and from decisions to responses.
//!
//! The owner feeds [`Server::receive`], sends what [`Server::poll_transmit`] gives, and answers each
//! [`Event`] with [`Server::answer`] once the message is kept. Nothing is executed before the caller has proved that
//! it receives at its address: the server calls it back with `conv_who_are_you2` (C706 10.2). Nothing is sent on the
//! server's own initiative, and to who has proved nothing never more bytes than came; callers repeat themselves.
//!
//! Calls that say that they are idempotent (C706 9.5.4), sent to everybody, or without an answer (C706 9.5.5) would be
//! executed without that proof, so that anybody could send messages from anywhere. They are rejected, and nothing
//! allows them: whoever cannot prove where it is could not be answered to its address either.

mod activity;
mod limits;
mod mapper;
mod reply;
mod room;

use std::collections::{HashMap, VecDeque};
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Instant;

use super::pdu::{Header, Kind, flag, status};
use super::send_message::{INTERFACE, INTERFACE_VERSION, OPERATION, Request};
use super::{Uuid, endpoint};
use crate::code_page::CodePage;
use crate::receiver::{Answer, Message};

use activity::{Activity, Stage};
pub use limits::Limits;

/// Callers are told apart by where they are and by their activity.
type Key = (SocketAddr, Uuid);

/// Flags of calls that are made without a proof of who calls.
const UNPROVED: u8 = flag::MAYBE | flag::IDEMPOTENT | flag::BROADCAST;

/// Which call an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Call {
    /// Where it came from, and where its caller has proved to receive.
    pub address: SocketAddr,
    activity: Uuid,
    sequence: u32,
}

/// A message that arrived. Answered by [`Server::answer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The call that carried it.
    pub call: Call,
    /// The message, of which nothing is proved but where it came from.
    pub message: Message,
}

/// The state of one socket.
///
/// It holds at most [`Limits::activities_max`] callers, each with one call of at most [`Limits::stub_bytes_max`]
/// bytes, and forgets those from which nothing came for [`Limits::activity_timeout`]. Of those that have proved nothing
/// it holds few, and not for long: [`Limits::unproved_max`], [`Limits::unproved_timeout`].
#[derive(Debug)]
pub struct Server {
    code_page: CodePage,
    limits: Limits,
    boot: u32,
    /// Where the mapper says that messages are taken.
    endpoint: Option<SocketAddrV4>,
    activities: HashMap<Key, Activity>,
    transmit: VecDeque<(SocketAddr, Vec<u8>)>,
    events: VecDeque<Event>,
}

impl Server {
    /// A server that started at `boot`, in seconds since 1970 or anything else that differs from start to start.
    pub fn new(code_page: CodePage, limits: Limits, boot: u32) -> Self {
        Self {
            code_page,
            limits,
            // Zero means that a caller does not know it (C706 12.5.2.7).
            boot: boot.max(1),
            endpoint: None,
            activities: HashMap::new(),
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Answers the questions of the endpoint mapper too, as the socket of [`endpoint::PORT`] should: messages are
    /// taken at this endpoint, and nothing else is there. Messages that come to the mapper itself are taken as well.
    pub fn map_messages_to(&mut self, endpoint: SocketAddrV4) {
        self.endpoint = Some(endpoint);
    }

    /// Takes a datagram that arrived at `now`.
    ///
    /// `random` is new for each datagram and unpredictable: who knows it without having received it could pretend
    /// to be at another address.
    pub fn receive(&mut self, datagram: &[u8], address: SocketAddr, random: [u8; 16], now: Instant) {
        self.handle_timeout(now);
        let Ok((header, body)) = Header::decode(datagram) else { return };
        let arrival = Arrival { header, body, bytes: datagram.len(), address, now };
        match header.kind {
            Kind::Request => self.request(&arrival, random),
            Kind::Ping => self.ping(&arrival),
            Kind::Response => self.called_back(&arrival),
            Kind::Ack => self.acknowledged(&arrival),
            Kind::Reject | Kind::Fault => {
                self.activities
                    .retain(|key, activity| key.0 != address || activity.callback() != Some(header.activity));
            }
            // A call goes on although its caller gave up; an acknowledgement would be larger than the question.
            Kind::Cancel | Kind::Working | Kind::NoCall | Kind::FragmentAck | Kind::CancelAck => {}
        }
    }

    /// The next message.
    pub fn poll(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The next datagram to send, and where.
    pub fn poll_transmit(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.transmit.pop_front()
    }

    /// Answers an [`Event`]. A call that was given up in the meantime, or was answered, stays as it is.
    pub fn answer(&mut self, call: Call, answer: Answer, now: Instant) {
        let Some(activity) = self.activities.get_mut(&(call.address, call.activity)) else { return };
        if let Stage::Pending(request) = &activity.stage
            && request.sequence == call.sequence
        {
            activity.since = now;
            let response = reply::response(request, answer, self.boot);
            activity.stage = Stage::Answered(response.clone());
            self.send(call.address, &response);
        }
    }

    /// When [`Server::handle_timeout`] should be called, if nothing happens before.
    pub fn deadline(&self) -> Option<Instant> {
        self.activities.values().filter_map(|activity| activity.expiry(&self.limits)).min()
    }

    /// Forgets the callers from which nothing came for too long.
    pub fn handle_timeout(&mut self, now: Instant) {
        let limits = self.limits;
        self.activities.retain(|_, activity| activity.expiry(&limits).is_none_or(|expiry| now < expiry));
    }

    /// How many callers are remembered.
    pub fn activities(&self) -> usize {
        self.activities.len()
    }

    fn send(&mut self, address: SocketAddr, datagram: &[u8]) {
        if self.transmit.len() < self.limits.activities_max {
            self.transmit.push_back((address, datagram.to_vec()));
        }
    }

    /// Sends an answer to something that belongs to a caller, as far as it has paid for it.
    fn reply(&mut self, key: Key, datagram: &[u8]) {
        if self.activities.get_mut(&key).is_some_and(|activity| activity.pay(datagram.len())) {
            self.send(key.0, datagram);
        }
    }

    /// Sends an answer to a datagram that belongs to no caller.
    fn reply_once(&mut self, arrival: &Arrival<'_>, datagram: &[u8]) {
        if datagram.len() <= arrival.bytes {
            self.send(arrival.address, datagram);
        }
    }

    /// Nobody waits for an answer to some calls, not even for this one (C706 9.5.5).
    fn reject(&mut self, arrival: &Arrival<'_>, status: u32) {
        if !arrival.header.has(flag::MAYBE | flag::BROADCAST) {
            self.reply_once(arrival, &reply::reject(&arrival.header, status, self.boot));
        }
    }

    /// Why a call is not taken, whatever it carries.
    fn objection(&self, header: &Header) -> Option<u32> {
        let (version, operation) = match header.interface {
            INTERFACE => (INTERFACE_VERSION, OPERATION),
            endpoint::INTERFACE if self.endpoint.is_some() => (endpoint::INTERFACE_VERSION, endpoint::MAP),
            _ => return Some(status::UNKNOWN_INTERFACE),
        };
        if header.interface_version != version {
            return Some(status::UNKNOWN_INTERFACE);
        }
        if header.operation != operation {
            return Some(status::OPERATION_RANGE);
        }
        // A call that claims to be idempotent would be executed without a callback; sending is not idempotent.
        if header.interface == INTERFACE && header.has(UNPROVED) {
            return Some(status::PROTOCOL);
        }
        (header.server_boot != 0 && header.server_boot != self.boot).then_some(status::WRONG_BOOT_TIME)
    }

    fn request(&mut self, arrival: &Arrival<'_>, random: [u8; 16]) {
        let header = &arrival.header;
        if header.authentication != 0 {
            return;
        }
        if let Some(status) = self.objection(header) {
            return self.reject(arrival, status);
        }
        let is_question = header.interface == endpoint::INTERFACE;
        if is_question && self.answer_at_once(arrival) {
            return;
        }
        let key = arrival.key();
        let known = self.activities.get(&key);
        let is_new = known.is_none_or(|activity| activity.precedes(header.sequence));
        if known.is_some_and(|activity| !is_new && activity.sequence != header.sequence) {
            return; // a late copy of an older call
        }
        if is_new {
            let pending = known.is_some_and(|activity| matches!(activity.stage, Stage::Pending(_)));
            let proved = known.is_some_and(|activity| activity.proved);
            let is_stranger = known.is_none();
            if pending
                || (is_stranger && !room::make(&mut self.activities, arrival.address.ip(), &self.limits))
            {
                return self.reject(arrival, status::TOO_BUSY);
            }
            self.activities.insert(key, Activity::new(header.sequence, proved, arrival.now));
        }
        let limits = self.limits;
        let Some(activity) = self.activities.get_mut(&key) else { return };
        activity.credit += arrival.bytes;
        match &mut activity.stage {
            Stage::Collecting(fragments) => {
                if !fragments.insert(header, arrival.body, &limits) {
                    self.activities.remove(&key);
                    return self.reject(arrival, status::PROTOCOL);
                }
                let Some(stub) = fragments.whole() else {
                    if !header.has(flag::NO_FRAGMENT_ACK) {
                        let next = fragments.contiguous();
                        self.reply(key, &reply::fragment_ack(header, next, self.boot));
                    }
                    return;
                };
                let executes = activity.proved;
                activity.stage = Stage::Proving { request: *header, stub, callback: Uuid(random) };
                if executes { self.execute(key, arrival.now) } else { self.call_back(key) }
            }
            _ => self.repeat(key),
        }
    }

    /// Whether a question to the mapper needs nothing more. Answering it changes nothing, so that nobody has to prove
    /// anything, unless the answer is longer than the question.
    fn answer_at_once(&mut self, arrival: &Arrival<'_>) -> bool {
        let Some(endpoint) = self.endpoint else { return true };
        // Questions to everybody are not for a mapper that knows one interface.
        if arrival.header.has(flag::MAYBE | flag::BROADCAST) {
            return true;
        }
        if !mapper::is_whole(&arrival.header) {
            return false;
        }
        let answer = mapper::answer(&arrival.header, arrival.body, endpoint, self.boot);
        let fits = answer.len() <= arrival.bytes;
        if fits {
            self.send(arrival.address, &answer);
        }
        fits
    }

    /// What is known of a call, said again to whoever asks again.
    fn repeat(&mut self, key: Key) {
        let Some(activity) = self.activities.get(&key) else { return };
        let datagram = match &activity.stage {
            Stage::Collecting(_) | Stage::Done => return,
            Stage::Proving { .. } => return self.call_back(key),
            Stage::Pending(request) => reply::working(request, self.boot),
            Stage::Answered(response) => response.clone(),
        };
        self.reply(key, &datagram);
    }

    fn call_back(&mut self, key: Key) {
        if let Some(Activity { stage: Stage::Proving { request, callback, .. }, .. }) =
            self.activities.get(&key)
        {
            let datagram = reply::who_are_you(request, *callback, self.boot);
            self.reply(key, &datagram);
        }
    }

    fn ping(&mut self, arrival: &Arrival<'_>) {
        let key = arrival.key();
        match self.activities.get_mut(&key) {
            Some(activity)
                if activity.sequence == arrival.header.sequence
                    && !matches!(activity.stage, Stage::Collecting(_)) =>
            {
                activity.credit += arrival.bytes;
                // Without a proof whoever asks keeps nothing alive.
                if activity.proved {
                    activity.since = arrival.now;
                }
                self.repeat(key);
            }
            _ => self.reply_once(arrival, &reply::no_call(&arrival.header, self.boot)),
        }
    }

    fn acknowledged(&mut self, arrival: &Arrival<'_>) {
        if let Some(activity) = self.activities.get_mut(&arrival.key())
            && activity.sequence == arrival.header.sequence
            && matches!(activity.stage, Stage::Answered(_))
        {
            activity.stage = Stage::Done;
        }
    }

    /// The caller answers who it is. Of the header only the activity counts: callers fill it carelessly.
    fn called_back(&mut self, arrival: &Arrival<'_>) {
        let of_callback = |(key, activity): (&Key, &Activity)| {
            (key.0 == arrival.address && activity.callback() == Some(arrival.header.activity)).then_some(*key)
        };
        let Some(key) = self.activities.iter().find_map(of_callback) else { return };
        let Some(activity) = self.activities.get_mut(&key) else { return };
        activity.credit += arrival.bytes;
        // A sequence that has moved on shows that the call is an old one (C706 10.2.7). One that is behind shows
        // only that the caller does not count its calls.
        match reply::read_who_are_you(arrival.body, arrival.header.order) {
            Some(sequence) if !activity.precedes(sequence) => {
                activity.proved = true;
                self.execute(key, arrival.now);
            }
            _ => drop(self.activities.remove(&key)),
        }
    }

    fn execute(&mut self, key: Key, now: Instant) {
        let Some(activity) = self.activities.get_mut(&key) else { return };
        let Stage::Proving { request, stub, .. } = std::mem::replace(&mut activity.stage, Stage::Done) else {
            return;
        };
        activity.since = now;
        if let Some(endpoint) = self.endpoint
            && request.interface == endpoint::INTERFACE
        {
            let answer = mapper::answer(&request, &stub, endpoint, self.boot);
            activity.stage = Stage::Answered(answer.clone());
            return self.reply(key, &answer);
        }
        let message = Request::decode(&stub, request.order, self.limits.text_bytes_max).ok().map(|request| {
            let name = |bytes| self.code_page.decode(bytes).trim_end_matches(' ').to_owned();
            let text = self.code_page.decode(request.text);
            Message { from: name(request.from), to: name(request.to), text }
        });
        match message {
            Some(message) if message.text.chars().count() <= self.limits.text_chars_max => {
                activity.stage = Stage::Pending(request);
                let call = Call { address: key.0, activity: key.1, sequence: request.sequence };
                self.events.push_back(Event { call, message });
                self.repeat(key);
            }
            _ => {
                let fault = reply::fault(&request, status::BAD_STUB, self.boot);
                activity.stage = Stage::Answered(fault.clone());
                self.reply(key, &fault);
            }
        }
    }
}

/// A packet that arrived.
#[derive(Debug, Clone, Copy)]
struct Arrival<'a> {
    header: Header,
    body: &'a [u8],
    /// The length of the datagram that carried it.
    bytes: usize,
    address: SocketAddr,
    now: Instant,
}

impl Arrival<'_> {
    fn key(&self) -> Key {
        (self.address, self.header.activity)
    }
}
