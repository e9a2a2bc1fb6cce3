//! Windows computers send messages to somebody who is signed in by XMPP.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, ensure};
use clap::Args;
use netbios::sender::{Outgoing, Sender, SenderOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinSet,
};

use crate::{
    client::Client,
    connection::Connection,
    door::{Door, Server},
    figures::{Figures, Outcome, Times},
    meter::{self, Meter},
    pace::Pace,
    protocol::Said,
};

/// From how many addresses they send.
const COMPUTERS: u8 = 200;
/// How long the last messages may take.
const DRAIN: Duration = Duration::from_secs(20);

/// Messages are sent at a rate, each by a session of its own as NET SEND does it, to people u0, u1 … in turn.
#[derive(Debug, Args)]
pub(crate) struct NetSend {
    #[command(flatten)]
    server: Server,
    /// Where the NetBIOS session service is.
    #[arg(long, default_value = "127.0.0.1:139")]
    sessions: SocketAddr,
    /// How many people get messages.
    #[arg(long, default_value_t = 20)]
    people: usize,
    /// How many messages are sent each second.
    #[arg(long, default_value_t = 1_000)]
    rate: u64,
    /// For how long.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

impl NetSend {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        ensure!(self.sessions.ip().is_loopback(), "{} is not on this machine", self.sessions);
        let door = Door::new(&self.server)?;
        let people = door.sign_in_all(0..self.people).await?;
        let messages = self.rate * self.seconds;
        let sent: Arc<Vec<AtomicU64>> = Arc::new((0..messages).map(|_| AtomicU64::new(0)).collect());
        let received = Arc::new(AtomicU64::new(0));
        let begin = Instant::now();
        let times = Arc::new(Mutex::new(Times::default()));
        let mut readers = JoinSet::new();
        for person in people {
            let heard = Heard { sent: sent.clone(), received: received.clone(), times: times.clone(), begin };
            readers.spawn(heard.listen(person));
        }
        let meter = Meter::start(&self.server.pid)?;
        let refused = self.send(&sent, begin).await?;
        let usage = meter.stop()?;
        let end = Instant::now() + DRAIN;
        while received.load(Ordering::Relaxed) + refused < messages && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut figures = Figures::default();
        usage.tell(&mut figures);
        // Who only listens ends when something is wrong.
        if let Some(ended) = readers.try_join_next() {
            let Err(error) = ended?;
            return Err(error);
        }
        readers.shutdown().await;
        let received = received.load(Ordering::Relaxed);
        ensure!(refused == 0, "{refused} of {messages} messages were refused: the budgets are to be raised");
        ensure!(received == messages, "{received} of {messages} messages arrived");
        figures.set("messages", messages as f64);
        figures.set("server_microseconds", usage.server_microseconds_each(received.max(1)));
        figures.set("resident_bytes", meter::resident_bytes(&self.server.pid) as f64);
        figures.set_times(&mut *times.lock().map_err(|_| anyhow!("a reader has panicked"))?);
        Ok(Outcome::Measured(figures))
    }

    /// Sends all; how many were not taken.
    async fn send(&self, sent: &Arc<Vec<AtomicU64>>, begin: Instant) -> anyhow::Result<u64> {
        let mut pace = Pace::new(1.0 / self.rate.max(1) as f64, 0.0);
        let mut under_way = JoinSet::new();
        let mut refused = 0;
        let mut number = 0;
        while number < sent.len() {
            let Some(due) = pace.due(Instant::now()) else {
                tokio::time::sleep_until(pace.next.into()).await;
                continue;
            };
            let since = due.saturating_duration_since(begin).as_micros();
            sent[number].store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
            let text = format!("{number:016} the canteen is open");
            let to = format!("U{}", number % self.people.max(1));
            under_way.spawn(deliver(self.sessions, number, to, text));
            number += 1;
            while let Some(done) = under_way.try_join_next() {
                refused += u64::from(!done??);
            }
        }
        while let Some(done) = under_way.join_next().await {
            refused += u64::from(!done??);
        }
        Ok(refused)
    }
}

/// What people hear.
struct Heard {
    /// When each message was due, in microseconds since the beginning.
    sent: Arc<Vec<AtomicU64>>,
    received: Arc<AtomicU64>,
    times: Arc<Mutex<Times>>,
    begin: Instant,
}

impl Heard {
    /// Listens until it is ended, or something is wrong.
    async fn listen(self, mut person: Client) -> anyhow::Result<Infallible> {
        loop {
            person
                .receive(|said, _| {
                    if let Said::Message(number) = said
                        && let Some(due) = sent_at(&self.sent, *number)
                        && let Ok(mut times) = self.times.lock()
                    {
                        times.add(self.begin.elapsed().saturating_sub(due));
                        self.received.fetch_add(1, Ordering::Relaxed);
                    }
                })
                .await?;
        }
    }
}

fn sent_at(sent: &[AtomicU64], number: u64) -> Option<Duration> {
    let due = sent.get(usize::try_from(number).ok()?)?;
    Some(Duration::from_micros(due.load(Ordering::Relaxed)))
}

/// One message by one session; whether it was taken.
async fn deliver(to: SocketAddr, number: usize, name: String, text: String) -> anyhow::Result<bool> {
    let computer = u8::try_from(number % usize::from(COMPUTERS))? + 1;
    let from = SocketAddr::from((Ipv4Addr::new(127, 0, 2, computer), 0));
    let outgoing = Outgoing { called: name.clone(), from: format!("PC{computer}"), to: name, text };
    let mut sender = Sender::new(&outgoing, SenderOptions::default(), Instant::now())?;
    let mut connection = Connection::open(from, to).await.with_context(|| format!("connecting to {to}"))?;
    loop {
        if let Some(outcome) = sender.outcome() {
            return Ok(outcome.is_ok());
        }
        while let Some(bytes) = sender.poll_transmit() {
            connection.write_all(&bytes).await?;
        }
        let mut buffer = [0; 512];
        match connection.read(&mut buffer).await {
            Ok(0) | Err(_) => sender.peer_closed(),
            Ok(length) => sender.receive(&buffer[..length], Instant::now()),
        }
    }
}
