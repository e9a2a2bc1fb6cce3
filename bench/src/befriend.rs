//! People become each other's contacts.

use std::{ops::Range, time::Duration};

use anyhow::Context;
use clap::Args;
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    client::Client,
    door::{Door, Server},
    figures::{Figures, Outcome},
    meter::Meter,
    protocol::{self, Said},
};

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Who knows whom: people stand in a ring, and each knows as many on either side.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Ring {
    /// How many people.
    #[arg(long, default_value_t = 5_000)]
    pub(crate) people: usize,
    /// How many contacts each has; an even number below that of the people.
    #[arg(long, default_value_t = 50)]
    contacts: usize,
}

impl Ring {
    /// The places of a person's contacts: the steps along the ring to each.
    fn steps(self) -> Range<usize> {
        1..self.contacts / 2 + 1
    }

    /// How many contacts each has.
    pub(crate) fn contacts(self) -> usize {
        2 * (self.contacts / 2)
    }

    /// Which of a person's contacts another one is, from 0, if it is one.
    pub(crate) fn contact(self, person: usize, other: usize) -> Option<usize> {
        let ahead = (other + self.people - person) % self.people;
        let behind = (person + self.people - other) % self.people;
        if self.steps().contains(&ahead) {
            Some(ahead - 1)
        } else if self.steps().contains(&behind) {
            Some(self.contacts / 2 + behind - 1)
        } else {
            None
        }
    }

    /// Whether a contact stands ahead of the person: such subscribe first, the others in answer.
    fn is_ahead(self, person: usize, other: usize) -> bool {
        self.contact(person, other).is_some_and(|contact| contact < self.contacts / 2)
    }
}

/// People become each other's contacts, by subscriptions both ways (RFC 6121 §3).
#[derive(Debug, Args)]
pub(crate) struct Befriend {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    ring: Ring,
}

impl Befriend {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let door = Door::new(&self.server)?;
        let people = door.sign_in_all(0..self.ring.people).await?;
        let meter = Meter::start(&self.server.pid)?;
        let (done, mut all_done) = mpsc::unbounded_channel();
        let mut persons = JoinSet::new();
        for (number, client) in people.into_iter().enumerate() {
            let person =
                Person { number, client, ring: self.ring, domain: self.server.domain.clone(), accepted: 0 };
            persons.spawn(person.run(done.clone()));
        }
        let everybody = async {
            for _ in 0..self.ring.people {
                tokio::select! {
                    // A person ends by failing only.
                    Some(failed) = persons.join_next() => failed??,
                    _ = all_done.recv() => {}
                }
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(PATIENCE, everybody).await.context("not everybody was accepted in time")??;
        let mut figures = Figures::default();
        let usage = meter.stop()?;
        usage.tell(&mut figures);
        let contacts = (self.ring.people * self.ring.contacts()) as u64;
        figures.set("contacts", contacts as f64);
        figures.set("server_microseconds", usage.server_microseconds_each(contacts));
        Ok(Outcome::Measured(figures))
    }
}

struct Person {
    number: usize,
    client: Client,
    ring: Ring,
    domain: String,
    /// How many have accepted this person's subscription.
    accepted: usize,
}

impl Person {
    /// Subscribes to those ahead, answers everybody, says when all have accepted, and goes on answering.
    async fn run(mut self, done: mpsc::UnboundedSender<()>) -> anyhow::Result<()> {
        for step in self.ring.steps() {
            let other = (self.number + step) % self.ring.people;
            self.say("subscribe", other);
        }
        self.client.flush().await?;
        loop {
            let mut heard = Vec::new();
            self.client
                .receive(|said, whole| {
                    let kind = protocol::attribute(whole, b" type=");
                    if let (Said::Presence, Some(kind), Some(other)) = (said, kind, protocol::sender(whole)) {
                        heard.push((kind.to_owned(), other));
                    }
                })
                .await?;
            for (kind, other) in heard {
                match kind.as_str() {
                    "subscribe" => {
                        self.say("subscribed", other);
                        if !self.ring.is_ahead(self.number, other) {
                            self.say("subscribe", other);
                        }
                    }
                    "subscribed" => {
                        self.accepted += 1;
                        if self.accepted == self.ring.contacts() {
                            done.send(()).context("nobody listens any more")?;
                        }
                    }
                    _ => {}
                }
            }
            self.client.flush().await?;
        }
    }

    fn say(&mut self, kind: &str, other: usize) {
        let text = format!("<presence to='u{other}@{}' type='{kind}'/>", self.domain);
        self.client.output().extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_has_the_same_number_of_contacts_and_knows_who_knows_them() {
        let ring = Ring { people: 9, contacts: 4 };
        for person in 0..9 {
            let mut places: Vec<usize> = (0..9).filter_map(|other| ring.contact(person, other)).collect();
            places.sort_unstable();
            assert_eq!(places, [0, 1, 2, 3]);
            for other in 0..9 {
                let known = ring.contact(person, other).is_some();
                assert_eq!(known, ring.contact(other, person).is_some());
                let one_begins = ring.is_ahead(person, other) != ring.is_ahead(other, person);
                assert_eq!(known, one_begins);
            }
        }
    }
}
