//! An alert, sent by the interface and looked at by its report.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::{announce::MARK, interface::Interface};

/// Between two looks at the report.
const LOOK: Duration = Duration::from_millis(50);
/// How long an accepted alert may take to have all its receipts.
const PATIENCE: Duration = Duration::from_secs(120);
/// The one answer that people have.
const CHOICE: &str = "OK";

/// An alert in force that everybody is a recipient of.
#[derive(Debug)]
pub(crate) struct Alert {
    id: String,
    /// When it was handed in.
    pub(crate) sent: Instant,
    /// When the interface had answered.
    pub(crate) accepted: Instant,
    /// When the report counted everybody.
    pub(crate) complete: Instant,
}

impl Alert {
    /// Sends it to everyone, and looks at its report until that has at least so many recipients.
    pub(crate) async fn send(interface: &mut Interface, people: usize) -> anyhow::Result<Self> {
        let sent = Instant::now();
        let draft = json!({ "headline": MARK, "audience": "everyone", "choices": [CHOICE] });
        let answer = interface.post("/alerts", &draft).await?;
        let accepted = Instant::now();
        let id = answer["id"].as_str().context("an alert without an id")?.to_owned();
        let mut alert = Self { id, sent, accepted, complete: accepted };
        loop {
            let recipients = alert.count(interface, "recipients").await?;
            alert.complete = Instant::now();
            if recipients >= people as u64 {
                return Ok(alert);
            }
            if alert.complete - accepted > PATIENCE {
                bail!("the report has only {recipients} of {people} people");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The path of a page of its report.
    pub(crate) fn page(&self, query: &str) -> String {
        format!("/alerts/{}/report?{query}", self.id)
    }

    /// How many recipients the report counts so.
    pub(crate) async fn count(&self, interface: &mut Interface, stage: &str) -> anyhow::Result<u64> {
        let page: Value = serde_json::from_slice(&interface.get(&self.page("limit=1")).await?)?;
        page["counts"][stage].as_u64().context("a report without counts")
    }

    /// The ad-hoc command by which a person confirms it (XEP-0050).
    pub(crate) fn confirmation(&self, domain: &str, query: &str) -> String {
        format!(
            "<iq type='set' id='{query}' to='{domain}'><command xmlns='http://jabber.org/protocol/commands' \
             node='alerts/confirm' action='complete'><x xmlns='jabber:x:data' type='submit'><field var='answer'>\
             <value>{} {CHOICE}</value></field></x></command></iq>",
            self.id
        )
    }
}
