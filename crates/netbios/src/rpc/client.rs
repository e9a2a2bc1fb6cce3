//! One outbound message by a remote procedure call: from text to datagrams, and from answers to an outcome.
//!
//! The owner sends what [`Client::poll_transmit`] gives from one UDP socket, feeds [`Client::receive`], and closes
//! the socket once [`Client::outcome`] is known and nothing is left to send. The client answers the server that asks
//! who calls; it believes only packets from the recipient's address that know the call's activity.

mod call;
mod error;
mod options;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::conversation::{self, Question};
use super::endpoint::{self, MapRequest, MapResponse};
use super::pdu::{Header, Kind, flag};
use super::send_message::{self, INTERFACE, INTERFACE_VERSION, OPERATION, Request, result};
use super::{Uuid, ndr::ByteOrder};
use crate::name::{Name, Suffix};
use crate::sender::{Outgoing, Sent};

use call::{Call, Progress};
pub use error::{CallError, Step};
pub use options::{ClientOptions, Port};

/// The most datagrams that wait to be sent.
const TRANSMIT_MAX: usize = 64;

/// The state of one message.
#[derive(Debug)]
pub struct Client {
    options: ClientOptions,
    address: IpAddr,
    /// Where the current call goes.
    to: SocketAddr,
    step: Step,
    call: Call,
    stub: Vec<u8>,
    activity: Uuid,
    replaced: Vec<char>,
    transmit: VecDeque<(SocketAddr, Vec<u8>)>,
    wait: Duration,
    send_again: Instant,
    give_up: Instant,
    outcome: Option<Result<Sent, CallError>>,
}

impl Client {
    /// Prepares a message for the recipient's computer at `address`.
    ///
    /// [`Outgoing::called`] is not used. `random` is unpredictable and new for each message: who knows it could
    /// pretend to be the recipient's computer. Fails if a name cannot be a NetBIOS name or the text is too long.
    pub fn new(
        outgoing: &Outgoing,
        address: IpAddr,
        options: ClientOptions,
        random: [[u8; 16]; 2],
        now: Instant,
    ) -> Result<Self, CallError> {
        let encoded = options.code_page.encode(&outgoing.text);
        if encoded.bytes.len() > options.text_bytes_max {
            return Err(CallError::TextTooLong { max: options.text_bytes_max, got: encoded.bytes.len() });
        }
        let name = |text: &str| Name::new(text, Suffix::MESSENGER, options.code_page);
        let (from, to) = (name(&outgoing.from)?, name(&outgoing.to)?);
        let request = Request { from: from.text_bytes(), to: to.text_bytes(), text: &encoded.bytes };
        let stub = request.encode(ByteOrder::Little);
        let [map_activity, activity] = random.map(Uuid);
        let (step, port, call) = match options.port {
            Port::MappedBy(port) => (Step::Map, port, map_call(map_activity)),
            Port::Known(port) => {
                (Step::Send, port, send_call(activity, stub.clone(), options.fragment_bytes_max))
            }
        };
        let mut client = Self {
            address,
            to: SocketAddr::new(address, port),
            step,
            call,
            stub,
            activity,
            replaced: encoded.replaced,
            transmit: VecDeque::new(),
            wait: options.first_wait,
            send_again: now,
            give_up: now + options.timeout,
            outcome: None,
            options,
        };
        client.send_packets(now);
        Ok(client)
    }

    /// The next datagram to send, and where.
    pub fn poll_transmit(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.transmit.pop_front()
    }

    /// Takes a datagram that arrived at `now`. After the outcome is known they are ignored.
    pub fn receive(&mut self, from: SocketAddr, datagram: &[u8], now: Instant) {
        // A mapper may have handed the call to another port, from which the answer comes.
        if self.outcome.is_some() || from.ip() != self.address {
            return;
        }
        let Ok((header, body)) = Header::decode(datagram) else { return };
        if header.kind == Kind::Request {
            return self.asked(&header, body, from);
        }
        if header.activity != self.call.activity() || header.sequence != self.call.sequence() {
            return;
        }
        if header.server_boot != 0 && header.kind != Kind::Reject {
            self.call.learn_boot(header.server_boot);
        }
        let step = self.step;
        let status = send_message::decode_result(body, header.order).unwrap_or_default();
        match header.kind {
            Kind::Response => self.answered(&header, body, now),
            Kind::Reject => self.fail(CallError::Rejected { step, status }),
            Kind::Fault => {
                self.acknowledge();
                self.fail(CallError::Failed { step, status });
            }
            Kind::Working => {
                if self.call.progress == Progress::Sending {
                    self.call.progress = Progress::Working;
                    self.wait = self.options.first_wait;
                    self.send_again = now + self.wait;
                }
            }
            Kind::NoCall if self.call.progress == Progress::Working => {
                self.fail(CallError::Forgotten { step });
            }
            Kind::NoCall => self.call.begin_again(),
            // The fragment before the first says that none has arrived.
            Kind::FragmentAck if header.fragment == u16::MAX => {}
            Kind::FragmentAck => self.call.acknowledged(header.fragment),
            Kind::Request | Kind::Ping | Kind::Ack | Kind::Cancel | Kind::CancelAck => {}
        }
    }

