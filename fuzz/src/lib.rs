//! What is fuzzed: functions that take any bytes and panic when something does not hold.
//!
//! The program `fuzz` drives one of them with libFuzzer; the tests of this crate try each on its corpus.
#![forbid(unsafe_code)]

#[path = "../../crates/xmpp/tests/support/agreement.rs"]
mod agreement;
mod cap;
mod data_forms;
mod datagram;
mod mailslot;
mod name_node;
mod name_packet;
mod netbios_name;
mod netbios_receiver;
mod netbios_sender;
mod rpc_client;
mod rpc_msgsvc;
mod rpc_packets;
mod rpc_server;
mod sasl;
mod scanner;
mod stanza;
mod websocket;
mod xmpp_stream;

/// Something that is fuzzed.
#[derive(Clone, Copy)]
pub struct Target {
    /// The name, which is also that of the folder of its corpus.
    pub name: &'static str,
    /// Takes any bytes.
    ///
    /// # Panics
    /// When something does not hold: that is a mistake in the code that is fuzzed.
    pub run: fn(&[u8]),
}

/// Everything that is fuzzed, in the order in which `cargo xtask test` does.
pub const TARGETS: [Target; 18] = [
    Target { name: "xmpp-stream", run: xmpp_stream::run },
    Target { name: "stanza", run: stanza::run },
    Target { name: "scanner", run: scanner::run },
    Target { name: "sasl", run: sasl::run },
    Target { name: "data-forms", run: data_forms::run },
    Target { name: "cap", run: cap::run },
    Target { name: "netbios-receiver", run: netbios_receiver::run },
    Target { name: "netbios-sender", run: netbios_sender::run },
    Target { name: "netbios-name", run: netbios_name::run },
    Target { name: "name-packet", run: name_packet::run },
    Target { name: "name-node", run: name_node::run },
    Target { name: "datagram", run: datagram::run },
    Target { name: "mailslot", run: mailslot::run },
    Target { name: "rpc-server", run: rpc_server::run },
    Target { name: "rpc-client", run: rpc_client::run },
    Target { name: "rpc-packets", run: rpc_packets::run },
    Target { name: "rpc-msgsvc", run: rpc_msgsvc::run },
    Target { name: "websocket", run: websocket::run },
];

impl Target {
    /// The target of that name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.into_iter().find(|target| target.name == name)
    }
}
