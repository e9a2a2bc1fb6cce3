use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hub::{CloseReason, Item, Session};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf},
    time::{Instant, sleep_until},
};
use xmpp::{
    namespace,
    stream::{FOOTER, StreamCondition, StreamError, StreamEvent},
    stream_management::Response as StreamResponse,
};

use super::{
    XmppDoor,
    conversation::{Conversation, PING_MAX},
    incoming::{self, Next},
    input::{Input, InputEnd},
    outgoing,
    pace::Pace,
    phrases::Language,
};

/// How many items are written with one system call.
const BATCH: usize = 64;

/// How long a client may take none of what is written to it.
const STALLED_MAX: Duration = Duration::from_secs(60);

/// After so long without a word from the client it is asked for one, and given so long again to answer.
const SILENCE_MAX: Duration = Duration::from_secs(240);

/// How many seconds' worth of stanzas a client may send at once.
const BURST_SECONDS: u32 = 5;

/// How a conversation ended.
enum End {
    /// The connection is gone; the client may come back.
    Lost,
    /// The client said goodbye.
    Goodbye,
    /// The stream cannot go on.
    Wrong(Box<StreamError>),
    /// The session was closed from inside.
    Closed(CloseReason),
}

/// What is being written.
#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    written: usize,
    flush: bool,
    since: Option<Instant>,
}

/// Serves a session by one connection.
pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin + Send>(
    door: Arc<XmppDoor>,
    stream: S,
    mut input: Input,
    session: Arc<Session>,
    language: Language,
    encrypted: bool,
) {
    let mut conversation = Conversation::new(door, session, language, encrypted);
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut output = Output::default();
    let end = conversation.converse(&mut reader, &mut writer, &mut input, &mut output).await;
    conversation.finish(end, output, &mut writer).await;
}

impl Conversation {
    async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send>(
        &mut self,
        reader: &mut ReadHalf<S>,
        writer: &mut WriteHalf<S>,
        input: &mut Input,
        output: &mut Output,
    ) -> End {
        let mut heard = Instant::now();
        let rate = self.door.settings.stanzas_per_second_max;
        let mut pace = Pace::new(rate, rate.saturating_mul(BURST_SECONDS));
        // Until when nothing more is read of a client that sends too fast.
        let mut held: Option<Instant> = None;
        loop {
            if output.is_idle()
                && let Some(reason) = self.fill(output)
            {
                return End::Closed(reason);
            }
            let check = self.next_check(heard, output);
            tokio::select! {
                () = sleep_until(held.unwrap_or(check)), if held.is_some() => held = None,
                event = input.next(reader), if held.is_none() => {
                    heard = Instant::now();
                    held = pace.take(heard, 1);
                    match self.hear(event).await {
                        Next::Listen => {}
                        Next::End => return End::Goodbye,
                        Next::Lost => return End::Lost,
                        Next::Wrong(error) => return End::Wrong(error),
                    }
                }
                written = output.write(writer), if !output.is_idle() => {
                    if written.is_err() {
                        return End::Lost;
                    }
                }
                () = self.session.outbox.changed(), if output.is_idle() => {}
                () = sleep_until(check) => {
                    if output.is_stalled() {
                        return End::Lost;
                    }
                    if heard.elapsed() > 2 * SILENCE_MAX {
                        return End::Wrong(Box::new(StreamCondition::ConnectionTimeout.into()));
                    }
                    self.check(heard);
                }
            }
        }
    }

    async fn hear(&mut self, event: Result<StreamEvent, InputEnd>) -> Next {
        match event {
            Ok(StreamEvent::Stanza(element)) => incoming::stanza(self, element).await,
            Ok(StreamEvent::Closed) => Next::End,
            Ok(StreamEvent::Opened(_)) => Next::Wrong(Box::new(StreamError::new(StreamCondition::BadFormat))),
            Err(InputEnd::Gone) => Next::Lost,
            Err(InputEnd::Wrong(error)) => Next::Wrong(Box::new(error)),
        }
    }

