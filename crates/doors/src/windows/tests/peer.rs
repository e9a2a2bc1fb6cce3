use std::{net::SocketAddr, time::Instant};

use netbios::{
    code_page::CodePage,
    sender::{Outgoing, SendError, Sender, SenderOptions, Sent, Step, Strategy},
    session::Framing,
    smb::Status,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A message as NET SEND sends it from the machine WS7.
pub(super) fn to(name: &str, text: &str) -> Outgoing {
    Outgoing { called: name.into(), from: "WS7".into(), to: name.into(), text: text.into() }
}

/// A message to whoever listens, for this name.
pub(super) fn through_any_server(name: &str, text: &str) -> Outgoing {
    Outgoing { called: "*SMBSERVER".into(), ..to(name, text) }
}

/// Sends one message over a connection of its own.
pub(super) async fn send(address: SocketAddr, outgoing: &Outgoing) -> Result<Sent, SendError> {
    send_in(CodePage::DEFAULT, address, outgoing).await
}

/// The same from a machine that writes this code page.
pub(super) async fn send_in(
    code_page: CodePage,
    address: SocketAddr,
    outgoing: &Outgoing,
) -> Result<Sent, SendError> {
    let options = SenderOptions { code_page, ..SenderOptions::default() };
    send_with(address, outgoing, options).await.0
}

/// Sends one message over a connection of its own; returns also every byte that was answered.
pub(super) async fn send_as(
    address: SocketAddr,
    outgoing: &Outgoing,
    strategy: Strategy,
) -> (Result<Sent, SendError>, Vec<u8>) {
    send_with(address, outgoing, SenderOptions { strategy, ..SenderOptions::default() }).await
}

#[expect(clippy::disallowed_methods, reason = "a test connects to its own port")]
async fn send_with(
    address: SocketAddr,
    outgoing: &Outgoing,
    options: SenderOptions,
) -> (Result<Sent, SendError>, Vec<u8>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut sender = Sender::new(outgoing, options, Instant::now()).unwrap();
    let mut answered = Vec::new();
    while sender.outcome().is_none() {
        while let Some(bytes) = sender.poll_transmit() {
            stream.write_all(&bytes).await.unwrap();
        }
        let mut buffer = [0; 512];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => sender.peer_closed(),
            Ok(length) => {
                answered.extend_from_slice(&buffer[..length]);
                sender.receive(&buffer[..length], Instant::now());
            }
        }
    }
    (sender.outcome().unwrap().clone(), answered)
}

/// What a sender is told whose message nobody receives.
pub(super) fn not_receiving(step: Step) -> Result<Sent, SendError> {
    Err(SendError::Refused { step, status: Status::NOT_RECEIVING })
}

/// What a sender is told whose message cannot be kept.
pub(super) fn no_room(step: Step) -> Result<Sent, SendError> {
    Err(SendError::Refused { step, status: Status::NO_ROOM })
}

/// A connection on which a test writes what it likes.
pub(super) struct Peer(TcpStream);

impl Peer {
    #[expect(clippy::disallowed_methods, reason = "a test connects to its own port")]
    pub(super) async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    pub(super) async fn read_exactly(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).await.unwrap();
        bytes
    }

    /// Everything until the other side closes. It must not reset the connection: on some systems that takes away
    /// what was answered before.
    pub(super) async fn rest(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes).await.unwrap();
        bytes
    }
}

/// The bytes that a sender would send first, as its session request and its messages, one after the other, without
/// waiting for answers.
pub(super) fn hasty(messages: &[Outgoing]) -> Vec<u8> {
    let now = Instant::now();
    let options = |framing| SenderOptions { framing, ..SenderOptions::default() };
    let mut request = Sender::new(&messages[0], options(Framing::NetbiosSession), now).unwrap();
    let mut bytes = request.poll_transmit().unwrap();
    for message in messages {
        // The framing of port 445 begins with the message; its header is the same.
        bytes.extend(Sender::new(message, options(Framing::Direct), now).unwrap().poll_transmit().unwrap());
    }
    bytes
}
