//! Pairs of people talk.

use std::time::{Duration, Instant};

use clap::Args;
use tokio::task::JoinSet;

use crate::{
    Server,
    client::Client,
    process, protocol,
    report::{ChatReport, Report, Times},
};

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
    /// How long, after a fifth of it as a warm-up.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How many messages all pairs together send each second; as many as they can where it is left out.
    #[arg(long)]
    rate: Option<u64>,
}

impl Chat {
    pub(crate) async fn run(&self) -> anyhow::Result<Report> {
        let mut pairs = JoinSet::new();
        let mut people = Vec::new();
        for pair in 0..self.pairs {
            let (sender, receiver) = (format!("u{}", 2 * pair), format!("u{}", 2 * pair + 1));
            let sending = Client::sign_in(&self.server, &sender).await?;
            people.push((sending, Client::sign_in(&self.server, &receiver).await?, receiver));
        }
        let start = Instant::now() + Duration::from_millis(self.seconds * 200);
        let end = start + Duration::from_secs(self.seconds);
        let interval = self.rate.map(|rate| Duration::from_secs_f64(self.pairs as f64 / rate as f64));
        for (index, (sending, receiving, receiver)) in people.into_iter().enumerate() {
            let domain = self.server.domain.clone();
            let talk = Talk { sending, receiving, receiver, domain, window: self.window, start, end };
            let offset = interval.map(|interval| interval.mul_f64(index as f64 / self.pairs as f64));
            pairs.spawn(talk.run(interval.zip(offset)));
        }
        tokio::time::sleep_until(start.into()).await;
        let before = process::processor_time(&self.server.pid)?;
        tokio::time::sleep_until(end.into()).await;
        let used = process::processor_time(&self.server.pid)? - before;
        let (mut messages, mut times) = (0, Times::default());
        while let Some(result) = pairs.join_next().await {
            let (count, own) = result??;
            messages += count;
            times.append(own);
        }
        let seconds = self.seconds as f64;
        Ok(Report::Chat(ChatReport {
            messages,
            seconds,
            per_second: messages as f64 / seconds,
            server_microseconds: used.as_secs_f64() * 1e6 / messages.max(1) as f64,
            median_milliseconds: times.percentile(0.5),
            p99_milliseconds: times.percentile(0.99),
        }))
    }
}

/// One pair.
struct Talk {
    sending: Client,
    receiving: Client,
    receiver: String,
    domain: String,
    window: u64,
    start: Instant,
    end: Instant,
}

impl Talk {
    /// Talks until the end; how many messages came in the measured time, and how long each took.
    async fn run(mut self, pace: Option<(Duration, Duration)>) -> anyhow::Result<(u64, Times)> {
        let (mut sent, mut received, mut measured) = (0_u64, 0_u64, 0_u64);
        let mut times = Times::default();
        let mut departures = std::collections::VecDeque::new();
        let mut next = Instant::now() + pace.map_or(Duration::ZERO, |(_, offset)| offset);
        loop {
            let now = Instant::now();
            if now >= self.end {
                return Ok((measured, times));
            }
            let mut out = Vec::new();
            while match pace {
                Some(_) => next <= now && sent - received < 10_000,
                None => sent - received < self.window,
            } {
                protocol::message(self.sending.speaks_xmpp(), &self.domain, &self.receiver, sent, &mut out);
                departures.push_back(now);
                sent += 1;
                next += pace.map_or(Duration::ZERO, |(interval, _)| interval);
            }
            if !out.is_empty() {
                self.sending.write(&out).await?;
            }
            let wake = if pace.is_some() { next.min(self.end) } else { self.end };
            tokio::select! {
                arrived = self.receiving.messages() => {
                    let now = Instant::now();
                    for _ in arrived? {
                        received += 1;
                        let Some(departure) = departures.pop_front() else { continue };
                        if now >= self.start && now < self.end {
                            measured += 1;
                            times.add(now - departure);
                        }
                    }
                }
                // The server's questions to the sender are answered too.
                asked = self.sending.messages() => { asked?; }
                () = tokio::time::sleep_until(wake.into()) => {}
            }
        }
    }
}
