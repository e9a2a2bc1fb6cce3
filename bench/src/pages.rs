//! Pages of browsers that only listen.

use std::time::Duration;

use anyhow::ensure;
use clap::Args;

use crate::{
    connection::Connection,
    door::Server,
    figures::{Figures, Outcome},
    interface::{Interface, Way},
    meter,
};

/// What was needed to begin is given back when nothing happens for a moment.
const SETTLE: Duration = Duration::from_secs(3);
/// So many pages pay for what is made once.
const FIRST: usize = 50;

/// Pages open the stream of events, and say nothing (RFC 6455).
#[derive(Debug, Args)]
pub(crate) struct Pages {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    way: Way,
    /// At how many pages memory is looked at, in growing order.
    #[arg(long, value_delimiter = ',', default_value = "1000")]
    sessions: Vec<usize>,
}

impl Pages {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let most = self.sessions.iter().max().copied().unwrap_or_default() + FIRST;
        meter::can_hold(most)?;
        let mut pages = Vec::with_capacity(most);
        self.open(&mut pages, FIRST).await?;
        let empty = meter::resident_bytes(&self.server.pid);
        let mut figures = Figures::default();
        figures.set("bytes_at_0", empty as f64);
        for &step in &self.sessions {
            self.open(&mut pages, FIRST + step).await?;
            let bytes = meter::resident_bytes(&self.server.pid);
            figures.set(format!("bytes_at_{step}"), bytes as f64);
            let each = bytes.saturating_sub(empty) as f64 / step.max(1) as f64;
            figures.set("bytes_per_session", each);
        }
        Ok(Outcome::Measured(figures))
    }

    /// Opens pages until there are so many, and lets the server settle.
    async fn open(&self, pages: &mut Vec<Connection>, count: usize) -> anyhow::Result<()> {
        while pages.len() < count {
            let path = format!("/events?device=page-{}", pages.len());
            pages.push(Interface::open(&self.way).await?.listen(&path).await?);
        }
        tokio::time::sleep(SETTLE).await;
        ensure!(pages.len() == count, "a page was opened too much");
        Ok(())
    }
}
