//! What signing in costs the server.

use std::time::Instant;

use clap::Args;

use crate::{
    door::{Door, Server},
    figures::{Figures, Outcome, Times},
    meter::Meter,
};

/// How many sign in and go before anything is measured.
const WARM_UP: usize = 50;

/// People sign in, one after the other: connection, encryption if any, SASL, binding, presence, and a ping. They stay.
#[derive(Debug, Args)]
pub(crate) struct SignIns {
    #[command(flatten)]
    server: Server,
    /// How many.
    #[arg(long, default_value_t = 500)]
    people: usize,
}

impl SignIns {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let door = Door::new(&self.server)?;
        drop(door.sign_in_all(0..WARM_UP.min(self.people)).await?);
        let mut people = Vec::with_capacity(self.people);
        let mut times = Times::default();
        let meter = Meter::start(&self.server.pid)?;
        for number in 0..self.people {
            let begin = Instant::now();
            people.push(door.sign_in(number).await?);
            times.add(begin.elapsed());
        }
        let usage = meter.stop()?;
        let mut figures = Figures::default();
        usage.tell(&mut figures);
        figures.set("people", self.people as f64);
        figures.set("server_microseconds", usage.server_microseconds_each(self.people as u64));
        figures.set_times(&mut times);
        Ok(Outcome::Measured(figures))
    }
}
