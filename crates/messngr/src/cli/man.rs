use std::{fs, path::PathBuf};

use anyhow::Context as _;
use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::{Cli, context::write_out};

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write a page for the program and one for each command into this directory.
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(super) fn run(arguments: &ManArgs) -> anyhow::Result<()> {
    let Some(directory) = &arguments.directory else {
        let mut page = Vec::new();
        Man::new(Cli::command()).render(&mut page)?;
        return write_out(&String::from_utf8(page)?);
    };
    let cannot = || format!("cannot write into {}", directory.display());
    fs::create_dir_all(directory).with_context(cannot)?;
    clap_mangen::generate_to(Cli::command(), directory).with_context(cannot)
}
