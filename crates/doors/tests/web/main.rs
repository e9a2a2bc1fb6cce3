//! The web door: who is let in, and what clients are told.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what fails here fails a test")]

mod browser;
mod codes;
mod discovery;
mod events;
mod house;
mod limits;
mod pages;
mod session;
mod who;
