//! Many people confirm one alert while others talk.

use std::time::Duration;

use clap::Args;

use crate::{
    alert::Alert,
    confirmers::Confirmers,
    conversation::{Conversation, Talkers},
    door::{Door, Server},
    figures::{Figures, Outcome},
    interface::{Interface, Way},
    meter::{self, Meter},
};

/// An alert goes to everyone; many people who are signed in confirm it within seconds, while others talk.
#[derive(Debug, Args)]
pub(crate) struct Confirm {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    talkers: Talkers,
    /// How many accounts there are at least.
    #[arg(long, default_value_t = 100_000)]
    people: usize,
    /// How many of them confirm: those behind the people who talk.
    #[arg(long, default_value_t = 10_000)]
    confirmations: usize,
    /// Within how many seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

impl Confirm {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let talking = self.talkers.people();
        meter::can_hold(talking + self.confirmations)?;
        let door = Door::new(&self.server)?;
        let mut interface = Interface::open(&self.way).await?;
        let confirmers = Confirmers::sign_in(&door, talking, self.confirmations).await?;
        let alert = Alert::send(&mut interface, self.people).await?;
        let confirmers = confirmers.wait().await?;
        let conversation = Conversation::begin(&door, self.talkers).await?;
        let meter = Meter::start(&self.server.pid)?;
        let within = Duration::from_secs(self.seconds);
        let mut confirmed = confirmers.confirm(&alert, within, &mut interface).await?;
        let usage = meter.stop()?;
        let mut figures = Figures::default();
        usage.tell(&mut figures);
        conversation.end((confirmed.began, confirmed.last), &mut figures).await?;
        figures.set("confirmations", self.confirmations as f64);
        figures.set("sent_seconds", self.seconds as f64);
        let acknowledged = confirmed.last - confirmed.first;
        figures.set("acknowledged_milliseconds", acknowledged.as_secs_f64() * 1e3);
        figures.set("acknowledged_of_sent", acknowledged.as_secs_f64() / within.as_secs_f64().max(1e-9));
        figures.set("server_microseconds", usage.server_microseconds_each(self.confirmations as u64));
        figures.set("resident_bytes", meter::resident_bytes(&self.server.pid) as f64);
        figures.set_times(&mut confirmed.times);
        Ok(Outcome::Measured(figures))
    }
}
