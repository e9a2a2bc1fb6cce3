//! One UDP socket on which calls arrive: from datagrams to messages, and from decisions to responses.
//!
//! The owner feeds [`Server::receive`], sends what [`Server::poll_transmit`] gives, and answers each
//! [`Event`] with [`Server::answer`] once the message is kept. Nothing is executed before the caller has proved that
//! it receives at its address: the server calls it back with `conv_who_are_you2` (C706 10.2). Nothing is sent on the
//! server's own initiative, and no answer is larger than the datagram that it answers; callers repeat themselves.

mod activity;
mod limits;
mod reply;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use super::Uuid;
use super::pdu::{Header, Kind, flag, status};
use super::send_message::{INTERFACE, INTERFACE_VERSION, OPERATION, Request};
use crate::code_page::CodePage;
use crate::receiver::{Answer, Message};

use activity::{Activity, Fragments, Stage};
pub use limits::Limits;

/// Which call an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Call {
    /// Where it came from; it was proved that it receives there.
    pub address: SocketAddr,
    activity: Uuid,
    sequence: u32,
}

/// A message that arrived. Answered by [`Server::answer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The call that carried it.
    pub call: Call,
    /// The message, of which nothing is proved.
    pub message: Message,
}

/// The state of one socket.
///
/// It holds at most [`Limits::activities_max`] callers, each with one call of at most [`Limits::stub_bytes_max`]
/// bytes, and forgets those from which nothing came for [`Limits::activity_timeout`].
#[derive(Debug)]
pub struct Server {
    code_page: CodePage,
    limits: Limits,
    boot: u32,
    activities: HashMap<(SocketAddr, Uuid), Activity>,
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
            activities: HashMap::new(),
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Takes a datagram that arrived at `now`.
    ///
    /// `random` is new for each datagram and unpredictable: who knows it without having received it could pretend
    /// to be at another address.
    pub fn receive(&mut self, datagram: &[u8], address: SocketAddr, random: [u8; 16], now: Instant) {
        self.handle_timeout(now);
        let Ok((header, body)) = Header::decode(datagram) else { return };
        let before = self.transmit.len();
        match header.kind {
            Kind::Request => self.request(&header, body, address, random, now),
            Kind::Ping => self.ping(&header, address, now),
            Kind::Response => self.called_back(&header, body, address, now),
            Kind::Ack => self.acknowledged(&header, address),
            Kind::Reject | Kind::Fault => {
                self.activities
                    .retain(|key, activity| key.0 != address || activity.callback() != Some(header.activity));
            }
            // A call goes on although its caller gave up; an acknowledgement would be larger than the question.
            Kind::Cancel | Kind::Working | Kind::NoCall | Kind::FragmentAck | Kind::CancelAck => {}
        }
        let mut index = 0;
        self.transmit.retain(|(_, answer)| {
            index += 1;
            index <= before || answer.len() <= datagram.len()
        });
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
            let response = reply::response(request, answer, self.boot);
            activity.stage = Stage::Answered(response.clone());
            activity.since = now;
            self.send(call.address, &response);
        }
    }

    /// When [`Server::handle_timeout`] should be called, if nothing happens before.
    pub fn deadline(&self) -> Option<Instant> {
        self.activities.values().filter_map(|activity| self.expiry(activity)).min()
    }

    /// Forgets the callers from which nothing came for too long.
    pub fn handle_timeout(&mut self, now: Instant) {
        let mut activities = std::mem::take(&mut self.activities);
        activities.retain(|_, activity| self.expiry(activity).is_none_or(|expiry| now < expiry));
        self.activities = activities;
    }

    /// How many callers are remembered.
    pub fn activities(&self) -> usize {
        self.activities.len()
    }

    /// Nobody is forgotten while the owner decides: its answer would be lost, and the message come twice.
    fn expiry(&self, activity: &Activity) -> Option<Instant> {
        let pending = matches!(activity.stage, Stage::Pending(_));
        (!pending).then(|| activity.since + self.limits.activity_timeout)
    }

    fn send(&mut self, address: SocketAddr, datagram: &[u8]) {
        if self.transmit.len() < self.limits.activities_max {
            self.transmit.push_back((address, datagram.to_vec()));
        }
    }

    fn reject(&mut self, header: &Header, address: SocketAddr, status: u32) {
        self.send(address, &reply::reject(header, status, self.boot));
    }

    fn request(&mut self, header: &Header, body: &[u8], address: SocketAddr, random: [u8; 16], now: Instant) {
        // Nobody waits for an answer to these (C706 9.5.5), and nobody can prove where they come from.
        if header.has(flag::MAYBE | flag::BROADCAST) || header.authentication != 0 {
            return;
        }
        if header.interface != INTERFACE || header.interface_version != INTERFACE_VERSION {
            return self.reject(header, address, status::UNKNOWN_INTERFACE);
        }
        if header.operation != OPERATION {
            return self.reject(header, address, status::OPERATION_RANGE);
        }
        // A call that claims to be idempotent would be executed without a callback; this one is not idempotent.
        if header.has(flag::IDEMPOTENT) {
            return self.reject(header, address, status::PROTOCOL);
        }
        if header.server_boot != 0 && header.server_boot != self.boot {
            return self.reject(header, address, status::WRONG_BOOT_TIME);
        }
        let key = (address, header.activity);
        let known = self.activities.get(&key);
        let is_new = known.is_none_or(|activity| activity.precedes(header.sequence));
        if known.is_some_and(|activity| !is_new && activity.sequence != header.sequence) {
            return; // a late copy of an older call
        }
        if is_new {
            let of_address = self.activities.keys().filter(|other| other.0 == address).count();
            let full = self.activities.len() >= self.limits.activities_max
                || of_address >= self.limits.activities_per_address_max;
            let pending = known.is_some_and(|activity| matches!(activity.stage, Stage::Pending(_)));
            if pending || (known.is_none() && full) {
                return self.reject(header, address, status::TOO_BUSY);
            }
            let proved = known.is_some_and(|activity| activity.proved);
            let stage = Stage::Collecting(Fragments::default());
            let sequence = header.sequence;
            self.activities.insert(key, Activity { sequence, proved, since: now, stage });
        }
        let limits = self.limits;
        let Some(activity) = self.activities.get_mut(&key) else { return };
        match &mut activity.stage {
            Stage::Collecting(fragments) => {
                if !fragments.insert(header, body, &limits) {
                    self.activities.remove(&key);
                    return self.reject(header, address, status::PROTOCOL);
                }
                let Some(stub) = fragments.whole() else {
                    if !header.has(flag::NO_FRAGMENT_ACK) {
                        let next = fragments.contiguous();
                        self.send(address, &reply::fragment_ack(header, next, self.boot));
                    }
                    return;
                };
                let proved = activity.proved;
                activity.stage = Stage::Proving { request: *header, stub, callback: Uuid(random) };
                if proved { self.execute(key, now) } else { self.call_back(key) }
            }
            _ => self.repeat(key),
        }
    }

    /// What is known of a call, said again to whoever asks again.
    fn repeat(&mut self, key: (SocketAddr, Uuid)) {
        let Some(activity) = self.activities.get(&key) else { return };
        let datagram = match &activity.stage {
            Stage::Collecting(_) | Stage::Done => return,
            Stage::Proving { .. } => return self.call_back(key),
            Stage::Pending(request) => reply::working(request, self.boot),
            Stage::Answered(response) => response.clone(),
        };
        self.send(key.0, &datagram);
    }

    fn call_back(&mut self, key: (SocketAddr, Uuid)) {
        if let Some(Activity { stage: Stage::Proving { request, callback, .. }, .. }) =
            self.activities.get(&key)
        {
            let datagram = reply::who_are_you(request, *callback, self.boot);
            self.send(key.0, &datagram);
        }
    }

    fn ping(&mut self, header: &Header, address: SocketAddr, now: Instant) {
        let key = (address, header.activity);
        match self.activities.get_mut(&key) {
            Some(activity)
                if activity.sequence == header.sequence
                    && !matches!(activity.stage, Stage::Collecting(_)) =>
            {
                // Without a proof whoever asks keeps nothing alive.
                if activity.proved {
                    activity.since = now;
                }
                self.repeat(key);
            }
            _ => self.send(address, &reply::no_call(header, self.boot)),
        }
    }

    fn acknowledged(&mut self, header: &Header, address: SocketAddr) {
        if let Some(activity) = self.activities.get_mut(&(address, header.activity))
            && activity.sequence == header.sequence
            && matches!(activity.stage, Stage::Answered(_))
        {
            activity.stage = Stage::Done;
        }
    }

    /// The caller answers who it is. Of the header only the activity counts: callers fill it carelessly.
    fn called_back(&mut self, header: &Header, body: &[u8], address: SocketAddr, now: Instant) {
        let of_callback = |(key, activity): (&(SocketAddr, Uuid), &Activity)| {
            (key.0 == address && activity.callback() == Some(header.activity)).then_some(*key)
        };
        let Some(key) = self.activities.iter().find_map(of_callback) else { return };
        let Some(activity) = self.activities.get_mut(&key) else { return };
        // A sequence that has moved on shows that the call is an old one (C706 10.2.7).
        if reply::read_who_are_you(body, header.order) == Some(activity.sequence) {
            activity.proved = true;
            self.execute(key, now);
        } else {
            self.activities.remove(&key);
        }
    }

    fn execute(&mut self, key: (SocketAddr, Uuid), now: Instant) {
        let Some(activity) = self.activities.get_mut(&key) else { return };
        let Stage::Proving { request, stub, .. } = std::mem::replace(&mut activity.stage, Stage::Done) else {
            return;
        };
        activity.since = now;
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
                self.send(key.0, &reply::working(&request, self.boot));
            }
            _ => {
                let fault = reply::fault(&request, status::BAD_STUB, self.boot);
                activity.stage = Stage::Answered(fault.clone());
                self.send(key.0, &fault);
            }
        }
    }
}
