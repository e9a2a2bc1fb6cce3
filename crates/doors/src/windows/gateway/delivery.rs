use std::io::{self, ErrorKind};

use hub::ComputerMessage;
use netbios::{
    rpc::client::CallError,
    sender::{Outgoing, SendError, Sender, SenderOptions, Sent},
};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, timeout_at},
};

use super::{DEADLINE, WindowsGateway, way::Way};
use crate::network::DialError;

/// How much is read at once; no response has more than 64 bytes.
const READ_BYTES: usize = 1_024;

/// Why one attempt did not deliver the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// There was no connection.
    Dial(DialError),
    /// The message cannot be sent, or the machine did not take it.
    Send(SendError),
    /// The machine was called, and did not take it.
    Call(CallError),
    /// The deadline passed.
    TooLate,
}

impl WindowsGateway {
    /// Makes one attempt.
    pub(super) async fn deliver(
        &self,
        way: &Way,
        message: &ComputerMessage,
        deadline: Instant,
    ) -> Result<Sent, Failure> {
        let outgoing = Outgoing {
            called: way.called.clone(),
            from: message.from.clone(),
            to: message.computer.name.clone(),
            text: message.text.clone(),
        };
        let options = |code_page| SenderOptions {
            framing: way.framing(),
            code_page,
            strategy: way.strategy,
            // The deadline over all is what counts.
            response_timeout: DEADLINE,
            ..SenderOptions::default()
        };
        // What cannot be sent is known before anybody is connected to.
        let page = self.code_pages.of_host(&message.computer.host);
        let mut sender = Sender::new(&outgoing, options(page), now()).map_err(Failure::Send)?;
        let stream = self.gate.dial(&message.computer.host, way.port, deadline).await;
        let stream = stream.map_err(Failure::Dial)?;
        let page_there = stream.peer_addr().map_or(page, |peer| self.code_pages.of(peer.ip()));
        if page_there != page {
            sender = Sender::new(&outgoing, options(page_there), now()).map_err(Failure::Send)?;
        }
        let sent = timeout_at(deadline, converse(sender, stream)).await;
        sent.map_err(|_| Failure::TooLate)?.map_err(Failure::Send)
    }
}

async fn converse(mut sender: Sender, mut stream: TcpStream) -> Result<Sent, SendError> {
    loop {
        if let Some(outcome) = sender.outcome() {
            return outcome.clone();
        }
        if exchange(&mut sender, &mut stream).await.is_err() {
            sender.peer_closed();
        }
    }
}

/// Sends what there is to send, and then waits for an answer.
async fn exchange(sender: &mut Sender, stream: &mut TcpStream) -> io::Result<()> {
    while let Some(bytes) = sender.poll_transmit() {
        stream.write_all(&bytes).await?;
    }
    stream.readable().await?;
    read(sender, stream)
}

fn read(sender: &mut Sender, stream: &TcpStream) -> io::Result<()> {
    let mut buffer = [0; READ_BYTES];
    match stream.try_read(&mut buffer) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(length) => {
            sender.receive(&buffer[..length], now());
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
