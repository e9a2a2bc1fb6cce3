#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
#![expect(clippy::expect_used, reason = "what fails here fails a test, and the sentence says which")]

mod browser;
mod capture;
mod chromium;
mod counting_client;
pub mod dialogue;
mod dissection;
mod friends;
pub mod lan;
pub mod load;
pub mod name_service;
mod namespace;
mod net_send;
mod peer;
mod program;
mod random;
pub mod samba;
mod service;
mod tmpfs;
mod trace;
mod upsd;
pub mod wait;
mod xmpp_connection;

use std::path::PathBuf;

pub use browser::Browser;
pub use capture::Capture;
pub use chromium::{browse, browse_with};
pub use counting_client::{CountingClient, Happened};
pub use dissection::{Datagram, Dissection, hexadecimal, samba_packets};
pub use friends::{Friends, expect_message, sign_in, sign_in_at, start_for_friends, stream_condition};
pub use namespace::{NEIGHBOUR, alone};
pub use net_send::{net_send, net_send_by};
pub use peer::Peer;
pub use program::{Output, Program};
pub use random::Random;
pub use service::{DOMAIN, Service, ServiceOptions};
pub use trace::{Trace, TraceLine, TraceLines};
pub use upsd::Upsd;
pub use xmpp_connection::{Account, XmppConnection, chat, connect_from};

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
