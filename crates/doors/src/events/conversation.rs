use std::{
    future::poll_fn,
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hub::{CloseReason, turn};
use tokio::time::{Instant, Sleep};
use websocket::{Reader, Received, WebSocketError};

use super::{
    Events, Opened,
    close::{self, Close},
    incoming::{self, Next},
    link::{Link, Over},
};
use crate::{
    pace::Pace,
    transport::{Reading, Writing},
};

/// How many seconds' worth of messages a client may send at once.
const BURST_SECONDS: u32 = 5;

/// So many bytes count as one message more, where messages are counted to see how fast a client sends.
const CHARGED_BYTES: usize = 4_096;

/// How long the end of a connection may take to be written.
const FAREWELL_MAX: Duration = Duration::from_secs(5);

/// One connection of a session, as the task sees it that reads from the client.
pub(super) struct Conversation {
    link: Arc<Link>,
    reading: Reading,
    reader: Reader,
    /// How fast the client may send.
    pace: Pace,
    /// Until when nothing more is read of a client that sends too fast.
    held: Option<Pin<Box<Sleep>>>,
}

/// How much of what a client still says is read after the end.
const DISCARDED_BYTES_MAX: usize = 1 << 20;

/// How a conversation ended.
enum End {
    /// The connection is gone; the client may come back.
    Lost,
    /// The client went away in order and may come back: a page that is loaded again.
    Away,
    /// The client signs out.
    Goodbye,
    /// The client does what no client does.
    Wrong(Close),
    /// A message cannot be read.
    Unreadable(WebSocketError),
    /// The session was closed from inside.
    Closed(CloseReason),
}

/// What happens to a conversation.
enum Happening {
    Said(Result<Received, WebSocketError>),
    Over(Over),
}

impl Conversation {
    pub(super) fn new(
        events: Arc<Events>,
        opened: Opened,
        (reading, writing): (Reading, Writing),
    ) -> Box<Self> {
        let limits = events.limits();
        let rate = limits.messages_per_second_max;
        let link = Link::new(events, opened, writing);
        let pace = Pace::new(rate, rate.saturating_mul(BURST_SECONDS));
        Box::new(Self { link, reading, reader: Reader::new(limits.message_bytes_max), pace, held: None })
    }

    /// Serves the session until the connection is over.
    pub(super) async fn run(mut self: Box<Self>) {
        let end = turn::Turns::new(pin!(self.converse())).await;
        // What is seldom done is no part of what every connection holds.
        Box::pin(self.finish(end)).await;
    }

    async fn converse(&mut self) -> End {
        loop {
            let next = match poll_fn(|context| self.poll(context)).await {
                Happening::Over(Over::Lost) => return End::Lost,
                Happening::Over(Over::Silent) => return End::Wrong(close::SILENT),
                Happening::Over(Over::Closed(reason)) => return End::Closed(reason),
                Happening::Said(Err(error)) => return End::Unreadable(error),
                Happening::Said(Ok(received)) => match received {
                    Received::Text(text) => Box::pin(incoming::said(&self.link, &text)).await,
                    Received::Ping(said) => {
                        self.link.pinged(said);
                        Next::Listen
                    }
                    Received::Pong => Next::Listen,
                    // What a browser says when a page ends or is loaded again is another code.
                    Received::Close(Some(1000)) => return End::Goodbye,
                    Received::Close(_) => return End::Away,
                },
            };
            match next {
                Next::Listen => {}
                Next::Lost => return End::Lost,
                Next::Wrong(close) => return End::Wrong(close),
            }
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Happening> {
        let Self { link, reading, reader, pace, held } = self;
        if let Some(sleep) = held {
            match sleep.as_mut().poll(context) {
                Poll::Pending => return link.poll_over(context).map(Happening::Over),
                Poll::Ready(()) => *held = None,
            }
        }
        let mut length = 0;
        let happened = loop {
            match reader.read() {
                Ok(Some(received)) => break Poll::Ready(Happening::Said(Ok(received))),
                Ok(None) => {}
                Err(error) => break Poll::Ready(Happening::Said(Err(error))),
            }
            // What the last read produced goes out before more is read.
            turn::flush();
            let read = reading.poll_read(context, |bytes| {
                reader.push(bytes);
                bytes.len()
            });
            match read {
                Poll::Ready(Ok(0) | Err(_)) => break Poll::Ready(Happening::Over(Over::Lost)),
                Poll::Ready(Ok(more)) => {
                    length += more;
                    link.hear();
                }
                Poll::Pending => {
                    reader.release();
                    break link.poll_over(context).map(Happening::Over);
                }
            }
        };
        let large = u32::try_from(length / CHARGED_BYTES).unwrap_or(u32::MAX);
        let count = large.saturating_add(u32::from(happened.is_ready()));
        if count > 0
            && pace.is_limited()
            && let Some(until) = pace.take(Instant::now(), count)
        {
            *held = Some(Box::pin(tokio::time::sleep_until(until)));
        }
        happened
    }

    /// Ends the connection after what was begun and what the client was still to be told.
    async fn finish(self: Box<Self>, end: End) {
        let Self { link, reading, .. } = *self;
        let (hub, session) = (&link.events.hub, &link.session);
        let said;
        let close = match &end {
            End::Lost => None,
            End::Away | End::Goodbye => Some(close::GOODBYE),
            End::Wrong((code, reason)) => Some((*code, *reason)),
            End::Unreadable(error) => {
                said = error.to_string();
                Some((error.close_code(), said.as_str()))
            }
            End::Closed(reason) => Some(close::of(*reason)),
        };
        let (rest, writing) = link.stop(close.is_some());
        // Whoever is told that the session is over cannot resume it any more.
        if matches!(end, End::Goodbye) {
            hub.end_session(session).await;
        }
        if let Some(close) = close {
            drop(tokio::time::timeout(FAREWELL_MAX, farewell(rest, writing, reading, close)).await);
        }
        match end {
            End::Goodbye
            | End::Closed(CloseReason::Resumed | CloseReason::Replaced | CloseReason::Shutdown) => {}
            End::Closed(_) => hub.end_session(session).await,
            End::Lost | End::Away | End::Wrong(_) | End::Unreadable(_) => {
                hub.connection_lost(session, link.connection).await;
            }
        }
    }
}

/// Says why the connection ends, and waits until the client ends it too: a connection that is closed while something
/// comes may lose what was said last.
async fn farewell(
    mut rest: Vec<u8>,
    writing: &Writing,
    mut reading: Reading,
    (code, reason): (u16, &str),
) -> io::Result<()> {
    let mut close = Vec::new();
    websocket::write_close(code, reason, &mut close);
    writing.write_all_rest(&mut rest).await?;
    writing.write_all(&close).await?;
    writing.end();
    let mut came = 0;
    while came < DISCARDED_BYTES_MAX {
        match poll_fn(|context| reading.poll_read(context, <[u8]>::len)).await? {
            0 => break,
            more => came += more,
        }
    }
    Ok(())
}
