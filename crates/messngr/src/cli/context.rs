use std::{
    fmt,
    io::{self, Write},
    path::{Path, PathBuf},
};

use ::client::{Server, TrustedCertificates};
use anyhow::{Context as _, bail};
use hub::Environment;
use jiff::Timestamp;
use serde::Serialize;

use super::global::GlobalArgs;
use crate::{
    client::Client,
    configuration::{Configuration, Loaded, Mistake, Overrides, Surroundings},
};

/// The most bytes of a file with a token or with certificates.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// In whose name is spoken on the service's own machine where nobody says.
const LOCAL_ADMINISTRATOR: &str = "admin";

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

    /// The way to the service: the one that is named, or that of this machine.
    pub(super) fn client(&self) -> anyhow::Result<Client> {
        let (Some(server), Some(file)) = (&self.globals.server, &self.globals.token_file) else {
            return self.local_client();
        };
        let read = |file: &Path| {
            let cannot = || format!("cannot read {}", file.display());
            std::fs::metadata(file)
                .and_then(|metadata| match metadata.len() {
                    0..=FILE_BYTES_MAX => std::fs::read(file),
                    _ => Err(io::ErrorKind::FileTooLarge.into()),
                })
                .with_context(cannot)
        };
        let trusted = self.globals.ca.as_deref().map(read).transpose()?;
        let trusted = trusted.map(|pem| TrustedCertificates::from_pem(&pem)).transpose()?;
        let token =
            String::from_utf8(read(file)?).with_context(|| format!("{} is not text", file.display()))?;
        Ok(Client::to_server(Server::parse(server, trusted)?).with_token(token.trim())?)
    }

    /// The way to the service of this machine, whichever is named.
    pub(super) fn local_client(&self) -> anyhow::Result<Client> {
        Ok(Client::to_data_directory(&self.configuration()?.data_dir))
    }

    /// Refuses what can only be done on the service's own machine.
    pub(super) fn must_be_local(&self) -> anyhow::Result<()> {
        match &self.globals.server {
            None => Ok(()),
            Some(server) => bail!("this is done on the service's own machine, without --server {server}"),
        }
    }

    /// The way to the service, in somebody's name.
    pub(super) fn client_as(&self, speaker: &Speaker) -> anyhow::Result<Client> {
        let client = self.client()?;
        match &speaker.name {
            Some(name) => Ok(client.speaking_as(name)?),
            None => Ok(client),
        }
    }

    /// Who acts where `speaker` is named, or nobody: none where only the service knows whose the token is.
    pub(super) fn acting<'a>(&self, speaker: Option<&'a str>) -> Option<&'a str> {
        speaker.or(if self.globals.server.is_none() { Some(LOCAL_ADMINISTRATOR) } else { None })
    }

    /// Prints a result: for programs as JSON, for people as `text` says.
    pub(super) fn print(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        let text = if self.is_json() { serde_json::to_string_pretty(value)? } else { text() };
        write_out(&text)
    }
}

/// Whose alerts are meant by `last`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Whose {
    /// With `last`: the newest one that this account has sent [default: admin; with --server, anybody].
    #[arg(id = "as", long = "as", value_name = "NAME")]
    pub(super) name: Option<String>,
}

/// In whose name something is sent.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Speaker {
    /// Send it in the name of this account [default: admin; with --server, the token's own]. The audit log keeps who
    /// really did.
    #[arg(id = "as", long = "as", value_name = "NAME")]
    pub(super) name: Option<String>,
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
pub(super) fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("cannot tell where {} is", path.display()))
}

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the configuration cannot be used:")?;
        self.0.iter().try_for_each(|mistake| write!(formatter, "\n{mistake}"))
    }
}

impl std::error::Error for Mistakes {}
