//! The program: configuration, command line, start and stop.
#![forbid(unsafe_code)]

mod cli;
mod configuration;
mod serve;

/// The way to a service.
mod client {
    pub(crate) use ::client::{ApiPath, Client, ClientError};
}

use std::process::ExitCode;

/// Messages are made by one thread and often freed by another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
