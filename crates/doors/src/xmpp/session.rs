use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};

use hub::{CloseReason, turn};
use tokio::time::Instant;
use xmpp::{
    scanner::MessageScan,
    stream::{FOOTER, StreamCondition, StreamError, StreamEvent},
};

use super::{
    conversation::Conversation,
    incoming::{self, Next},
    input::{Heard, InputEnd},
    link::Over,
};

/// So many bytes count as one stanza more, where stanzas are counted to see how fast a client sends.
const CHARGED_BYTES: usize = 4_096;

/// How long the end of a stream may take to be written.
const FAREWELL_MAX: Duration = Duration::from_secs(5);

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

/// What happens to a conversation.
enum Happening {
    Said(Result<Heard, InputEnd>),
    Over(Over),
}

impl Conversation {
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
                Happening::Over(Over::Silent) => {
                    return End::Wrong(Box::new(StreamCondition::ConnectionTimeout.into()));
                }
                Happening::Over(Over::Closed(reason)) => return End::Closed(reason),
                Happening::Said(Ok(Heard::Waiting(message))) => {
                    Box::pin(message.send(self)).await;
                    Next::Listen
                }
                Happening::Said(Ok(Heard::Event(event))) => match event {
                    StreamEvent::Stanza(element) => Box::pin(incoming::stanza(self, element)).await,
                    StreamEvent::Closed => Next::End,
                    StreamEvent::Opened(_) => {
                        Next::Wrong(Box::new(StreamError::new(StreamCondition::BadFormat)))
                    }
                },
                Happening::Said(Err(InputEnd::Gone)) => Next::Lost,
                Happening::Said(Err(InputEnd::Wrong(error))) => Next::Wrong(Box::new(error)),
            };
            match next {
                Next::Listen => {}
                Next::End => return End::Goodbye,
                Next::Lost => return End::Lost,
                Next::Wrong(error) => return End::Wrong(error),
            }
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Happening> {
        let Self { link, reading, input, pace, held, .. } = self;
        let link = &**link;
        if let Some(sleep) = held {
            match sleep.as_mut().poll(context) {
                Poll::Pending => return link.poll_over(context).map(Happening::Over),
                Poll::Ready(()) => *held = None,
            }
        }
        let (mut count, mut length) = (0, 0);
        let mut quick = |scan: &MessageScan<'_>, lang: Option<&str>| {
            count += 1;
            incoming::quick::message(link, scan, lang)
        };
        let happened = loop {
            if let Some(said) = input.next_of_rest(&mut quick) {
                break Poll::Ready(Happening::Said(said));
            }
            // What the last read produced goes out before more is read.
            turn::flush();
            let read = reading.poll_read(context, |bytes| {
                length += bytes.len();
                input.take(bytes, &mut quick)
            });
            match read {
                Poll::Ready(Ok(said)) => {
                    link.hear();
                    if let Some(said) = said {
                        break Poll::Ready(Happening::Said(said));
                    }
                }
                Poll::Ready(Err(_)) => break Poll::Ready(Happening::Over(Over::Lost)),
                Poll::Pending => {
                    input.release();
                    break link.poll_over(context).map(Happening::Over);
                }
            }
        };
        let large = u32::try_from(length / CHARGED_BYTES).unwrap_or(u32::MAX);
        let count = large.saturating_add(count).saturating_add(u32::from(happened.is_ready()));
        if count > 0
            && pace.is_limited()
            && let Some(until) = pace.take(Instant::now(), count)
        {
            *held = Some(Box::pin(tokio::time::sleep_until(until)));
        }
        happened
    }

    /// Ends the stream after what was begun and what the client was still to be told.
    async fn finish(self: Box<Self>, end: End) {
        let (rest, writing) = self.stop(!matches!(end, End::Lost));
        let mut farewell = Vec::new();
        let condition = match &end {
            End::Lost | End::Goodbye => None,
            End::Wrong(error) => {
                error.write(&mut farewell);
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
            StreamError::new(condition).write(&mut farewell);
        }
        // Who is told that the stream is closed can no longer resume it.
        if matches!(end, End::Goodbye) {
            self.door.hub.end_session(&self.session).await;
        }
        if !matches!(end, End::Lost) {
            farewell.extend_from_slice(FOOTER);
            let mut rest = rest;
            let write = async {
                writing.write_all_rest(&mut rest).await?;
                writing.write_all(&farewell).await
            };
            if matches!(tokio::time::timeout(FAREWELL_MAX, write).await, Ok(Ok(()))) {
                writing.end();
            }
        }
        let hub = &self.door.hub;
        match end {
            End::Goodbye
            | End::Closed(CloseReason::Resumed | CloseReason::Replaced | CloseReason::Shutdown) => {}
            End::Closed(_) => hub.end_session(&self.session).await,
            End::Lost | End::Wrong(_) => hub.connection_lost(&self.session, self.connection).await,
        }
    }
}
