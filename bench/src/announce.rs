//! One text goes to everyone who is signed in.

use std::{
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use clap::Args;
use memchr::memmem;
use tokio::task::JoinSet;

use crate::{
    client::Client,
    door::{Door, Server},
    figures::{Figures, Outcome, Times},
    meter::{self, Meter},
};

/// By which the text is known.
pub(crate) const MARK: &str = "bench-announcement";
/// How long it may take until everybody has it.
const PATIENCE: Duration = Duration::from_secs(60);

/// One text goes to everyone who is signed in. u0 sends it, to an address or as the relay's line to all, unless a
/// command does; in the command's words MARK stands for the text.
#[derive(Debug, Args)]
pub(crate) struct Announce {
    #[command(flatten)]
    server: Server,
    /// How many receive it.
    #[arg(long, default_value_t = 10_000)]
    people: usize,
    /// The resource of the domain that announces what it is sent.
    #[arg(long, default_value = "announce/online")]
    resource: String,
    /// The command that sends it.
    #[arg(last = true)]
    command: Vec<String>,
}

impl Announce {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        meter::can_hold(self.people + 1)?;
        let door = Door::new(&self.server)?;
        let mut people = door.sign_in_all(0..self.people + 1).await?;
        let mut sender = people.remove(0);
        let received = Arc::new(AtomicU64::new(0));
        let mut waiting = JoinSet::new();
        for client in people {
            waiting.spawn(wait(client, received.clone()));
        }
        let meter = Meter::start(&self.server.pid)?;
        let sent = Instant::now();
        self.send(&door, &mut sender).await?;
        let mut times = Times::default();
        let mut satisfied = Vec::with_capacity(self.people);
        let (mut first, mut last) = (Duration::MAX, Duration::ZERO);
        let everybody = async {
            while let Some(arrival) = waiting.join_next().await {
                let (arrival, client) = arrival??;
                satisfied.push(client);
                let time = arrival.saturating_duration_since(sent);
                times.add(time);
                (first, last) = (first.min(time), last.max(time));
            }
            anyhow::Ok(())
        };
        let all = tokio::time::timeout(PATIENCE, everybody).await;
        let usage = meter.stop()?;
        let received = received.load(Ordering::Relaxed);
        all.with_context(|| format!("only {received} of {} got the announcement", self.people))??;
        let mut figures = Figures::default();
        usage.tell(&mut figures);
        figures.set("people", self.people as f64);
        figures.set("first_milliseconds", first.as_secs_f64() * 1e3);
        figures.set("last_milliseconds", last.as_secs_f64() * 1e3);
        figures.set("spread_milliseconds", (last.saturating_sub(first)).as_secs_f64() * 1e3);
        figures.set("server_microseconds", usage.server_microseconds_each(self.people as u64));
        figures.set("resident_bytes", meter::resident_bytes(&self.server.pid) as f64);
        figures.set_times(&mut times);
        Ok(Outcome::Measured(figures))
    }

    async fn send(&self, door: &Door, sender: &mut Client) -> anyhow::Result<()> {
        if let Some((program, words)) = self.command.split_first() {
            let mut command = Command::new(program);
            command.args(words.iter().map(|word| word.replace("MARK", MARK))).stdin(Stdio::null());
            let output = tokio::task::spawn_blocking(move || command.output()).await??;
            let said = String::from_utf8_lossy(&output.stderr);
            ensure!(output.status.success(), "{program} ended with {}: {said}", output.status);
            return Ok(());
        }
        let text = if door.speaks_xmpp() {
            format!(
                "<message to='{}/{}' type='normal' id='a'><subject>{MARK}</subject><body>{MARK}</body></message>",
                self.server.domain, self.resource
            )
        } else {
            format!("* {MARK}\n")
        };
        sender.write(text.as_bytes()).await
    }
}

/// Waits until the text has come; when, and the client, which stays: its leaving would be work for the server.
pub(crate) async fn wait(mut client: Client, received: Arc<AtomicU64>) -> anyhow::Result<(Instant, Client)> {
    loop {
        let mut came = false;
        client.receive(|_, whole| came |= memmem::find(whole, MARK.as_bytes()).is_some()).await?;
        if came {
            received.fetch_add(1, Ordering::Relaxed);
            return Ok((Instant::now(), client));
        }
    }
}
