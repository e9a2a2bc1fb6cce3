//! The program: configuration, command line, start and stop.
#![forbid(unsafe_code)]

mod cli;
mod client;
mod configuration;
mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
