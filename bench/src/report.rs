//! Pages of the report of an alert to very many are read.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::Value;

use crate::{
    alert::Alert,
    confirmers::Confirmers,
    door::{Door, Server},
    figures::{Figures, Outcome, Times},
    interface::{Interface, Way},
    meter::{self, Meter},
};

/// An alert goes to everyone, some confirm it, and pages of its report are read: the first, one in the middle, and the
/// first of those who have not confirmed.
#[derive(Debug, Args)]
pub(crate) struct Report {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    way: Way,
    /// How many accounts there are at least.
    #[arg(long, default_value_t = 100_000)]
    people: usize,
    /// How many of them confirm.
    #[arg(long, default_value_t = 10_000)]
    confirmations: usize,
    /// Within how many seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How often each page is read.
    #[arg(long, default_value_t = 100)]
    requests: usize,
    /// Rows on a page.
    #[arg(long, default_value_t = 1_000)]
    rows: usize,
}

impl Report {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let door = Door::new(&self.server)?;
        let mut interface = Interface::open(&self.way).await?;
        let confirmers = Confirmers::sign_in(&door, 0, self.confirmations).await?;
        let alert = Alert::send(&mut interface, self.people).await?;
        let within = Duration::from_secs(self.seconds);
        confirmers.wait().await?.confirm(&alert, within, &mut interface).await?;
        let middle = self.middle(&alert, &mut interface).await?;
        let (mut figures, mut all) = (Figures::default(), Times::default());
        let meter = Meter::start(&self.server.pid)?;
        let pages =
            [("first", String::new()), ("middle", middle), ("missing", "&unconfirmed=true".to_owned())];
        for (name, place) in pages {
            let path = alert.page(&format!("limit={}{place}", self.rows));
            let mut times = Times::default();
            for _ in 0..self.requests {
                let began = Instant::now();
                let page = interface.get(&path).await?;
                times.add(began.elapsed());
                figures.set(format!("{name}_bytes"), page.len() as f64);
            }
            figures.set(format!("{name}_p50_milliseconds"), times.percentile(0.5));
            figures.set(format!("{name}_p99_milliseconds"), times.percentile(0.99));
            all.append(times);
        }
        let usage = meter.stop()?;
        usage.tell(&mut figures);
        figures.set("people", self.people as f64);
        figures.set("rows", self.rows as f64);
        figures.set("server_microseconds", usage.server_microseconds_each(3 * self.requests as u64));
        figures.set("resident_bytes", meter::resident_bytes(&self.server.pid) as f64);
        figures.set_times(&mut all);
        Ok(Outcome::Measured(figures))
    }

    /// The place behind which half of the recipients are, in the order of their texts.
    async fn middle(&self, alert: &Alert, interface: &mut Interface) -> anyhow::Result<String> {
        let mut place = String::new();
        let mut passed = 0;
        loop {
            let query = format!("limit={}{place}", self.rows);
            let page: Value = serde_json::from_slice(&interface.get(&alert.page(&query)).await?)?;
            let rows = page["recipients"].as_array().context("a report without recipients")?;
            ensure!(!rows.is_empty(), "the report ends after {passed} recipients");
            passed += rows.len();
            let last = rows.last().and_then(|row| row["recipient"].as_str()).unwrap_or_default();
            place = format!("&after={last}");
            if passed * 2 >= self.people {
                return Ok(place);
            }
        }
    }
}
