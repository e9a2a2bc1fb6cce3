//! The project's own commands: `cargo xtask test`, `check`, `bench` and `generate`.
#![forbid(unsafe_code)]

mod bench;
mod fuzz;
mod generate;
mod peers;
mod steps;
mod summary;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::steps::{Extent, Step};
use crate::workspace::Workspace;

/// What a developer of messngr runs, one command for each purpose
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    purpose: Purpose,
}

#[derive(Subcommand)]
enum Purpose {
    /// Install the peers, then check and test everything; needs root on a machine that lacks a peer
    Test {
        /// Run the long variants of the end-to-end tests too; a peer that cannot run is then a failure. Fuzz each
        /// parser for five minutes instead of ten seconds
        #[arg(long)]
        full: bool,
        /// Run this step alone; may be given more than once
        #[arg(long, value_name = "STEP", value_enum)]
        only: Vec<Step>,
    },
    /// What to run before each commit: format, lint, and the rules of the house
    Check,
    /// Measure messngr beside ejabberd, Prosody and a bare relay; needs root
    Bench(bench::Options),
    /// Write docs/configuration.md and target/man again from the program
    Generate,
}

fn main() -> ExitCode {
    let workspace = Workspace::of_this_source();
    let succeeded = match Arguments::parse().purpose {
        Purpose::Test { full, only } => {
            let extent = if full { Extent::Full } else { Extent::Usual };
            let steps = if only.is_empty() { Step::TEST.to_vec() } else { only };
            steps::run(&workspace, &steps, extent)
        }
        Purpose::Check => steps::run(&workspace, &Step::CHECK, Extent::Usual),
        Purpose::Bench(options) => told(&bench::run(&workspace, &options)),
        Purpose::Generate => told(&generate::all(&workspace)),
    };
    if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Says what went wrong, if anything did.
fn told(result: &anyhow::Result<()>) -> bool {
    if let Err(error) = result {
        eprintln!("error: {error:#}");
    }
    result.is_ok()
}
