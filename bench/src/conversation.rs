//! Pairs of people talk at a rate while something else happens.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Args;
use tokio::task::JoinSet;

use crate::{
    chat::DRAIN,
    client::Client,
    door::Door,
    figures::{Figures, Times},
    pace::{Pace, UNDER_WAY_MAX},
    protocol::{self, Said},
    under_way::{Arrival, UnderWay},
};

/// What is said in the first moments is not measured.
const WARM_UP: Duration = Duration::from_secs(1);

/// Who talks, and how much.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Talkers {
    /// How many pairs talk: people u0 … u(2n-1).
    #[arg(long, default_value_t = 50)]
    pairs: usize,
    /// How many messages all pairs together send each second.
    #[arg(long, default_value_t = 1_000)]
    rate: u64,
    /// How long they talk before anything else happens.
    #[arg(long, default_value_t = 5)]
    seconds_before: u64,
}

impl Talkers {
    /// How many people they are.
    pub(crate) fn people(self) -> usize {
        2 * self.pairs
    }
}

/// People that talk until they are told to stop.
pub(crate) struct Conversation {
    stop: Arc<AtomicBool>,
    pairs: JoinSet<anyhow::Result<Heard>>,
    /// When the time before anything else happens began and ended.
    before: (Instant, Instant),
}

impl Conversation {
    /// Lets them talk; returns when they have talked for as long as nothing else is to happen.
    pub(crate) async fn begin(door: &Arc<Door>, talkers: Talkers) -> anyhow::Result<Self> {
        let mut people = door.sign_in_all(0..talkers.people()).await?;
        let stop = Arc::new(AtomicBool::new(false));
        let mut pairs = JoinSet::new();
        for pair in (0..talkers.pairs).rev() {
            let (Some(receiving), Some(sending)) = (people.pop(), people.pop()) else { break };
            let seconds = talkers.pairs as f64 / talkers.rate.max(1) as f64;
            let talk = Talk {
                sending,
                receiving,
                to: door.address(2 * pair + 1),
                pace: Pace::new(seconds, pair as f64 / talkers.pairs as f64),
                under_way: UnderWay::default(),
                heard: Heard::default(),
                stop: stop.clone(),
            };
            pairs.spawn(talk.run());
        }
        tokio::time::sleep(WARM_UP).await;
        let began = Instant::now();
        tokio::time::sleep(Duration::from_secs(talkers.seconds_before)).await;
        Ok(Self { stop, pairs, before: (began, Instant::now()) })
    }

    /// Ends it, and notes how long messages took that left before anything else happened, and those that left while it
    /// did; a message belongs to the time in which it left, however late it comes.
    pub(crate) async fn end(
        mut self,
        during: (Instant, Instant),
        figures: &mut Figures,
    ) -> anyhow::Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Heard::default();
        while let Some(pair) = self.pairs.join_next().await {
            all.append(pair??);
        }
        figures.set("messages", all.messages.len() as f64);
        figures.set("messages_missing", all.missing as f64);
        for (name, time) in [("chat_before", self.before), ("chat_during", during)] {
            let mut times = all.times(time);
            figures.set(format!("{name}_p50_milliseconds"), times.percentile(0.5));
            figures.set(format!("{name}_p99_milliseconds"), times.percentile(0.99));
            figures.set(format!("{name}_max_milliseconds"), times.percentile(1.0));
        }
        Ok(())
    }
}

/// What came of talking.
#[derive(Debug, Default)]
struct Heard {
    /// When each message left, and how long it took.
    messages: Vec<(Instant, Duration)>,
    /// How many were lost.
    missing: u64,
}

impl Heard {
    fn append(&mut self, mut other: Self) {
        self.messages.append(&mut other.messages);
        self.missing += other.missing;
    }

    /// How long those took that left in this time.
    fn times(&self, (from, to): (Instant, Instant)) -> Times {
        let mut times = Times::default();
        for (_, time) in self.messages.iter().filter(|(left, _)| (from..to).contains(left)) {
            times.add(*time);
        }
        times
    }
}

/// One pair.
struct Talk {
    sending: Client,
    receiving: Client,
    to: String,
    pace: Pace,
    under_way: UnderWay,
    heard: Heard,
    stop: Arc<AtomicBool>,
}

impl Talk {
    /// Talks until it is told to stop, then waits for what is still under way.
    async fn run(mut self) -> anyhow::Result<Heard> {
        while !self.stop.load(Ordering::Relaxed) {
            self.send().await?;
            let next = self.pace.next;
            self.listen(next).await?;
        }
        let deadline = Instant::now() + DRAIN;
        while self.under_way.count() > 0 && Instant::now() < deadline {
            self.listen(deadline).await?;
        }
        self.heard.missing += self.under_way.count();
        Ok(self.heard)
    }

    /// Sends what is due.
    async fn send(&mut self) -> anyhow::Result<()> {
        let now = Instant::now();
        while self.under_way.count() < UNDER_WAY_MAX
            && let Some(departure) = self.pace.due(now)
        {
            let number = self.under_way.sent(departure);
            protocol::message(true, &self.to, number, self.sending.output());
        }
        if self.sending.output().is_empty() { Ok(()) } else { self.sending.flush().await }
    }

    /// Waits until something comes, or it is time.
    async fn listen(&mut self, until: Instant) -> anyhow::Result<()> {
        let Self { sending, receiving, under_way, heard, .. } = self;
        tokio::select! {
            arrived = receiving.receive(|said, _| {
                if let Said::Message(number) = said
                    && let Arrival::First { departure, skipped } = under_way.arrived(*number)
                {
                    heard.missing += skipped;
                    heard.messages.push((departure, departure.elapsed()));
                }
            }) => arrived,
            // The server's questions to the sender are answered too.
            asked = sending.receive(|_, _| {}) => asked,
            () = tokio::time::sleep_until(until.into()) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_belongs_to_the_time_in_which_it_left() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let took = Duration::from_millis;
        let messages = vec![(start, took(3_000)), (start + second, took(1)), (start + second * 2, took(7))];
        let heard = Heard { messages, missing: 0 };
        assert_eq!(heard.times((start, start + second)).percentile(1.0), 3_000.0);
        assert_eq!(heard.times((start + second, start + second * 2)).percentile(1.0), 1.0);
    }
}
