//! One person's connection.

use std::io::{self, Write as _};

use anyhow::bail;
use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use crate::{
    connection::Connection,
    protocol::{self, Said},
};

/// How much is read at a time.
const READ_BYTES: usize = 16_384;

/// A person's connection, and what has come by it that nobody has looked at yet.
#[derive(Debug)]
pub(crate) struct Client {
    connection: Connection,
    input: Vec<u8>,
    output: Vec<u8>,
    xmpp: bool,
    /// Stanzas that came since counting began.
    stanzas: u32,
}

impl Client {
    /// Nothing has come.
    pub(crate) fn new(connection: Connection, xmpp: bool) -> Self {
        Self { connection, input: Vec::new(), output: Vec::new(), xmpp, stanzas: 0 }
    }

    /// Changes to TLS.
    pub(crate) async fn encrypt(mut self, connector: &TlsConnector, domain: &str) -> anyhow::Result<Self> {
        self.input.clear();
        self.connection = self.connection.encrypt(connector, domain).await?;
        Ok(self)
    }

    /// Whether this person speaks XMPP.
    pub(crate) fn speaks_xmpp(&self) -> bool {
        self.xmpp
    }

    /// What is to be written by the next [`Self::flush`].
    pub(crate) fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Writes what there is to write. Where this is dropped half-way, the next call goes on.
    pub(crate) async fn flush(&mut self) -> anyhow::Result<()> {
        while !self.output.is_empty() {
            let written = self.connection.write(&self.output).await?;
            if written == 0 {
                return Err(closed());
            }
            self.output.drain(..written);
        }
        Ok(self.connection.flush().await?)
    }

    /// Writes bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.output.extend_from_slice(bytes);
        self.flush().await
    }

    /// Waits for something whole, and tells of all that has come, each with its bytes. What the server asks is
    /// answered. Where this is dropped half-way nothing is lost.
    pub(crate) async fn receive(&mut self, mut tell: impl FnMut(&Said, &[u8])) -> anyhow::Result<()> {
        loop {
            // What an earlier call had no time to write.
            self.flush().await?;
            if self.take(&mut tell) {
                return self.flush().await;
            }
            self.read().await?;
        }
    }

    /// Reads up to the end of the tag that contains or ends with `mark`; what was read.
    pub(crate) async fn read_past(&mut self, mark: &[u8]) -> anyhow::Result<String> {
        loop {
            if let Some(at) = memmem::find(&self.input, mark)
                && let Some(close) = memchr::memchr(b'>', &self.input[at + mark.len() - 1..])
            {
                let read = self.input.drain(..at + mark.len() + close).collect();
                return Ok(String::from_utf8(read)?);
            }
            let refused = [&b"<failure"[..], b"stream:error"].map(|mark| memmem::find(&self.input, mark));
            if refused.iter().any(Option::is_some) {
                bail!("the server refused: {}", String::from_utf8_lossy(&self.input));
            }
            self.read().await?;
        }
    }

    /// Reads until the answer to a query has come, whatever comes with it; the answer.
    pub(crate) async fn read_past_answer(&mut self, id: &str) -> anyhow::Result<String> {
        let ids = [format!(" id='{id}'"), format!(" id=\"{id}\"")];
        let mut answer = None;
        while answer.is_none() {
            self.receive(|said, whole| {
                let named = ids.iter().any(|id| memmem::find(whole, id.as_bytes()).is_some());
                if *said == Said::Answer && named {
                    answer = Some(String::from_utf8_lossy(whole).into_owned());
                }
            })
            .await?;
        }
        Ok(answer.unwrap_or_default())
    }

    /// Gives back the memory that signing in took, and begins to count stanzas.
    pub(crate) fn forget_sign_in(&mut self) {
        self.input = Vec::new();
        self.output = Vec::new();
        self.stanzas = 0;
    }

    /// Deals with everything that has come whole; whether there was anything.
    fn take(&mut self, tell: &mut impl FnMut(&Said, &[u8])) -> bool {
        let mut used = 0;
        while let Some((said, length)) = protocol::next(self.xmpp, &self.input[used..]) {
            tell(&said, &self.input[used..used + length]);
            used += length;
            if said.is_stanza() {
                self.stanzas = self.stanzas.wrapping_add(1);
            }
            // Writing to memory does not fail.
            let _always = match said {
                Said::Ping(id) => write!(self.output, "<iq type='result' id='{id}'/>"),
                Said::Ask => write!(self.output, "<a xmlns='urn:xmpp:sm:3' h='{}'/>", self.stanzas),
                _ => Ok(()),
            };
        }
        self.input.drain(..used);
        used > 0
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        self.input.reserve(READ_BYTES);
        if self.connection.read_buf(&mut self.input).await? == 0 {
            let said = String::from_utf8_lossy(&self.input).into_owned();
            return Err(if said.is_empty() { closed() } else { closed().context(said) });
        }
        Ok(())
    }
}

fn closed() -> anyhow::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection").into()
}
