//! Somebody is written to until their archive holds enough.

use std::time::{Duration, Instant};

use anyhow::Context;

use crate::{
    client::Client,
    figures::Figures,
    meter::Meter,
    protocol::{self, Said},
};

/// How many messages each writer has under way.
const WINDOW: u64 = 20;

/// How an archive is filled.
#[derive(Debug)]
pub(crate) struct Filling<'a> {
    /// Whose time is measured.
    pub(crate) pid: &'a [u32],
    /// How many messages there are to be.
    pub(crate) messages: u64,
    /// How long it may take: what there is then has to do.
    pub(crate) time: Duration,
}

impl Filling<'_> {
    /// Lets the writers write until the reader has got all, or time is over; how many messages there are.
    pub(crate) async fn run(
        &self,
        to: &str,
        reader: &mut Client,
        writers: &mut [Client],
        figures: &mut Figures,
    ) -> anyhow::Result<u64> {
        let (mut sent, mut received) = (0_u64, 0_u64);
        let meter = Meter::start(self.pid)?;
        let begin = Instant::now();
        let most = WINDOW * writers.len() as u64;
        loop {
            // When time is over, what is under way is still waited for.
            let goal = if begin.elapsed() < self.time { self.messages } else { sent };
            if received == sent && sent == goal {
                break;
            }
            // Writers take turns by the window, so that a system call carries many messages.
            while sent < goal && sent - received + WINDOW <= most {
                let writer = ((sent / WINDOW) as usize) % writers.len();
                for _ in 0..WINDOW.min(goal - sent) {
                    protocol::message(true, to, sent, writers[writer].output());
                    sent += 1;
                }
                writers[writer].flush().await?;
            }
            let arrival = reader.receive(|said, _| received += u64::from(matches!(said, Said::Message(_))));
            tokio::time::timeout(self.time, arrival).await.context("the messages stopped coming")??;
        }
        let usage = meter.stop()?;
        figures.set("fill_seconds", usage.wall.as_secs_f64());
        figures.set("fill_server_microseconds", usage.server_microseconds_each(received));
        Ok(received)
    }
}
