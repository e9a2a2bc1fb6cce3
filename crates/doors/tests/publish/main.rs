//! The interfaces that publishers and readers know from elsewhere, over a hub.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

mod alertmanager;
mod cap;
mod gotify;
mod house;
mod ntfy;
mod reading;
mod rights;
mod waiting;