    /// Renders what waits, so that one system call carries it, and asks for an acknowledgement where one is due.
    fn fill(&mut self, output: &mut Output) -> Option<CloseReason> {
        let mut items = Vec::new();
        let closed = self.session.outbox.take(self.connection, BATCH, &mut items);
        for (_, item) in &items {
            outgoing::write(self, item, &mut output.bytes);
        }
        self.ask(&mut output.bytes);
        if closed.is_some() && output.bytes.is_empty() {
            return closed;
        }
        // What was taken is written before the reason is told: it is asked for again when all is written.
        if !output.bytes.is_empty() {
            output.since = Some(Instant::now());
        }
        None
    }

    fn check(&mut self, heard: Instant) {
        self.check_ping(heard);
        if heard.elapsed() >= SILENCE_MAX && !self.is_asked() {
            let item = if self.counting {
                Item::Uncounted(Bytes::from(
                    StreamResponse::AskAcknowledgement.to_element().to_bytes(namespace::CLIENT),
                ))
            } else {
                Item::Filler
            };
            self.session.push(item);
        }
    }

    fn next_check(&self, heard: Instant, output: &Output) -> Instant {
        let silence = if heard.elapsed() < SILENCE_MAX {
            heard + SILENCE_MAX
        } else {
            heard + 2 * SILENCE_MAX + PING_MAX
        };
        let acknowledgement = self.deadline();
        let stalled = output.since.map(|since| since + STALLED_MAX);
        [acknowledgement, stalled].into_iter().flatten().fold(silence, Instant::min)
    }

    /// Ends the stream after what was begun, and, where the client took its leave, after what it was still to be told.
    async fn finish<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        end: End,
        mut output: Output,
        writer: &mut WriteHalf<S>,
    ) {
        if matches!(end, End::Goodbye) {
            self.fill(&mut output);
        }
        let hub = &self.door.hub;
        let mut out = output.bytes.split_off(output.written);
        let condition = match &end {
            End::Lost | End::Goodbye => None,
            End::Wrong(error) => {
                error.write(&mut out);
                None
            }
            End::Closed(reason) => Some(match reason {
                CloseReason::Replaced | CloseReason::Resumed => StreamCondition::Conflict,
                CloseReason::Overflow => StreamCondition::ResourceConstraint,
                CloseReason::NotAuthorized => StreamCondition::NotAuthorized,
                CloseReason::Shutdown | CloseReason::Ended => StreamCondition::SystemShutdown,
            }),
        };
        if let Some(condition) = condition {
            StreamError::new(condition).write(&mut out);
        }
        if !matches!(end, End::Lost) {
            out.extend_from_slice(FOOTER);
            let writing = async {
                writer.write_all(&out).await?;
                writer.shutdown().await
            };
            drop(tokio::time::timeout(Duration::from_secs(5), writing).await);
        }
        match end {
            End::Goodbye => hub.end_session(&self.session).await,
            End::Closed(CloseReason::Resumed | CloseReason::Replaced | CloseReason::Shutdown) => {}
            End::Closed(_) => hub.end_session(&self.session).await,
            End::Lost | End::Wrong(_) => hub.connection_lost(&self.session, self.connection).await,
        }
    }
}

impl Output {
    fn is_idle(&self) -> bool {
        self.bytes.is_empty() && !self.flush
    }

    fn is_stalled(&self) -> bool {
        self.since.is_some_and(|since| since.elapsed() >= STALLED_MAX)
    }

    /// Writes on. Dropping the future loses nothing.
    async fn write<W: AsyncWrite + Unpin>(&mut self, writer: &mut W) -> std::io::Result<()> {
        if self.written < self.bytes.len() {
            let written = writer.write(&self.bytes[self.written..]).await?;
            if written == 0 {
                return Err(std::io::ErrorKind::WriteZero.into());
            }
            self.written += written;
            self.since = Some(Instant::now());
            if self.written < self.bytes.len() {
                return Ok(());
            }
            *self = Self { flush: true, since: self.since, ..Self::default() };
        }
        writer.flush().await?;
        *self = Self::default();
        Ok(())
    }
}
