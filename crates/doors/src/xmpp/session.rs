use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hub::{CloseReason, Session, turn};
use tokio::time::Instant;
use xmpp::{
    scanner::MessageScan,
    stream::{FOOTER, StreamCondition, StreamError, StreamEvent},
};

use super::{
    XmppDoor,
    conversation::Conversation,
    incoming::{self, Next},
    input::{Heard, Input, InputEnd},
    link::{Link, Over},
    phrases::Language,
};
use crate::transport::{Reading, Transport};

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

/// Serves a session by one connection.
pub(super) async fn run(
    door: Arc<XmppDoor>,
    transport: Transport,
    mut input: Input,
    session: Arc<Session>,
    language: Language,
    encrypted: bool,
) {
    let (mut reading, writing) = transport.split();
    let mut conversation = Conversation::new(Link::new(door, session, language, encrypted, writing));
    let end = turn::Turns::new(pin!(conversation.converse(&mut reading, &mut input))).await;
    drop(input);
    conversation.finish(end).await;
}

/// What happens to a conversation.
enum Happening {
    Said(Result<Heard, InputEnd>),
    Over(Over),
}

impl Conversation {
    async fn converse(&mut self, reading: &mut Reading, input: &mut Input) -> End {
        loop {
            let next = match poll_fn(|context| self.poll(reading, input, context)).await {
                Happening::Over(Over::Lost) => return End::Lost,
                Happening::Over(Over::Silent) => {
                    return End::Wrong(Box::new(StreamCondition::ConnectionTimeout.into()));
                }
                Happening::Over(Over::Closed(reason)) => return End::Closed(reason),
                Happening::Said(Ok(Heard::Waiting(message))) => {
                    message.send(self).await;
                    Next::Listen
                }
                Happening::Said(Ok(Heard::Event(event))) => match event {
                    StreamEvent::Stanza(element) => incoming::stanza(self, element).await,
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

    fn poll(
        &mut self,
        reading: &mut Reading,
        input: &mut Input,
        context: &mut Context<'_>,
    ) -> Poll<Happening> {
        if let Some(held) = &mut self.held {
            match held.as_mut().poll(context) {
                Poll::Pending => return self.link.poll_over(context).map(Happening::Over),
                Poll::Ready(()) => self.held = None,
            }
        }
        let link = &*self.link;
        let mut count = 0;
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
            match reading.poll_read(context, |bytes| input.take(bytes, &mut quick)) {
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
        let count = count + u32::from(happened.is_ready());
        if count > 0
            && let Some(until) = self.pace.take(Instant::now(), count)
        {
            self.held = Some(Box::pin(tokio::time::sleep_until(until)));
        }
        happened
    }

    /// Ends the stream after what was begun, and, where the client took its leave, after what it was still to be told.
    async fn finish(self, end: End) {
        let (rest, writing) = self.stop(matches!(end, End::Goodbye));
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
            End::Goodbye => hub.end_session(&self.session).await,
            End::Closed(CloseReason::Resumed | CloseReason::Replaced | CloseReason::Shutdown) => {}
            End::Closed(_) => hub.end_session(&self.session).await,
            End::Lost | End::Wrong(_) => hub.connection_lost(&self.session, self.connection).await,
        }
    }
}
