//! People sign in and say nothing.

use std::time::Duration;

use clap::Args;

use crate::{
    Server,
    client::Client,
    process,
    report::{IdleReport, Report},
};

/// People sign in and say nothing.
#[derive(Debug, Args)]
pub(crate) struct Idle {
    #[command(flatten)]
    server: Server,
    /// How many.
    #[arg(long, default_value_t = 1_000)]
    sessions: usize,
}

impl Idle {
    pub(crate) async fn run(&self) -> anyhow::Result<Report> {
        let pids = &self.server.pid;
        // The first sign-in pays for what is made once.
        let _first = Client::sign_in(&self.server, "u0").await?;
        let bytes_before = process::resident_bytes(pids)?;
        let before = process::processor_time(pids)?;
        let mut people = Vec::with_capacity(self.sessions);
        for number in 1..=self.sessions {
            people.push(Client::sign_in(&self.server, &format!("u{number}")).await?);
        }
        let used = process::processor_time(pids)? - before;
        // What was needed to sign in is given back when nothing happens for a moment.
        tokio::time::sleep(Duration::from_secs(3)).await;
        let bytes = process::resident_bytes(pids)?;
        let sessions = self.sessions as f64;
        Ok(Report::Idle(IdleReport {
            sessions: self.sessions,
            bytes_per_session: bytes.saturating_sub(bytes_before) as f64 / sessions,
            bytes_before,
            sign_in_microseconds: used.as_secs_f64() * 1e6 / sessions,
        }))
    }
}
