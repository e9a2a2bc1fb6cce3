//! Where the server is and how people get in.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use clap::{Args, ValueEnum};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use crate::{
    client::Client,
    connection::{self, Connection},
    scram::{Hash, Password},
};

/// How many people share one of this machine's addresses: fewer than there are ports for outgoing connections.
const PEOPLE_PER_ADDRESS: usize = 4_000;

/// How many sign in at the same time where time does not matter.
const AT_ONCE: usize = 16;

/// Where the server is and how to speak to it.
#[derive(Clone, Debug, Args)]
pub(crate) struct Server {
    /// Its address and port.
    #[arg(long)]
    pub(crate) server: SocketAddr,
    /// What it speaks.
    #[arg(long, value_enum, default_value = "xmpp")]
    protocol: Protocol,
    /// Whether and how connections are encrypted. Any certificate is taken.
    #[arg(long, value_enum, default_value = "none")]
    tls: Tls,
    /// How people prove who they are.
    #[arg(long, value_enum, default_value = "scram-sha-1")]
    mechanism: Mechanism,
    /// Its domain.
    #[arg(long, default_value = "bench.internal")]
    pub(crate) domain: String,
    /// The password of everyone: people are called u0, u1, u2 …
    #[arg(long, default_value = "bench")]
    pub(crate) password: String,
    /// The processes whose time and memory are measured; their children are not included by themselves.
    #[arg(long)]
    pub(crate) pid: Vec<u32>,
    /// Count stanzas (XEP-0198), as clients of today do.
    #[arg(long)]
    stream_management: bool,
}

/// What a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Protocol {
    /// XMPP.
    Xmpp,
    /// The bare relay's lines.
    Relay,
}

/// Encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Tls {
    /// Everything is in the clear.
    None,
    /// The stream begins in the clear and changes to TLS (RFC 6120 §5).
    Starttls,
    /// The connection begins with TLS (XEP-0368).
    Direct,
}

/// A SASL mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mechanism {
    /// The password itself.
    Plain,
    /// Proof of the password.
    #[value(name = "scram-sha-1")]
    ScramSha1,
    /// Proof of the password.
    #[value(name = "scram-sha-256")]
    ScramSha256,
}

/// The way in, with what all people share.
pub(crate) struct Door {
    pub(crate) server: Server,
    connector: TlsConnector,
    password: Password,
}

impl Door {
    /// Nobody is connected yet.
    pub(crate) fn new(server: &Server) -> anyhow::Result<Arc<Self>> {
        let password = Password::new(server.password.clone());
        Ok(Arc::new(Self { server: server.clone(), connector: connection::connector()?, password }))
    }

    /// Whether the server speaks XMPP.
    pub(crate) fn speaks_xmpp(&self) -> bool {
        self.server.protocol == Protocol::Xmpp
    }

    /// The address of the person of this number.
    pub(crate) fn address(&self, number: usize) -> String {
        format!("u{number}@{}", self.server.domain)
    }

    /// Signs in, becomes available, and waits until the server has dealt with that.
    pub(crate) async fn sign_in(&self, number: usize) -> anyhow::Result<Client> {
        let mut client = self.sign_in_silently(number).await?;
        if self.speaks_xmpp() {
            client.write(b"<presence/><iq type='get' id='ready' to='").await?;
            client.write(self.server.domain.as_bytes()).await?;
            client.write(b"'><ping xmlns='urn:xmpp:ping'/></iq>").await?;
            client.read_past_answer("ready").await?;
        } else {
            // A line to oneself comes back once the relay knows the name.
            client.write(format!("u{number} ready\n").as_bytes()).await?;
            client.receive(|_, _| {}).await?;
        }
        Ok(client)
    }

