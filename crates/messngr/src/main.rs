//! The program: configuration, command line, start and stop.
#![forbid(unsafe_code)]

#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "the command line will read it"))]
mod configuration;

fn main() {}