    /// When [`Client::handle_timeout`] must be called, if nothing happens before. Changes with every call.
    pub fn deadline(&self) -> Option<Instant> {
        self.outcome.is_none().then(|| self.send_again.min(self.give_up))
    }

    /// Sends again what was not answered, and gives up in the end.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.outcome.is_some() {
            return;
        }
        let step = self.step;
        if now >= self.give_up {
            self.fail(match self.call.progress {
                Progress::Sending => CallError::TimedOut { step },
                Progress::Working => CallError::StillWorking { step },
            });
        } else if now >= self.send_again {
            self.wait = (self.wait * 2).min(self.options.longest_wait);
            self.send_packets(now);
        }
    }

    /// How it went, once that is known. Then the socket can be closed, after what is left was sent.
    pub fn outcome(&self) -> Option<&Result<Sent, CallError>> {
        self.outcome.as_ref()
    }

    /// The server asks who calls.
    fn asked(&mut self, header: &Header, body: &[u8], from: SocketAddr) {
        let with_address_space = header.operation == conversation::WHO_ARE_YOU2;
        if header.interface != conversation::INTERFACE
            || header.interface_version != conversation::INTERFACE_VERSION
            || !(with_address_space || header.operation == conversation::WHO_ARE_YOU)
        {
            return;
        }
        let Ok(question) = Question::decode(body, header.order) else { return };
        // Somebody else's call is not vouched for, and needs no answer: who asks for it does not know ours.
        if question.activity != self.call.activity() {
            return;
        }
        self.call.learn_boot(question.server_boot);
        let answer = conversation::Answer { sequence: self.call.sequence(), status: 0 };
        let stub = answer.encode(with_address_space.then_some(Uuid::NIL), header.order);
        let flags = flag::NO_FRAGMENT_ACK;
        let reply = Header { kind: Kind::Response, flags, flags2: 0, serial: 0, fragment: 0, ..*header };
        self.send(from, reply.encode(&stub));
    }

    fn answered(&mut self, header: &Header, body: &[u8], now: Instant) {
        // Both calls have short results; a server that cuts them up is not waited for.
        if header.has(flag::FRAGMENT) && !(header.has(flag::LAST_FRAGMENT) && header.fragment == 0) {
            return;
        }
        self.acknowledge();
        let step = self.step;
        let outcome = match step {
            Step::Map => match MapResponse::decode(body, header.order) {
                Ok(response) => match self.mapped(&response, now) {
                    Ok(()) => return,
                    Err(error) => Err(error),
                },
                Err(error) => Err(CallError::Results { step, error }),
            },
            Step::Send => match send_message::decode_result(body, header.order) {
                Ok(result::SUCCESS) => Ok(Sent { replaced: self.replaced.clone() }),
                Ok(result) => Err(CallError::Refused { result }),
                Err(error) => Err(CallError::Results { step, error }),
            },
        };
        self.outcome = Some(outcome);
    }

    /// The mapper's port is believed. Its address is not: it could send the message to anybody.
    fn mapped(&mut self, response: &MapResponse, now: Instant) -> Result<(), CallError> {
        let ours = |tower: &&endpoint::Tower| tower.interface == INTERFACE && tower.endpoint.port() != 0;
        let tower = response.towers.iter().find(ours).filter(|_| response.status == 0);
        let tower = tower.ok_or(CallError::NotMapped { status: response.status })?;
        self.to = SocketAddr::new(self.address, tower.endpoint.port());
        self.step = Step::Send;
        let stub = std::mem::take(&mut self.stub);
        self.call = send_call(self.activity, stub, self.options.fragment_bytes_max);
        self.wait = self.options.first_wait;
        self.send_packets(now);
        Ok(())
    }

    /// Results of a call that may be repeated need no acknowledgement (C706 9.5.4).
    fn acknowledge(&mut self) {
        if !self.call.is_idempotent() {
            let acknowledgement = self.call.acknowledgement();
            self.send(self.to, acknowledgement);
        }
    }

    fn send_packets(&mut self, now: Instant) {
        for packet in self.call.packets() {
            self.send(self.to, packet);
        }
        self.send_again = now + self.wait;
    }

    fn send(&mut self, to: SocketAddr, datagram: Vec<u8>) {
        if self.transmit.len() < TRANSMIT_MAX {
            self.transmit.push_back((to, datagram));
        }
    }

    fn fail(&mut self, error: CallError) {
        self.outcome = Some(Err(error));
    }
}

/// A question changes nothing: it may be repeated, so that nobody asks who we are.
fn map_call(activity: Uuid) -> Call {
    let header = Header::new(Kind::Request, endpoint::INTERFACE, endpoint::INTERFACE_VERSION, activity);
    let header = Header { flags: flag::IDEMPOTENT, operation: endpoint::MAP, ..header };
    let stub = MapRequest::encode(INTERFACE, INTERFACE_VERSION, header.order);
    let fragment_bytes = stub.len().next_multiple_of(8);
    Call::new(header, stub, fragment_bytes)
}

fn send_call(activity: Uuid, stub: Vec<u8>, fragment_bytes: usize) -> Call {
    let header = Header::new(Kind::Request, INTERFACE, INTERFACE_VERSION, activity);
    Call::new(Header { operation: OPERATION, ..header }, stub, fragment_bytes)
}
