//! A connection's bytes, encrypted or not, with no buffer of its own while nothing happens.
//!
//! Reading goes through buffers that belong to the thread. Writing can be done by any thread that has something for
//! the peer, without waiting: what the socket does not take is given back.

mod encryption;
mod exporter;
mod handshake;
mod reading;
#[cfg(test)]
mod tests;
mod writing;

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use encryption::Encryption;
pub(crate) use handshake::accept;
pub(crate) use reading::Reading;
pub(crate) use writing::Writing;

/// Both directions of a connection, for the time in which one task does everything.
pub(crate) struct Transport {
    reading: Reading,
    writing: Writing,
    /// What was read and decrypted and not asked for yet.
    read: Vec<u8>,
    /// What is encrypted and not written yet.
    unwritten: Vec<u8>,
}

impl Transport {
    /// A connection that is not encrypted.
    pub(crate) fn unencrypted(stream: TcpStream) -> Self {
        Self::new(stream, None)
    }

    fn new(stream: TcpStream, encryption: Option<Encryption>) -> Self {
        let encryption = encryption.map(|encryption| Arc::new(Mutex::new(encryption)));
        let (read, write) = stream.into_split();
        Self {
            reading: Reading::new(read, encryption.clone()),
            writing: Writing::new(write, encryption),
            read: Vec::new(),
            unwritten: Vec::new(),
        }
    }

    /// The two directions, to be used by themselves. Everything written must have been flushed.
    pub(crate) fn split(mut self) -> (Reading, Writing) {
        debug_assert!(self.unwritten.is_empty());
        self.reading.put_back(self.read);
        (self.reading, self.writing)
    }

    /// Has these bytes, which were read and not used, come first.
    pub(crate) fn unread(&mut self, bytes: &[u8]) {
        self.read.splice(..0, bytes.iter().copied());
    }

    /// The socket, where nothing is encrypted yet.
    pub(crate) fn into_stream(self) -> Option<TcpStream> {
        self.reading.into_socket().reunite(self.writing.into_socket()).ok()
    }

    fn poll_unwritten(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unwritten.is_empty() {
            let written = ready!(self.writing.poll_write_raw(context, &self.unwritten))?;
            self.unwritten.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.read.is_empty() {
            let read = &mut this.read;
            ready!(this.reading.poll_read(context, |bytes| read.extend_from_slice(bytes)))?;
        }
        let taken = buffer.remaining().min(this.read.len());
        buffer.put_slice(&this.read[..taken]);
        this.read.drain(..taken);
        if this.read.is_empty() {
            this.read = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_unwritten(context))?;
        let this = &mut *self;
        this.writing.prepare(bytes, &mut this.unwritten)?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // The peer may be owed something that is not ours to say: an answer to a change of keys.
        this.writing.prepare(&[], &mut this.unwritten)?;
        self.poll_unwritten(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.writing.prepare_end(&mut this.unwritten);
        ready!(self.poll_unwritten(context))?;
        Poll::Ready(self.writing.shut_down())
    }
}
