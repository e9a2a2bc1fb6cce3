//! A real browser shows somebody's chats, and a long conversation.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::json;

use crate::{
    door::{Door, Server},
    figures::{Figures, Outcome},
    filling::Filling,
};

/// How long filling the conversation may take.
const FILLING: Duration = Duration::from_secs(120);

/// u1 writes to u0 until the conversation is long; then a browser signs in as u0, shows the chats and opens it.
#[derive(Debug, Args)]
pub(crate) struct Browse {
    #[command(flatten)]
    server: Server,
    /// Where the browser client is.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    page: String,
    /// The script that drives the browser.
    #[arg(long)]
    script: PathBuf,
    /// The folder of what the script needs.
    #[arg(long)]
    packages: PathBuf,
    /// How many messages the conversation has.
    #[arg(long, default_value_t = 100_000)]
    messages: u64,
}

impl Browse {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let door = Door::new(&self.server)?;
        let mut people = door.sign_in_all(0..2).await?;
        let mut reader = people.remove(0);
        let mut figures = Figures::default();
        let filling = Filling { pid: &self.server.pid, messages: self.messages, time: FILLING };
        let held = filling.run(&door.address(0), &mut reader, &mut people, &mut figures).await?;
        for mut person in people.into_iter().chain([reader]) {
            person.write(b"</stream:stream>").await?;
        }
        figures.set("messages", held as f64);
        for (name, figure) in self.visit(held).await? {
            figures.set(name, figure);
        }
        Ok(Outcome::Measured(figures))
    }

    /// What the script measured.
    async fn visit(&self, held: u64) -> anyhow::Result<BTreeMap<String, f64>> {
        let given = json!({
            "address": self.page,
            "packages": self.packages,
            "name": "u0",
            "password": self.server.password,
            "partner": format!("u1@{}", self.server.domain),
            // The beginning of the last one.
            "last": format!("{:016}", held.saturating_sub(1)),
        });
        let mut command = Command::new("node");
        command.arg(&self.script).arg(given.to_string()).stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output()).await?;
        let output = output.context("node does not start")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the browser failed: {}", said.trim());
        serde_json::from_slice(&output.stdout).context("what the browser measured")
    }
}
