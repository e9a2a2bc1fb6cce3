//! Many people confirm one alert.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use memchr::memmem;
use tokio::task::JoinSet;

use crate::{
    alert::Alert,
    announce,
    client::Client,
    door::Door,
    figures::Times,
    interface::Interface,
    protocol::{self, Said},
};

/// How long it may take until everybody has the alert, and until the last confirmation is acknowledged.
const PATIENCE: Duration = Duration::from_secs(120);
/// By which the answer to a confirmation is known.
const QUERY: &str = "confirm";

/// People that are signed in.
pub(crate) struct Confirmers {
    domain: String,
    people: Vec<Client>,
}

/// What came of confirming.
#[derive(Debug)]
pub(crate) struct Confirmed {
    /// When the first confirmation left.
    pub(crate) began: Instant,
    /// When the first and the last were acknowledged.
    pub(crate) first: Instant,
    pub(crate) last: Instant,
    /// How long each took.
    pub(crate) times: Times,
}

impl Confirmers {
    /// Signs in so many people, from a number on.
    pub(crate) async fn sign_in(door: &Arc<Door>, from: usize, count: usize) -> anyhow::Result<Self> {
        let people = door.sign_in_all(from..from + count).await?;
        Ok(Self { domain: door.server.domain.clone(), people })
    }

    /// Waits until everybody has got the alert.
    pub(crate) async fn wait(self) -> anyhow::Result<Self> {
        let mut waiting = JoinSet::new();
        for client in self.people {
            waiting.spawn(announce::wait(client, Arc::default()));
        }
        let mut people = Vec::with_capacity(waiting.len());
        let everybody = async {
            while let Some(arrival) = waiting.join_next().await {
                people.push(arrival??.1);
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(PATIENCE, everybody).await.context("not everybody got the alert")??;
        Ok(Self { people, ..self })
    }

    /// Everybody confirms, evenly over this time; all of them must be in the report afterwards.
    pub(crate) async fn confirm(
        self,
        alert: &Alert,
        within: Duration,
        interface: &mut Interface,
    ) -> anyhow::Result<Confirmed> {
        let count = self.people.len();
        let text = alert.confirmation(&self.domain, QUERY);
        let began = Instant::now();
        let mut confirming = JoinSet::new();
        for (place, client) in self.people.into_iter().enumerate() {
            let due = began + within.mul_f64(place as f64 / count.max(1) as f64);
            confirming.spawn(confirm(client, due, text.clone()));
        }
        let mut confirmed =
            Confirmed { began, first: began + PATIENCE, last: began, times: Times::default() };
        // Nobody leaves before the last: leaving would be work for the server.
        let mut satisfied = Vec::with_capacity(count);
        let everybody = async {
            while let Some(one) = confirming.join_next().await {
                let (sent, acknowledged, client) = one??;
                satisfied.push(client);
                confirmed.first = confirmed.first.min(acknowledged);
                confirmed.last = confirmed.last.max(acknowledged);
                confirmed.times.add(acknowledged - sent);
            }
            anyhow::Ok(())
        };
        let all = tokio::time::timeout(within + PATIENCE, everybody).await;
        all.context("not every confirmation was acknowledged")??;
        let recorded = alert.count(interface, "confirmed").await?;
        ensure!(recorded == count as u64, "{count} confirmed, and the report has {recorded}");
        Ok(confirmed)
    }
}

/// Confirms when it is time; when that left and when it was acknowledged. What is late counts from when it was due.
async fn confirm(
    mut client: Client,
    due: Instant,
    text: String,
) -> anyhow::Result<(Instant, Instant, Client)> {
    while Instant::now() < due {
        tokio::select! {
            // The server's questions are answered meanwhile.
            asked = client.receive(|_, _| {}) => asked?,
            () = tokio::time::sleep_until(due.into()) => {}
        }
    }
    client.write(text.as_bytes()).await?;
    loop {
        let mut answer = None;
        client
            .receive(|said, whole| {
                if *said == Said::Answer && protocol::attribute(whole, b" id=") == Some(QUERY) {
                    answer = Some(is_confirmed(whole));
                }
            })
            .await?;
        if let Some(is_confirmed) = answer {
            ensure!(is_confirmed, "a confirmation was refused");
            return Ok((due, Instant::now(), client));
        }
    }
}

/// Whether the answer says that the alert is confirmed: the command is completed, and nothing in it is an error.
fn is_confirmed(answer: &[u8]) -> bool {
    let has = |words: [&[u8]; 2]| words.iter().any(|word| memmem::find(answer, word).is_some());
    has([b"status='completed'", b"status=\"completed\""]) && !has([b"type='error'", b"type=\"error\""])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_completed_command_without_an_error_confirms() {
        assert!(is_confirmed(
            b"<iq type='result'><command status='completed'><note type='info'/></command></iq>"
        ));
        assert!(!is_confirmed(
            b"<iq type='result'><command status='completed'><note type='error'/></command></iq>"
        ));
        assert!(!is_confirmed(b"<iq type='error'><command/></iq>"));
    }
}
