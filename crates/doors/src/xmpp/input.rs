use std::{cell::RefCell, future::poll_fn, pin::Pin, task::Poll};

use tokio::io::{AsyncRead, ReadBuf};
use xmpp::{
    scanner::MessageScan,
    stream::{Limits, StreamError, StreamEvent, StreamReader},
};

use super::incoming::quick::{Quick, Waiting};

const BUFFER_BYTES: usize = 16 * 1024;

thread_local! {
    /// What is read goes through one buffer a thread, so that a session that waits owns none.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; BUFFER_BYTES].into_boxed_slice());
}

/// What a client sends, as events.
pub(super) struct Input {
    reader: StreamReader,
    rest: Vec<u8>,
    used: usize,
}

/// What came.
pub(super) enum Heard {
    /// Something that is to be dealt with.
    Event(StreamEvent),
    /// A message that waits to be taken.
    Waiting(Box<Waiting>),
}

/// Why no more events come.
#[derive(Debug)]
pub(super) enum InputEnd {
    /// The connection is closed or broken.
    Gone,
    /// What came is not a stream as it should be.
    Wrong(StreamError),
}

impl Input {
    pub(super) fn new(limits: Limits) -> Self {
        Self { reader: StreamReader::new(limits), rest: Vec::new(), used: 0 }
    }

    /// Expects a new stream header. What came already and was not read stays.
    pub(super) fn restart(&mut self) {
        self.reader.reset();
    }

    /// Expects a new stream header and forgets what came already: it was not encrypted (RFC 6120 §5.4.3.3).
    pub(super) fn restart_encrypted(&mut self) {
        self.reader.reset();
        (self.rest, self.used) = (Vec::new(), 0);
    }

    pub(super) fn set_limits(&mut self, limits: Limits) {
        self.reader.set_limits(limits);
    }

    /// The next event. Dropping the future loses nothing.
    pub(super) async fn next<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
    ) -> Result<StreamEvent, InputEnd> {
        loop {
            if let Some(event) = self.with_rest(next_event) {
                return event;
            }
            if let Some(event) = poll_fn(|context| self.poll_read(stream, context)).await {
                return event;
            }
        }
    }

    /// What is next in what has come already. Messages that `quick` deals with are passed over.
    pub(super) fn next_of_rest(
        &mut self,
        quick: impl FnMut(&MessageScan<'_>, Option<&str>) -> Quick,
    ) -> Option<Result<Heard, InputEnd>> {
        self.with_rest(|reader, input| next_heard(reader, input, quick))
    }

    /// What is first in what has come now, as [`next_of_rest`](Self::next_of_rest) has it; what is behind it is the
    /// rest. Nothing at all is the end.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        quick: impl FnMut(&MessageScan<'_>, Option<&str>) -> Quick,
    ) -> Option<Result<Heard, InputEnd>> {
        self.with_new(bytes, |reader, input| next_heard(reader, input, quick))
    }

    fn with_rest<T>(&mut self, read: impl FnOnce(&mut StreamReader, &mut &[u8]) -> Option<T>) -> Option<T> {
        let mut input = &self.rest[self.used..];
        if input.is_empty() {
            return None;
        }
        let heard = read(&mut self.reader, &mut input);
        self.used = self.rest.len() - input.len();
        if self.used == self.rest.len() {
            (self.rest, self.used) = (Vec::new(), 0);
        }
        heard
    }

    fn with_new<T>(
        &mut self,
        mut bytes: &[u8],
        read: impl FnOnce(&mut StreamReader, &mut &[u8]) -> Option<Result<T, InputEnd>>,
    ) -> Option<Result<T, InputEnd>> {
        if bytes.is_empty() {
            return Some(Err(InputEnd::Gone));
        }
        let heard = read(&mut self.reader, &mut bytes);
        self.rest.extend_from_slice(bytes);
        heard
    }

    /// Gives back memory while nothing comes.
    pub(super) fn release(&mut self) {
        self.reader.release();
    }

    fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<StreamEvent, InputEnd>>> {
        BUFFER.with_borrow_mut(|buffer| {
            let mut read = ReadBuf::new(buffer);
            match Pin::new(stream).poll_read(context, &mut read) {
                Poll::Pending => {
                    self.release();
                    Poll::Pending
                }
                Poll::Ready(Ok(())) => Poll::Ready(self.with_new(read.filled(), next_event)),
                Poll::Ready(Err(_)) => Poll::Ready(Some(Err(InputEnd::Gone))),
            }
        })
    }
}

fn next_event(reader: &mut StreamReader, input: &mut &[u8]) -> Option<Result<StreamEvent, InputEnd>> {
    reader.read(input).map_err(InputEnd::Wrong).transpose()
}

fn next_heard(
    reader: &mut StreamReader,
    input: &mut &[u8],
    mut quick: impl FnMut(&MessageScan<'_>, Option<&str>) -> Quick,
) -> Option<Result<Heard, InputEnd>> {
    while let Some(scan) = reader.scan_message(input) {
        let length = scan.source().len();
        match quick(&scan, reader.lang()) {
            Quick::Taken => *input = &input[length..],
            Quick::Waits(waiting) => {
                *input = &input[length..];
                return Some(Ok(Heard::Waiting(waiting)));
            }
            Quick::Unusual => break,
        }
    }
    if input.is_empty() {
        return None;
    }
    next_event(reader, input).map(|event| event.map(Heard::Event))
}
