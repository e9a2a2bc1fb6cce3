//! People sign in and say nothing.

use std::time::Duration;

use clap::Args;

use crate::{
    door::{Door, Server},
    figures::{Figures, Outcome},
    meter,
};

/// What was needed to sign in is given back when nothing happens for a moment.
const SETTLE: Duration = Duration::from_secs(3);

/// People sign in and say nothing.
#[derive(Debug, Args)]
pub(crate) struct Idle {
    #[command(flatten)]
    server: Server,
    /// At how many sessions memory is looked at, in growing order.
    #[arg(long, value_delimiter = ',', default_value = "1000")]
    sessions: Vec<usize>,
}

impl Idle {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let most = self.sessions.iter().max().copied().unwrap_or_default();
        meter::can_hold(most + 1)?;
        let door = Door::new(&self.server)?;
        // The first sign-in pays for what is made once.
        let _first = door.sign_in(most).await?;
        tokio::time::sleep(SETTLE).await;
        let empty = meter::resident_bytes(&self.server.pid);
        let mut figures = Figures::default();
        figures.set("bytes_at_0", empty as f64);
        let mut people = Vec::with_capacity(most);
        for &step in &self.sessions {
            people.append(&mut door.sign_in_all(people.len()..step).await?);
            tokio::time::sleep(SETTLE).await;
            let bytes = meter::resident_bytes(&self.server.pid);
            figures.set(format!("bytes_at_{step}"), bytes as f64);
            let each = bytes.saturating_sub(empty) as f64 / step.max(1) as f64;
            figures.set(format!("bytes_per_session_at_{step}"), each);
            figures.set("bytes_per_session", each);
        }
        Ok(Outcome::Measured(figures))
    }
}
