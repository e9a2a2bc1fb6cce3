//! One outbound message: from text to bytes, and from responses to an outcome.
//!
//! The owner connects, sends what [`Sender::poll_transmit`] gives, feeds [`Sender::receive`] and
//! [`Sender::peer_closed`], and closes the connection once [`Sender::outcome`] is known.

mod error;
mod options;

use std::time::Instant;

use crate::name::{Name, Suffix};
use crate::session::{self, Decoder, Framing, Packet};
use crate::smb::header::{FLAG_REPLY, command};
use crate::smb::{
    BLOCK_BYTES_MAX, Header, end_multi_block, send_message, start_multi_block, text_multi_block,
};

pub use error::{SendError, Step};
pub use options::{Outgoing, SenderOptions, Strategy};

/// The longest response that is read, in bytes without its session header. The messenger's have 37 at most.
const RESPONSE_BYTES_MAX: usize = 1024;

/// A message that was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The characters of the text that the recipient's code page lacks and that it got another spelling for.
    pub replaced: Vec<char>,
}

/// The state of one outbound connection that carries one message.
#[derive(Debug)]
pub struct Sender {
    options: SenderOptions,
    called: Name,
    from: Name,
    to: Name,
    text: Vec<u8>,
    replaced: Vec<char>,
    decoder: Decoder,
    step: Step,
    /// The group of the message, once its start was answered.
    group: u16,
    /// How much of the text was sent.
    text_sent: usize,
    transmit: Option<Vec<u8>>,
    deadline: Instant,
    outcome: Option<Result<Sent, SendError>>,
}

impl Sender {
    /// Prepares a message for a connection that was established at `now`.
    ///
    /// Fails if a name cannot be a NetBIOS name or the text is too long.
    pub fn new(outgoing: &Outgoing, options: SenderOptions, now: Instant) -> Result<Self, SendError> {
        let encoded = options.code_page.encode(&outgoing.text);
        if encoded.bytes.len() > options.text_bytes_max {
            return Err(SendError::TextTooLong { max: options.text_bytes_max, got: encoded.bytes.len() });
        }
        let name = |text: &str| Name::new(text, Suffix::MESSENGER, options.code_page);
        let called = if outgoing.called == "*SMBSERVER" { Name::SMB_SERVER } else { name(&outgoing.called)? };
        let (from, to) = (name(&outgoing.from)?, name(&outgoing.to)?);
        let mut sender = Self {
            called,
            from,
            to,
            text: encoded.bytes,
            replaced: encoded.replaced,
            decoder: Decoder::new(options.framing, RESPONSE_BYTES_MAX),
            step: Step::Session,
            group: 0,
            text_sent: 0,
            transmit: None,
            deadline: now + options.response_timeout,
            outcome: None,
            options,
        };
        match sender.options.framing {
            Framing::NetbiosSession => {
                let request = Packet::Request { called, calling: from };
                sender.transmit = Some(request.encode(Framing::NetbiosSession));
            }
            Framing::Direct => sender.begin(now),
        }
        Ok(sender)
    }

