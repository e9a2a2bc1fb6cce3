//! Everybody comes to work.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    befriend::Ring,
    door::{Door, Server},
    figures::{Figures, Outcome},
    meter::{self, Meter},
    protocol::{self, Said},
};

/// How long after the last sign-in was due the presences may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long somebody waits whose connection broke.
const RETRY: Duration = Duration::from_secs(1);

/// People with contacts sign in within seconds, ask for their contacts as clients do, and become available. It is
/// over when each has seen that every contact is there.
#[derive(Debug, Args)]
pub(crate) struct Storm {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    ring: Ring,
    /// Within how many seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// What a person tells of.
enum Told {
    /// The connection broke, and another is tried.
    Retries,
    SignedIn,
    SawAll,
}

impl Storm {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let people = self.ring.people;
        meter::can_hold(people)?;
        let door = Door::new(&self.server)?;
        let before = meter::resident_bytes(&self.server.pid);
        let (tell, mut told) = mpsc::unbounded_channel();
        let mut persons = JoinSet::new();
        let meter = Meter::start(&self.server.pid)?;
        let begin = Instant::now();
        for number in 0..people {
            let due = begin + Duration::from_secs(self.seconds).mul_f64(number as f64 / people as f64);
            let person = Person {
                door: door.clone(),
                ring: self.ring,
                number,
                tell: tell.clone(),
                seen: vec![false; self.ring.contacts()],
                has_signed_in: false,
            };
            persons.spawn(person.live(due));
        }
        let deadline = begin + Duration::from_secs(self.seconds) + PATIENCE;
        let (mut signed_in, mut satisfied) = (None, 0);
        let (mut missing_sign_ins, mut retries) = (people, 0_u32);
        while satisfied < people {
            tokio::select! {
                // A person ends by failing only.
                Some(failed) = persons.join_next() => failed??,
                Some(what) = told.recv() => match what {
                    Told::Retries => retries += 1,
                    Told::SignedIn => {
                        missing_sign_ins -= 1;
                        if missing_sign_ins == 0 {
                            signed_in = Some(Instant::now());
                        }
                    }
                    Told::SawAll => satisfied += 1,
                },
                () = tokio::time::sleep_until(deadline.into()) => {
                    anyhow::bail!("after {:?} only {satisfied} of {people} people had seen all", begin.elapsed());
                }
            }
        }
        let end = Instant::now();
        let usage = meter.stop()?;
        let presences = (people * self.ring.contacts()) as u64;
        let mut figures = Figures::default();
        usage.tell(&mut figures);
        figures.set("people", people as f64);
        figures.set("presences", presences as f64);
        figures.set("retries", f64::from(retries));
        figures.set("server_seconds", usage.server.as_secs_f64());
        figures.set("server_microseconds", usage.server_microseconds_each(presences));
        let after = end.saturating_duration_since(signed_in.unwrap_or(end));
        figures.set("after_last_sign_in_milliseconds", after.as_secs_f64() * 1e3);
        let bytes = meter::resident_bytes(&self.server.pid);
        figures.set("resident_bytes", bytes as f64);
        figures.set("bytes_per_session", bytes.saturating_sub(before) as f64 / people as f64);
        Ok(Outcome::Measured(figures))
    }
}

/// A person of the storm.
struct Person {
    door: Arc<Door>,
    ring: Ring,
    number: usize,
    tell: mpsc::UnboundedSender<Told>,
    /// Which contacts were seen to be there.
    seen: Vec<bool>,
    has_signed_in: bool,
}

impl Person {
    /// Signs in when it is time, and again where the connection breaks, as clients do; stays.
    async fn live(mut self, due: Instant) -> anyhow::Result<()> {
        tokio::time::sleep_until(due.into()).await;
        loop {
            let Err(error) = self.session().await else { return Ok(()) };
            if !error.chain().any(|cause| cause.is::<io::Error>()) {
                return Err(error);
            }
            self.tell.send(Told::Retries).context("the storm is over")?;
            tokio::time::sleep(RETRY).await;
        }
    }

    /// One connection: tells when it is signed in for the first time, and when every contact was seen.
    async fn session(&mut self) -> anyhow::Result<()> {
        let Self { door, ring, number, tell, seen, has_signed_in } = self;
        let mut client = door.sign_in_silently(*number).await?;
        client.write(b"<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq><presence/>").await?;
        if !std::mem::replace(has_signed_in, true) {
            tell.send(Told::SignedIn).context("the storm is over")?;
        }
        loop {
            let mut saw_last = false;
            client
                .receive(|said, whole| {
                    let contact = protocol::sender(whole).and_then(|other| ring.contact(*number, other));
                    let is_there = protocol::attribute(whole, b" type=").is_none();
                    if let (Said::Presence, Some(contact), true) = (said, contact, is_there)
                        && !std::mem::replace(&mut seen[contact], true)
                    {
                        saw_last = seen.iter().all(|seen| *seen);
                    }
                })
                .await?;
            if saw_last {
                tell.send(Told::SawAll).context("the storm is over")?;
            }
        }
    }
}
