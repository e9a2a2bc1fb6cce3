//! One person's connection.

use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use memchr::memmem;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    Protocol, Server,
    protocol::{self, Said},
};

/// A person who is signed in.
pub(crate) struct Client {
    stream: TcpStream,
    input: Vec<u8>,
    xmpp: bool,
    /// Stanzas that came since counting began.
    stanzas: u32,
}

impl Client {
    /// Connects and signs in.
    pub(crate) async fn sign_in(server: &Server, name: &str) -> anyhow::Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "the load comes from outside of the service")]
        let stream = TcpStream::connect(&server.server)
            .await
            .with_context(|| format!("connecting to {}", server.server))?;
        stream.set_nodelay(true)?;
        let xmpp = server.protocol == Protocol::Xmpp;
        let mut client = Self { stream, input: Vec::new(), xmpp, stanzas: 0 };
        if !xmpp {
            client.write(format!("{name}\n").as_bytes()).await?;
            return Ok(client);
        }
        let header = format!(
            "<?xml version='1.0'?><stream:stream to='{}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
            server.domain
        );
        client.write(header.as_bytes()).await?;
        client.until(b"</stream:features>").await?;
        let plain = STANDARD.encode(format!("\0{name}\0{}", server.password));
        client
            .write(
                format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>")
                    .as_bytes(),
            )
            .await?;
        client.until(b"<success").await?;
        client.write(header.as_bytes()).await?;
        client.until(b"</stream:features>").await?;
        client.write(b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind></iq>").await?;
        client.until(b"</iq>").await?;
        if server.stream_management {
            client.write(b"<enable xmlns='urn:xmpp:sm:3' resume='true'/>").await?;
            client.until(b"<enabled").await?;
        }
        client.write(b"<presence/><iq type='get' id='ready' to='").await?;
        client.write(format!("{}'><ping xmlns='urn:xmpp:ping'/></iq>", server.domain).as_bytes()).await?;
        client.ready().await?;
        Ok(client)
    }

    /// Writes bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        Ok(self.stream.write_all(bytes).await?)
    }

    /// Whether this person speaks XMPP.
    pub(crate) fn speaks_xmpp(&self) -> bool {
        self.xmpp
    }

    /// The numbers of the messages that have come, at least one. What the server asks is answered.
    pub(crate) async fn messages(&mut self) -> anyhow::Result<Vec<u64>> {
        loop {
            let mut numbers = Vec::new();
            self.take(|said| {
                if let Said::Message(number) = said {
                    numbers.push(*number);
                }
            })
            .await?;
            if !numbers.is_empty() {
                return Ok(numbers);
            }
            self.read().await?;
        }
    }

    /// Deals with everything that has come.
    async fn take(&mut self, mut tell: impl FnMut(&Said)) -> anyhow::Result<()> {
        let (mut used, mut answers) = (0, Vec::new());
        while let Some((said, length)) = protocol::next(self.xmpp, &self.input[used..]) {
            used += length;
            tell(&said);
            match said {
                Said::Message(_) | Said::Stanza => self.stanzas = self.stanzas.wrapping_add(1),
                Said::Ping(id) => {
                    self.stanzas = self.stanzas.wrapping_add(1);
                    answers.extend_from_slice(format!("<iq type='result' id='{id}'/>").as_bytes());
                }
                Said::Ask => answers
                    .extend_from_slice(format!("<a xmlns='urn:xmpp:sm:3' h='{}'/>", self.stanzas).as_bytes()),
                Said::Other => {}
            }
        }
        self.input.drain(..used);
        if !answers.is_empty() {
            self.write(&answers).await?;
        }
        Ok(())
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        self.input.reserve(8_192);
        if self.stream.read_buf(&mut self.input).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }

    /// Reads until the answer to the last query of signing in has come, whatever comes with it.
    async fn ready(&mut self) -> anyhow::Result<()> {
        loop {
            let ready = memmem::find(&self.input, b"id='ready'")
                .or_else(|| memmem::find(&self.input, b"id=\"ready\""));
            if ready.is_some() {
                return self.take(|_| {}).await;
            }
            self.read().await?;
        }
    }

    async fn until(&mut self, mark: &[u8]) -> anyhow::Result<()> {
        loop {
            if let Some(at) = memmem::find(&self.input, mark) {
                let end = at + mark.len();
                let rest = memchr::memchr(b'>', &self.input[end - 1..]).map_or(end, |close| end + close);
                self.input.drain(..rest.min(self.input.len()));
                return Ok(());
            }
            if memmem::find(&self.input, b"<failure").is_some()
                || memmem::find(&self.input, b"stream:error").is_some()
            {
                bail!("the server refused: {}", String::from_utf8_lossy(&self.input));
            }
            self.read().await?;
        }
    }
}
