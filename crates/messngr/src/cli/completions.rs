use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, context::write_out};

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(arguments: &CompletionsArgs) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "messngr", &mut script);
    write_out(&String::from_utf8(script)?)
}