    /// The next bytes to send.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.transmit.take()
    }

    /// Takes bytes that arrived at `now`. After the outcome is known they are ignored.
    pub fn receive(&mut self, bytes: &[u8], now: Instant) {
        let mut input = bytes;
        while self.outcome.is_none() {
            match self.decoder.decode(&mut input) {
                Ok(Some(packet)) => self.handle_packet(packet, now),
                Ok(None) => return,
                Err(error) => self.fail(error.into()),
            }
        }
    }

    /// The peer has closed the connection.
    pub fn peer_closed(&mut self) {
        if self.outcome.is_none() {
            self.fail(SendError::Disconnected { step: self.step });
        }
    }

    /// When [`Sender::handle_timeout`] must be called, if nothing happens before. Changes with every call.
    pub fn deadline(&self) -> Option<Instant> {
        self.outcome.is_none().then_some(self.deadline)
    }

    /// Gives up if the peer did not respond in time.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.outcome.is_none() && now >= self.deadline {
            self.fail(SendError::TimedOut { step: self.step });
        }
    }

    /// How it went, once that is known. Then the connection can be closed.
    pub fn outcome(&self) -> Option<&Result<Sent, SendError>> {
        self.outcome.as_ref()
    }

    fn handle_packet(&mut self, packet: Packet, now: Instant) {
        match (packet, self.step) {
            (Packet::KeepAlive, _) => {}
            // What was not sent yet cannot have been answered: nobody has the text that such a peer would confirm.
            (_, step) if self.transmit.is_some() => self.fail(SendError::UnexpectedPacket { step }),
            (Packet::Positive, Step::Session) => self.begin(now),
            (Packet::Negative(reason), Step::Session) => {
                let called_any_server = self.called == Name::SMB_SERVER;
                self.fail(SendError::SessionRefused { reason, called_any_server });
            }
            (Packet::Retarget { address, port }, Step::Session) => {
                self.fail(SendError::Retargeted { address, port });
            }
            (Packet::Message(message), step) if step != Step::Session => {
                if let Err(error) = self.handle_response(&message, now) {
                    self.fail(error);
                }
            }
            _ => self.fail(SendError::UnexpectedPacket { step: self.step }),
        }
    }

    fn handle_response(&mut self, message: &[u8], now: Instant) -> Result<(), SendError> {
        let (header, body) = Header::decode(message)?;
        if Some(header.command) != self.step.command() || header.flags & FLAG_REPLY == 0 {
            return Err(SendError::UnexpectedPacket { step: self.step });
        }
        if !header.status.is_success() {
            return Err(SendError::Refused { step: self.step, status: header.status });
        }
        match self.step {
            Step::Session => {}
            Step::Start => {
                self.group = start_multi_block::Response::decode(body)?.group;
                self.send_block_or_end(now);
            }
            Step::Text => self.send_block_or_end(now),
            Step::SingleBlock | Step::End => {
                self.outcome = Some(Ok(Sent { replaced: self.replaced.clone() }));
            }
        }
        Ok(())
    }

    /// The first message after the session is established (MS-MSRP 3.2.4.4).
    fn begin(&mut self, now: Instant) {
        let (from, to) = (self.from, self.to);
        let (from, to) = (from.text_bytes(), to.text_bytes());
        if self.options.strategy == Strategy::SingleBlock && self.text.len() <= BLOCK_BYTES_MAX {
            let request = send_message::Request { from, to, text: &self.text }.encode();
            self.send(Step::SingleBlock, &request, now);
        } else {
            let request = start_multi_block::Request { from, to }.encode();
            self.send(Step::Start, &request, now);
        }
    }

    fn send_block_or_end(&mut self, now: Instant) {
        let rest = &self.text[self.text_sent..];
        if rest.is_empty() {
            let request = end_multi_block::Request { group: self.group }.encode();
            return self.send(Step::End, &request, now);
        }
        // A line end is a single byte. Some recipients read each block for itself, which must not cut a character.
        let block = &rest[..self.options.code_page.whole_characters(rest, BLOCK_BYTES_MAX)];
        let request = text_multi_block::Request { group: self.group, text: block }.encode();
        self.text_sent += block.len();
        self.send(Step::Text, &request, now);
    }

    fn send(&mut self, step: Step, message: &[u8], now: Instant) {
        self.step = step;
        self.deadline = now + self.options.response_timeout;
        self.transmit = Some(session::encode_message(message, self.options.framing));
    }

    fn fail(&mut self, error: SendError) {
        self.transmit = None;
        self.outcome = Some(Err(error));
    }
}

impl Step {
    /// The command whose response is awaited.
    fn command(self) -> Option<u8> {
        match self {
            Self::Session => None,
            Self::SingleBlock => Some(command::SEND_MESSAGE),
            Self::Start => Some(command::START_MULTI_BLOCK),
            Self::Text => Some(command::TEXT_MULTI_BLOCK),
            Self::End => Some(command::END_MULTI_BLOCK),
        }
    }
}