    /// Signs in, and says nothing: nobody is told, and no message comes.
    pub(crate) async fn sign_in_silently(&self, number: usize) -> anyhow::Result<Client> {
        let mut client = self.connect(number).await?;
        if !self.speaks_xmpp() {
            client.write(format!("u{number}\n").as_bytes()).await?;
            return Ok(client);
        }
        self.begin_stream(&mut client).await?;
        if self.server.tls == Tls::Starttls {
            client.write(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").await?;
            client.read_past(b"<proceed").await?;
            client = client.encrypt(&self.connector, &self.server.domain).await?;
            self.begin_stream(&mut client).await?;
        }
        self.authenticate(&mut client, number).await?;
        self.begin_stream(&mut client).await?;
        client
            .write(b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind></iq>")
            .await?;
        client.read_past(b"</iq>").await?;
        if self.server.stream_management {
            client.write(b"<enable xmlns='urn:xmpp:sm:3' resume='true'/>").await?;
            client.read_past(b"<enabled").await?;
        }
        client.forget_sign_in();
        Ok(client)
    }

    /// Signs in all people of these numbers, in their order in the result.
    pub(crate) async fn sign_in_all(
        self: &Arc<Self>,
        numbers: std::ops::Range<usize>,
    ) -> anyhow::Result<Vec<Client>> {
        crate::meter::can_hold(numbers.end)?;
        let next = Arc::new(AtomicUsize::new(numbers.start));
        let mut queues = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (door, next, end) = (self.clone(), next.clone(), numbers.end);
            queues.spawn(async move {
                let mut people = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        return anyhow::Ok(people);
                    }
                    let client =
                        door.sign_in(number).await.with_context(|| format!("signing in u{number}"))?;
                    people.push((number, client));
                }
            });
        }
        let mut people = Vec::new();
        while let Some(some) = queues.join_next().await {
            people.append(&mut some??);
        }
        people.sort_unstable_by_key(|(number, _)| *number);
        Ok(people.into_iter().map(|(_, client)| client).collect())
    }

    async fn connect(&self, number: usize) -> anyhow::Result<Client> {
        let address = u8::try_from(1 + number / PEOPLE_PER_ADDRESS).context("too many people")?;
        let from = SocketAddr::from((Ipv4Addr::new(127, 0, 1, address), 0));
        let to = self.server.server;
        ensure!(to.ip().is_loopback(), "{to} is not on this machine: the load stays on it");
        let connection = Connection::open(from, to).await.with_context(|| format!("connecting to {to}"))?;
        let client = Client::new(connection, self.speaks_xmpp());
        match self.server.tls {
            Tls::Direct => client.encrypt(&self.connector, &self.server.domain).await,
            Tls::None | Tls::Starttls => Ok(client),
        }
    }

    async fn begin_stream(&self, client: &mut Client) -> anyhow::Result<()> {
        let header = format!(
            "<?xml version='1.0'?><stream:stream to='{}' version='1.0' xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams'>",
            self.server.domain
        );
        client.write(header.as_bytes()).await?;
        client.read_past(b"</stream:features>").await?;
        Ok(())
    }

    async fn authenticate(&self, client: &mut Client, number: usize) -> anyhow::Result<()> {
        let name = format!("u{number}");
        let (mechanism, hash) = match self.server.mechanism {
            Mechanism::Plain => {
                let both = format!("\0{name}\0{}", self.password.text());
                client.write(auth("PLAIN", &both).as_bytes()).await?;
                client.read_past(b"<success").await?;
                return Ok(());
            }
            Mechanism::ScramSha1 => ("SCRAM-SHA-1", Hash::Sha1),
            Mechanism::ScramSha256 => ("SCRAM-SHA-256", Hash::Sha256),
        };
        let first = self.password.first(&name);
        client.write(auth(mechanism, &format!("n,,{first}")).as_bytes()).await?;
        let said = client.read_past(b"</challenge>").await?;
        let Some(challenge) = said.strip_suffix("</challenge>").and_then(|said| said.rsplit('>').next())
        else {
            bail!("no challenge: {said}");
        };
        let challenge = String::from_utf8(STANDARD.decode(challenge.trim())?)?;
        let last = STANDARD.encode(self.password.last(hash, &first, &challenge)?);
        let response = format!("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{last}</response>");
        client.write(response.as_bytes()).await?;
        client.read_past(b"<success").await?;
        Ok(())
    }
}

fn auth(mechanism: &str, text: &str) -> String {
    let text = STANDARD.encode(text);
    format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{text}</auth>")
}
