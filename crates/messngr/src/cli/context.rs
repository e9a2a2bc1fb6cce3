use std::{
    fmt,
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Context as _;
use hub::Environment;
use jiff::Timestamp;
use serde::Serialize;

use super::global::GlobalArgs;
use crate::{
    client::Client,
    configuration::{Configuration, Loaded, Mistake, Overrides, Surroundings},
};

/// What every command works with.
#[derive(Debug)]
pub(super) struct Context {
    globals: GlobalArgs,
    /// The clock and the randomness.
    pub(super) environment: Environment,
}

/// A configuration that cannot be used. It prints every mistake.
#[derive(Debug)]
pub(super) struct Mistakes(pub(super) Vec<Mistake>);

impl Context {
    pub(super) fn new(globals: GlobalArgs) -> Self {
        Self { globals, environment: Environment::system() }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.environment.now()
    }

    /// Whether programs read the output.
    pub(super) fn is_json(&self) -> bool {
        self.globals.json
    }

    /// The configuration, or what is wrong with it.
    pub(super) fn load(&self) -> anyhow::Result<Result<Loaded, Mistakes>> {
        let surroundings = Surroundings::of_this_process().context("cannot tell the working directory")?;
        let overrides = Overrides { data_dir: self.globals.data.clone(), enable: Vec::new() };
        Ok(Configuration::load(self.globals.config.as_deref(), &surroundings, &overrides).map_err(Mistakes))
    }

    /// The configuration, which has to be right.
    pub(super) fn configuration(&self) -> anyhow::Result<Configuration> {
        Ok(self.load()??.configuration)
    }

    /// The way to the service.
    pub(super) fn client(&self) -> anyhow::Result<Client> {
        Ok(Client::new(&self.configuration()?.data_dir))
    }

    /// The way to the service, in somebody's name.
    pub(super) fn client_as(&self, speaker: &Speaker) -> anyhow::Result<Client> {
        Ok(self.client()?.speaking_as(&speaker.name)?)
    }

    /// Prints a result: for programs as JSON, for people as `text` says.
    pub(super) fn print(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        let text = if self.is_json() { serde_json::to_string_pretty(value)? } else { text() };
        write_out(&text)
    }
}

/// In whose name something is sent.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Speaker {
    /// Send it in the name of this account. The audit log keeps who really did.
    #[arg(id = "as", long = "as", value_name = "NAME", default_value = "admin")]
    pub(super) name: String,
}

/// Writes text to standard output, with a line end after it.
pub(super) fn write_out(text: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    if !text.is_empty() && !text.ends_with('\n') {
        output.write_all(b"\n")?;
    }
    Ok(output.flush()?)
}

/// Says something to whoever typed the command.
pub(super) fn say(words: impl fmt::Display) {
    // Where nobody can be told, nothing is lost.
    let _ = writeln!(io::stderr(), "{}", domain::displayable(&words.to_string()));
}

/// A path as it is from here, also for a process that works elsewhere.
pub(super) fn absolute(path: &std::path::Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("cannot tell where {} is", path.display()))
}

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the configuration cannot be used:")?;
        self.0.iter().try_for_each(|mistake| write!(formatter, "\n{mistake}"))
    }
}

impl std::error::Error for Mistakes {}
