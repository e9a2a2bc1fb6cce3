//! Webhooks: the service tells other programs what happens to alerts, by HTTP and signed.
//!
//! The queue is the audit log, which is committed with whatever it tells of: each webhook remembers up to where it has
//! told it, so that nothing is left out after a crash, and what was told without being remembered is told again under
//! the same id. One event at a time, in their order; one that nobody takes is tried for a day and then given up.

mod budget;
mod event;
mod post;
mod signature;
mod target;

use std::{sync::Arc, time::Duration};

use domain::AuditRecord;
use hub::{Hub, HubError};
use jiff::SignedDuration;
use store::Change;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use event::{EventKind, EventKindError};
pub use signature::{DELIVERY, EVENT, SIGNATURE, TIMESTAMP, signature};
pub use target::{Target, TargetError};

use self::{event::Event, post::Post};
use crate::network::Gate;

/// How many records of the audit log are read at once.
const PAGE: usize = 200;

/// Where events go, and which.
pub struct Webhook {
    /// What the administrator calls it: under this name it is remembered what was told.
    pub name: String,
    /// Where they go.
    pub target: Target,
    /// Which.
    pub events: Vec<EventKind>,
    /// What they are signed with: 16 bytes or more.
    pub secret: zeroize::Zeroizing<Vec<u8>>,
    /// The certificates, in PEM, of the authorities that may have certified the receiver.
    pub authorities_pem: Vec<u8>,
}

/// How long webhooks wait for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between looks for something new.
    pub look: Duration,
    /// For one attempt, from the look-up of the name to the end of the answer.
    pub attempt: Duration,
    /// Before the second attempt; each later one waits twice as long, up to `retry_max`.
    pub retry: Duration,
    /// Before any attempt, at most.
    pub retry_max: Duration,
    /// Until an event is given up.
    pub give_up: SignedDuration,
}

impl Default for Pace {
    /// A second, ten seconds, a second, five minutes, and a day.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            look: seconds(1),
            attempt: seconds(10),
            retry: seconds(1),
            retry_max: seconds(300),
            give_up: SignedDuration::from_hours(24),
        }
    }
}

/// Tells each webhook its events until `stop`, as tasks of `tasks`.
///
/// # Errors
/// The authorities of a webhook are not certificates.
pub fn serve(
    webhooks: Vec<Webhook>,
    hub: &Arc<Hub>,
    gate: &Arc<Gate>,
    pace: Pace,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<(), TargetError> {
    for webhook in webhooks {
        let post = Post::new(gate.clone(), webhook.target, &webhook.authorities_pem, pace.attempt)?;
        let teller = Teller {
            hub: hub.clone(),
            name: webhook.name,
            events: webhook.events,
            secret: webhook.secret,
            post,
            pace,
        };
        tasks.spawn(stop.clone().run_until_cancelled_owned(teller.run()));
    }
    Ok(())
}

struct Teller {
    hub: Arc<Hub>,
    name: String,
    events: Vec<EventKind>,
    secret: zeroize::Zeroizing<Vec<u8>>,
    post: Post,
    pace: Pace,
}

impl Teller {
    async fn run(mut self) {
        let mut told_up_to = loop {
            match self.begin().await {
                Ok(place) => break place,
                Err(error) => self.cannot(&error).await,
            }
        };
        loop {
            let records = match self.hub.store().audit(told_up_to, PAGE).await {
                Ok(records) => records,
                Err(error) => {
                    self.cannot(&error.into()).await;
                    continue;
                }
            };
            let Some(last) = records.last().map(|record| record.sequence) else {
                tokio::time::sleep(self.pace.look).await;
                continue;
            };
            for record in records {
                let sequence = record.sequence;
                if let Some(event) = self.event(record).await {
                    self.tell(&event).await;
                    self.remember(sequence).await;
                }
            }
            told_up_to = last;
            self.remember(last).await;
        }
    }

    /// Where it goes on: after what was told, or, where this webhook is new, after what has happened so far.
    async fn begin(&self) -> Result<u64, HubError> {
        if let Some(text) = self.hub.store().setting(&self.setting()).await?
            && let Ok(place) = text.parse()
        {
            return Ok(place);
        }
        let mut place = 0;
        loop {
            let page = self.hub.store().audit(place, 10 * PAGE).await?;
            match page.last() {
                Some(last) => place = last.sequence,
                None => break,
            }
        }
        self.remember(place).await;
        Ok(place)
    }

    /// What a record is to this webhook; none where it is nothing.
    async fn event(&self, record: AuditRecord) -> Option<Event> {
        loop {
            match Event::new(&self.events, &record, &self.hub).await {
                Ok(event) => return event,
                Err(error) => self.cannot(&error).await,
            }
        }
    }

    /// Tries until somebody takes it, or it is given up.
    async fn tell(&mut self, event: &Event) {
        let began = self.hub.environment().now();
        let mut wait = self.pace.retry;
        loop {
            let now = self.hub.environment().now();
            let headers = [
                (EVENT, event.kind.as_str().to_owned()),
                (DELIVERY, event.id.clone()),
                (TIMESTAMP, now.as_second().to_string()),
                (SIGNATURE, signature(&self.secret, now.as_second(), &event.id, &event.body)),
            ];
            let error = match self.post.send(&headers, event.body.clone()).await {
                Ok(()) => return,
                Err(error) => error,
            };
            if now.duration_since(began) >= self.pace.give_up {
                tracing::error!(webhook = self.name, event = event.id, %error, "an event was given up: nobody took it");
                let detail = format!("{}: {error}", event.id);
                if let Err(error) = self.hub.note("service", "webhook.give-up", &self.name, &detail).await {
                    tracing::warn!(%error, "that an event was given up is not in the audit log");
                }
                return;
            }
            tracing::warn!(webhook = self.name, event = event.id, %error, "an event was not taken; it is told again");
            tokio::time::sleep(wait).await;
            wait = (2 * wait).min(self.pace.retry_max);
        }
    }

    /// It was told up to here. What is not remembered is told again.
    async fn remember(&self, place: u64) {
        let change = Change::SetSetting { key: self.setting(), value: place.to_string() };
        if let Err(error) = self.hub.store().commit(vec![change]).await {
            tracing::warn!(webhook = self.name, %error, "what was told is not remembered");
        }
    }

    fn setting(&self) -> String {
        format!("webhook:{}", self.name)
    }

    async fn cannot(&self, error: &HubError) {
        tracing::warn!(webhook = self.name, %error, "what happens cannot be read now");
        tokio::time::sleep(self.pace.look).await;
    }
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Webhook")
            .field("name", &self.name)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
