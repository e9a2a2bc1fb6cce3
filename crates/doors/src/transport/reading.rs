use std::{
    cell::RefCell,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::tcp::OwnedReadHalf,
};

use super::encryption::{Encryption, Standing};

const BUFFER_BYTES: usize = 32 * 1024;

thread_local! {
    /// What is read goes through the thread's buffers, so that a connection that waits owns none.
    static BUFFERS: RefCell<Buffers> = RefCell::default();
}

#[derive(Default)]
struct Buffers {
    socket: Vec<u8>,
    plain: Vec<u8>,
}

/// The direction in which the peer speaks.
pub(crate) struct Reading {
    socket: OwnedReadHalf,
    encryption: Option<Arc<Mutex<Encryption>>>,
    /// What was read before and not taken.
    unread: Vec<u8>,
    ended: bool,
}

impl Reading {
    pub(super) fn new(socket: OwnedReadHalf, encryption: Option<Arc<Mutex<Encryption>>>) -> Self {
        Self { socket, encryption, unread: Vec::new(), ended: false }
    }

    pub(super) fn into_socket(self) -> OwnedReadHalf {
        self.socket
    }

    /// Has these bytes come first.
    pub(super) fn put_back(&mut self, bytes: Vec<u8>) {
        self.unread = bytes;
    }

    /// Hands what has come to `take`; nothing at all where the peer speaks no more. `take` must not read from any
    /// connection.
    pub(crate) fn poll_read<T>(
        &mut self,
        context: &mut Context<'_>,
        take: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        if !self.unread.is_empty() {
            return Poll::Ready(Ok(take(&std::mem::take(&mut self.unread))));
        }
        BUFFERS.with_borrow_mut(|Buffers { socket, plain }| {
            socket.resize(BUFFER_BYTES, 0);
            loop {
                if self.ended {
                    return Poll::Ready(Ok(take(&[])));
                }
                let mut read = ReadBuf::new(socket);
                ready!(Pin::new(&mut self.socket).poll_read(context, &mut read))?;
                let length = read.filled().len();
                let Some(encryption) = &self.encryption else {
                    self.ended = length == 0;
                    return Poll::Ready(Ok(take(&socket[..length])));
                };
                // Without a notice of its end the stream may have been cut off: what came is whole stanzas anyway.
                self.ended = length == 0;
                plain.clear();
                let standing = encryption.lock().receive(&mut socket[..length], plain);
                let standing = standing.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                self.ended |= standing == Standing::Ended;
                if !plain.is_empty() {
                    return Poll::Ready(Ok(take(plain)));
                }
            }
        })
    }
}
