//! Pairs of people talk.

use std::time::{Duration, Instant};

use clap::Args;
use tokio::task::JoinSet;

use crate::{
    client::Client,
    door::{Door, Server},
    figures::{Figures, Outcome, Times},
    meter::{self, Meter},
    pace::{Pace, UNDER_WAY_MAX},
    protocol::{self, Said},
    under_way::{Arrival, UnderWay},
};

/// How long what is still under way at the end may take.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);

/// Pairs of people talk, each with a number of messages under way at a time.
#[derive(Debug, Args)]
pub(crate) struct Chat {
    #[command(flatten)]
    server: Server,
    /// How many pairs: people u0 … u(2n-1).
    #[arg(long, default_value_t = 50)]
    pairs: usize,
    /// How many messages of a pair are under way at a time.
    #[arg(long, default_value_t = 1)]
    window: u64,
    /// How long, after a third of it as a warm-up.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// How many messages all pairs together send each second; as many as they can where it is left out.
    #[arg(long)]
    rate: Option<u64>,
}

impl Chat {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let door = Door::new(&self.server)?;
        let mut people = door.sign_in_all(0..2 * self.pairs).await?;
        let start = Instant::now() + Duration::from_millis(self.seconds * 1_000 / 3);
        let end = start + Duration::from_secs(self.seconds);
        let mut pairs = JoinSet::new();
        for pair in (0..self.pairs).rev() {
            let (Some(receiving), Some(sending)) = (people.pop(), people.pop()) else { break };
            let receiver = 2 * pair + 1;
            let to = if door.speaks_xmpp() { door.address(receiver) } else { format!("u{receiver}") };
            let share = pair as f64 / self.pairs as f64;
            let talk = Talk {
                sending,
                receiving,
                to,
                start,
                end,
                window: self.window,
                pace: self.rate.map(|rate| Pace::new(self.pairs as f64 / rate.max(1) as f64, share)),
                under_way: UnderWay::default(),
                talked: Talked::default(),
            };
            pairs.spawn(talk.run());
        }
        tokio::time::sleep_until(start.into()).await;
        let meter = Meter::start(&self.server.pid)?;
        tokio::time::sleep_until(end.into()).await;
        let usage = meter.stop()?;
        let resident = meter::resident_bytes(&self.server.pid);
        let mut all = Talked::default();
        while let Some(result) = pairs.join_next().await {
            all.append(result??);
        }
        let mut figures = Figures::default();
        usage.tell(&mut figures);
        figures.set("messages", all.messages as f64);
        figures.set("messages_per_second", all.messages as f64 / usage.wall.as_secs_f64());
        figures.set("server_microseconds", usage.server_microseconds_each(all.messages));
        figures.set("kernel_microseconds", usage.kernel_microseconds_each(all.messages));
        figures.set("resident_bytes", resident as f64);
        figures.set("messages_missing", all.missing as f64);
        figures.set("messages_outstanding", all.outstanding as f64);
        figures.set("messages_repeated", all.repeated as f64);
        figures.set_times(&mut all.times);
        Ok(Outcome::Measured(figures))
    }
}

/// One pair.
struct Talk {
    sending: Client,
    receiving: Client,
    to: String,
    start: Instant,
    end: Instant,
    window: u64,
    pace: Option<Pace>,
    under_way: UnderWay,
    talked: Talked,
}

/// What came of talking.
#[derive(Debug, Default)]
struct Talked {
    /// Messages that came in the measured time.
    messages: u64,
    /// How long each of them took.
    times: Times,
    /// Messages that later ones have overtaken: lost.
    missing: u64,
    /// Messages that had not come when waiting ended.
    outstanding: u64,
    /// Messages that came again.
    repeated: u64,
}

impl Talked {
    fn append(&mut self, other: Self) {
        self.messages += other.messages;
        self.times.append(other.times);
        self.missing += other.missing;
        self.outstanding += other.outstanding;
        self.repeated += other.repeated;
    }
}

impl Talk {
    /// Talks until the end, then waits for what is still under way.
    async fn run(mut self) -> anyhow::Result<Talked> {
        let alarm = tokio::time::sleep_until(self.end.into());
        tokio::pin!(alarm);
        let mut end = self.end;
        loop {
            let now = Instant::now();
            if now >= end {
                if self.under_way.count() == 0 || end > self.end {
                    self.talked.outstanding += self.under_way.count();
                    return Ok(self.talked);
                }
                end = self.end + DRAIN;
            }
            if now < self.end {
                self.send(now).await?;
            } else if self.under_way.count() == 0 {
                return Ok(self.talked);
            }
            let wake =
                self.pace.as_ref().filter(|_| now < self.end).map_or(end, |pace| pace.next.min(self.end));
            if alarm.deadline() != wake.into() {
                alarm.as_mut().reset(wake.into());
            }
            let Self { sending, receiving, under_way, talked, start, end: last, .. } = &mut self;
            tokio::select! {
                arrived = receiving.receive(|said, _| {
                    if let Said::Message(number) = said {
                        let now = Instant::now();
                        let measured = now >= *start && now < *last;
                        talked.note(under_way.arrived(*number), now, measured);
                    }
                }) => arrived?,
                // The server's questions to the sender are answered too.
                asked = sending.receive(|_, _| {}) => asked?,
                () = &mut alarm => {}
            }
        }
    }

    /// Sends what is due.
    async fn send(&mut self, now: Instant) -> anyhow::Result<()> {
        let xmpp = self.sending.speaks_xmpp();
        loop {
            let departure = match &mut self.pace {
                Some(pace) if self.under_way.count() < UNDER_WAY_MAX => pace.due(now),
                None if self.under_way.count() < self.window => Some(now),
                _ => None,
            };
            let Some(departure) = departure else { break };
            let number = self.under_way.sent(departure);
            protocol::message(xmpp, &self.to, number, self.sending.output());
        }
        if self.sending.output().is_empty() { Ok(()) } else { self.sending.flush().await }
    }
}

impl Talked {
    fn note(&mut self, arrival: Arrival, now: Instant, measured: bool) {
        match arrival {
            Arrival::First { departure, skipped } => {
                self.missing += skipped;
                if measured {
                    self.messages += 1;
                    self.times.add(now.saturating_duration_since(departure));
                }
            }
            Arrival::Again => self.repeated += 1,
        }
    }
}
