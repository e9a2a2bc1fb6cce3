//! One alert goes to very many accounts while people talk.

use clap::Args;

use crate::{
    alert::Alert,
    conversation::{Conversation, Talkers},
    door::{Door, Server},
    figures::{Figures, Outcome},
    interface::{Interface, Way},
    meter::{self, Meter},
};

/// One alert goes to very many accounts, of which hardly any is signed in, while people talk.
#[derive(Debug, Args)]
pub(crate) struct AlertMany {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    talkers: Talkers,
    /// How many accounts there are at least.
    #[arg(long, default_value_t = 100_000)]
    people: usize,
}

impl AlertMany {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let door = Door::new(&self.server)?;
        let mut interface = Interface::open(&self.way).await?;
        let conversation = Conversation::begin(&door, self.talkers).await?;
        let meter = Meter::start(&self.server.pid)?;
        let alert = Alert::send(&mut interface, self.people).await?;
        let usage = meter.stop()?;
        let mut figures = Figures::default();
        usage.tell(&mut figures);
        conversation.end((alert.sent, alert.complete), &mut figures).await?;
        figures.set("people", self.people as f64);
        figures.set("accepted_milliseconds", (alert.accepted - alert.sent).as_secs_f64() * 1e3);
        figures.set("complete_milliseconds", (alert.complete - alert.sent).as_secs_f64() * 1e3);
        figures.set("server_microseconds", usage.server_microseconds_each(self.people as u64));
        figures.set("resident_bytes", meter::resident_bytes(&self.server.pid) as f64);
        Ok(Outcome::Measured(figures))
    }
}
