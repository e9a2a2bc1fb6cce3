use std::{cell::RefCell, future::poll_fn, pin::Pin, task::Poll};

use tokio::io::{AsyncRead, ReadBuf};
use xmpp::stream::{Limits, StreamError, StreamEvent, StreamReader};

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
            if let Some(event) = self.next_of_rest() {
                return event;
            }
            if let Some(event) = poll_fn(|context| self.poll_read(stream, context)).await {
                return event;
            }
        }
    }

    /// The next event of what has come already.
    pub(super) fn next_of_rest(&mut self) -> Option<Result<StreamEvent, InputEnd>> {
        if self.used == self.rest.len() {
            return None;
        }
        let mut input = &self.rest[self.used..];
        let event = self.reader.read(&mut input);
        self.used = self.rest.len() - input.len();
        if matches!(event, Ok(None)) {
            (self.rest, self.used) = (Vec::new(), 0);
        }
        event.map_err(InputEnd::Wrong).transpose()
    }

    /// The first event of what has come now; what is behind it is the rest. Nothing at all is the end.
    pub(super) fn take(&mut self, mut bytes: &[u8]) -> Option<Result<StreamEvent, InputEnd>> {
        if bytes.is_empty() {
            return Some(Err(InputEnd::Gone));
        }
        let event = self.reader.read(&mut bytes);
        self.rest.extend_from_slice(bytes);
        event.map_err(InputEnd::Wrong).transpose()
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
                Poll::Pending => Poll::Pending,
                Poll::Ready(Ok(())) => Poll::Ready(self.take(read.filled())),
                Poll::Ready(Err(_)) => Poll::Ready(Some(Err(InputEnd::Gone))),
            }
        })
    }
}
