//! The flags that every command takes, before it or after it.

use std::path::PathBuf;

/// What every command can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub(crate) struct GlobalArgs {
    /// Read the configuration from this file (TOML; `messngr config reference` prints every key).
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,

    /// Keep or look for the service's data in this directory.
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data: Option<PathBuf>,

    /// Ask the service at this address instead of the one on this machine: `https://HOST:PORT`.
    #[arg(long, value_name = "URL", global = true, requires = "token_file")]
    pub(crate) server: Option<String>,

    /// Read the token that says who asks from this file (`messngr token add` prints one).
    #[arg(long, value_name = "FILE", global = true, requires = "server")]
    pub(crate) token_file: Option<PathBuf>,

    /// Trust the certificates in this file (`messngr ca show --out FILE` writes it on the service's machine).
    #[arg(long, value_name = "FILE", global = true, requires = "server")]
    pub(crate) ca: Option<PathBuf>,

    /// Print JSON for programs instead of text for people.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
