//! The program: configuration, command line, start and stop.
#![forbid(unsafe_code)]

mod cli;
mod client;
mod configuration;
mod serve;

use std::process::ExitCode;

/// Messages are made by one thread and often freed by another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
