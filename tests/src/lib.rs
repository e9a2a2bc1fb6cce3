#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
#![expect(clippy::expect_used, reason = "what fails here fails a test, and the sentence says which")]

mod peer;
mod service;
pub mod wait;

use std::path::PathBuf;

pub use peer::Peer;
pub use service::{DOMAIN, Output, Service, ServiceOptions};

/// Whether the long form of the tests was asked for (`cargo xtask test --full`).
pub fn full() -> bool {
    std::env::var_os("MESSNGR_FULL").is_some()
}

/// The folder that foreign programs which are no packages of the system are installed in.
pub fn peers_folder() -> PathBuf {
    let folder = std::env::var_os("MESSNGR_PEERS").expect("run the end-to-end tests by `cargo xtask test`");
    PathBuf::from(folder)
}

/// A path inside this package.
pub fn package_path(inside: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(inside)
}
