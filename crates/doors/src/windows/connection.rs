use std::{
    io::{self, ErrorKind},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use hub::StrangerRefusal;
use netbios::{
    receiver::{CloseReason, Event, Receiver},
    session::{Framing, NegativeReason},
};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{WindowsDoor, budget::Transport};
use crate::network::Admitted;

/// How much is read at once.
const READ_BYTES: usize = 4_096;
/// How long a peer may take to let an answer into its receive window; answers have fewer than 100 bytes.
const WRITE_MAX: Duration = Duration::from_secs(10);
/// How long, and for how many reads, a peer's last bytes are waited for, so that the answer before is not lost.
const LINGER_MAX: Duration = Duration::from_secs(1);
const LINGER_READS_MAX: usize = 16;

/// Serves one connection to its end.
pub(super) async fn serve(
    door: Arc<WindowsDoor>,
    stream: TcpStream,
    admitted: Admitted,
    framing: Framing,
    stop: CancellationToken,
) {
    let source = admitted.address();
    if !door.hears(source) {
        return;
    }
    let (code_page, limits) = (door.settings.code_pages.of(source), door.settings.limits.clone());
    let challenge = door.hub.environment().random();
    let receiver = Box::new(Receiver::new(framing, code_page, limits, challenge, now()));
    let mut connection = Connection { door, stream, receiver, source };
    match connection.run(&stop).await {
        Ok(()) => connection.linger().await,
        Err(error) => tracing::debug!(%source, %error, "a messenger connection broke"),
    }
    drop(admitted);
}

struct Connection {
    door: Arc<WindowsDoor>,
    stream: TcpStream,
    receiver: Box<Receiver>,
    source: IpAddr,
}

/// Whether the connection goes on.
#[derive(PartialEq, Eq)]
enum Next {
    GoOn,
    End,
}

impl Connection {
    /// Answers before it reads on, so that nothing accumulates but what one read has brought.
    async fn run(&mut self, stop: &CancellationToken) -> io::Result<()> {
        loop {
            self.flush().await?;
            let next = match self.receiver.poll() {
                Some(event) => self.decide(event).await,
                None => self.wait(stop).await?,
            };
            if next == Next::End {
                return Ok(());
            }
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        while let Some(bytes) = self.receiver.poll_transmit() {
            timeout(WRITE_MAX, self.stream.write_all(&bytes)).await.map_err(|_| ErrorKind::TimedOut)??;
        }
        Ok(())
    }

    async fn decide(&mut self, event: Event) -> Next {
        match event {
            Event::Called { called, calling } => {
                if self.door.may_call(called, calling, self.source) {
                    self.receiver.allow_session(now());
                } else {
                    self.receiver.refuse_session(NegativeReason::CalledNotPresent);
                }
            }
            Event::Addressed { from, to } => {
                if self.door.may_address(&from, &to, self.source) {
                    self.receiver.allow_recipient(now());
                } else {
                    self.receiver.refuse_recipient(now());
                }
            }
            Event::Message(message) => {
                let answer = self.door.deliver(message, self.source, Transport::Answered).await;
                self.receiver.answer(answer, now());
            }
            Event::Closed(reason) => {
                tracing::debug!(source = %self.source, %reason, "a messenger connection was closed");
                if is_unreadable(&reason) {
                    self.door.refuse(self.source, StrangerRefusal::Unreadable);
                }
                return Next::End;
            }
            // An event of a later version that asks for no decision known here.
            _ => {}
        }
        Next::GoOn
    }

    async fn wait(&mut self, stop: &CancellationToken) -> io::Result<Next> {
        let Some(deadline) = self.receiver.deadline() else { return Ok(Next::End) };
        let readable = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(Next::End),
            readable = timeout_at(Instant::from_std(deadline), self.stream.readable()) => readable,
        };
        match readable {
            Ok(readable) => {
                readable?;
                self.read()
            }
            Err(_) => {
                self.receiver.handle_timeout(now());
                Ok(Next::GoOn)
            }
        }
    }

    fn read(&mut self) -> io::Result<Next> {
        let mut buffer = [0; READ_BYTES];
        match self.stream.try_read(&mut buffer) {
            Ok(0) => Ok(Next::End),
            Ok(length) => {
                self.receiver.receive(&buffer[..length], now());
                Ok(Next::GoOn)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Next::GoOn),
            Err(error) => Err(error),
        }
    }

    /// Ends the connection so that the last answer arrives: closing with unread input would reset it.
    async fn linger(&mut self) {
        let drain = async {
            self.stream.shutdown().await?;
            for _ in 0..LINGER_READS_MAX {
                self.stream.readable().await?;
                if discard(&self.stream)? == Next::End {
                    break;
                }
            }
            io::Result::Ok(())
        };
        // The peer has what it gets: how it takes its leave matters to nobody.
        drop(timeout(LINGER_MAX, drain).await);
    }
}

fn is_unreadable(reason: &CloseReason) -> bool {
    matches!(
        reason,
        CloseReason::UnexpectedPacket
            | CloseReason::Session(_)
            | CloseReason::Smb(_)
            | CloseReason::TooManyRejected
            | CloseReason::InputOverrun
    )
}

fn discard(stream: &TcpStream) -> io::Result<Next> {
    match stream.try_read(&mut [0; READ_BYTES]) {
        Ok(0) => Ok(Next::End),
        Ok(_) => Ok(Next::GoOn),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Next::GoOn),
        Err(error) => Err(error),
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
