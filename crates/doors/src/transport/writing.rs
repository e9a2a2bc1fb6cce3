use std::{
    cell::RefCell,
    io::{self, ErrorKind},
    net::Shutdown,
    sync::Arc,
    task::{Context, Poll, ready},
};

use parking_lot::Mutex;
use socket2::SockRef;
use tokio::net::{TcpStream, tcp::OwnedWriteHalf};

use super::encryption::Encryption;

thread_local! {
    static CIPHERTEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// How much of it a thread keeps room for.
const CIPHERTEXT_KEPT: usize = 256 * 1024;

/// The direction in which we speak. Any thread may, one at a time: order is the caller's to keep.
pub(crate) struct Writing {
    socket: OwnedWriteHalf,
    encryption: Option<Arc<Mutex<Encryption>>>,
}

impl Writing {
    pub(super) fn new(socket: OwnedWriteHalf, encryption: Option<Arc<Mutex<Encryption>>>) -> Self {
        Self { socket, encryption }
    }

    pub(super) fn into_socket(self) -> OwnedWriteHalf {
        self.socket
    }

    /// Writes without waiting. What the socket does not take is appended to `rest`, ready for
    /// [`write_rest`](Self::write_rest); nothing may be written between.
    pub(crate) fn write(&self, bytes: &[u8], rest: &mut Vec<u8>) -> io::Result<()> {
        let Some(encryption) = &self.encryption else {
            let written = self.try_write(bytes)?;
            rest.extend_from_slice(&bytes[written..]);
            return Ok(());
        };
        CIPHERTEXT.with_borrow_mut(|ciphertext| {
            ciphertext.clear();
            encryption.lock().encrypt(bytes, ciphertext).map_err(other)?;
            let written = self.try_write(ciphertext)?;
            rest.extend_from_slice(&ciphertext[written..]);
            ciphertext.shrink_to(CIPHERTEXT_KEPT);
            Ok(())
        })
    }

    /// Writes on what the socket did not take before, without waiting.
    pub(crate) fn write_rest(&self, rest: &mut Vec<u8>) -> io::Result<()> {
        let written = self.try_write(rest)?;
        rest.drain(..written);
        if rest.is_empty() {
            *rest = Vec::new();
        }
        Ok(())
    }

    /// When the socket takes something again.
    pub(crate) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_write_ready(context)
    }

    /// Writes everything, and waits for that.
    pub(crate) async fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = Vec::new();
        self.write(bytes, &mut rest)?;
        self.write_all_rest(&mut rest).await
    }

    /// Writes on what the socket did not take before, and waits for that.
    pub(crate) async fn write_all_rest(&self, rest: &mut Vec<u8>) -> io::Result<()> {
        while !rest.is_empty() {
            self.socket.writable().await?;
            self.write_rest(rest)?;
        }
        Ok(())
    }

    /// Says that nothing more comes, encrypted too, as far as that goes without waiting.
    pub(crate) fn end(&self) {
        let mut last = Vec::new();
        self.prepare_end(&mut last);
        // Who does not read does not hear that either.
        drop(self.try_write(&last));
        drop(self.shut_down());
    }

    /// Whether the peer's system has acknowledged everything that was written.
    pub(crate) fn is_acknowledged(&self) -> bool {
        unsent::unacknowledged_bytes(self.stream()).is_ok_and(|bytes| bytes == 0)
    }

    fn stream(&self) -> &TcpStream {
        self.socket.as_ref()
    }

    pub(super) fn prepare(&self, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match &self.encryption {
            Some(encryption) => encryption.lock().encrypt(bytes, out).map_err(other),
            None => {
                out.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    pub(super) fn prepare_end(&self, out: &mut Vec<u8>) {
        if let Some(encryption) = &self.encryption {
            encryption.lock().close(out);
        }
    }

    pub(super) fn shut_down(&self) -> io::Result<()> {
        SockRef::from(self.stream()).shutdown(Shutdown::Write)
    }

    pub(super) fn poll_write_raw(&self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.poll_writable(context))?;
            match self.socket.try_write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                other => return Poll::Ready(other),
            }
        }
    }

    /// How much of `bytes` the socket takes now.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = 0;
        while written < bytes.len() {
            match self.socket.try_write(&bytes[written..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(more) => written += more,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }
}

fn other(error: rustls::Error) -> io::Error {
    io::Error::other(error)
}
