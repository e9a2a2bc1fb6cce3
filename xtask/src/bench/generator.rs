//! The load generator against one contestant.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::contestants::{ADDRESS, Contestant, Ground, Product};

/// What the generator prints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    /// What was measured.
    Figures(BTreeMap<String, f64>),
    /// The server does not have what was to be measured, and why that is known.
    Absent(String),
}

pub(super) struct Generator<'a> {
    ground: Ground<'a>,
    contestant: Contestant,
}

impl<'a> Generator<'a> {
    pub(super) fn new(ground: Ground<'a>, contestant: Contestant) -> Self {
        Self { ground, contestant }
    }

    /// Whether somebody can sign in.
    pub(super) fn probe(&self) -> Result<()> {
        self.load(&["sign-ins", "--people", "1"].map(str::to_owned), &[]).map(drop)
    }

    /// Puts a load on the server, and measures all that runs in its namespace. `command` is for loads that run one.
    pub(super) fn load(&self, words: &[String], command: &[OsString]) -> Result<Outcome> {
        let mut load = self.command(words)?;
        load.args(["--protocol", if self.contestant.product() == Product::Relay { "relay" } else { "xmpp" }]);
        for pid in self.ground.namespace.processes()? {
            load.arg("--pid").arg(pid.to_string());
        }
        outcome(with_command(&mut load, command))
    }

    /// Lets the generator start the server.
    pub(super) fn start(&self, words: &[OsString]) -> Result<Outcome> {
        outcome(with_command(&mut self.command(&["start".to_owned()])?, words))
    }

    fn command(&self, words: &[String]) -> Result<Command> {
        let mut command = self.ground.namespace.command(self.ground.programs.join("bench"))?;
        command.env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
        command.args(words).args(["--server", ADDRESS]);
        Ok(command)
    }
}

fn with_command<'a>(load: &'a mut Command, command: &[OsString]) -> &'a mut Command {
    if command.is_empty() { load } else { load.arg("--").args(command) }
}

fn outcome(load: &mut Command) -> Result<Outcome> {
    let output = load.output().context("the load generator does not start")?;
    if !output.status.success() {
        bail!("the load failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let outcome: Outcome = serde_json::from_slice(&output.stdout).context("the load generator's figures")?;
    if let Outcome::Figures(figures) = &outcome {
        let lost = figures.get("messages_missing").copied().unwrap_or_default();
        ensure!(lost == 0.0, "{lost} messages were lost");
    }
    Ok(outcome)
}
