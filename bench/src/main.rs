//! The load generator: see the README.
#![forbid(unsafe_code)]

mod chat;
mod client;
mod idle;
mod process;
mod protocol;
mod report;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Puts load on a server and prints what it measured as one line of JSON.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    load: Load,
}

#[derive(Debug, Subcommand)]
enum Load {
    /// Pairs of people talk, each with a number of messages under way at a time.
    Chat(chat::Chat),
    /// People sign in and say nothing.
    Idle(idle::Idle),
}

/// Where the server is and how to speak to it.
#[derive(Clone, Debug, Args)]
struct Server {
    /// Its address and port.
    #[arg(long)]
    server: String,
    /// What it speaks.
    #[arg(long, value_enum, default_value = "xmpp")]
    protocol: Protocol,
    /// Its domain.
    #[arg(long, default_value = "bench.internal")]
    domain: String,
    /// The password of everyone: people are called u0, u1, u2 …
    #[arg(long, default_value = "bench")]
    password: String,
    /// The processes whose time and memory are measured; the first one's children are not included by themselves.
    #[arg(long)]
    pid: Vec<u32>,
    /// Count stanzas (XEP-0198), as clients of today do.
    #[arg(long)]
    stream_management: bool,
}

/// What a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Protocol {
    /// XMPP in the clear with PLAIN.
    Xmpp,
    /// The bare relay's lines.
    Relay,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let report = match Arguments::parse().load {
        Load::Chat(chat) => chat.run().await?,
        Load::Idle(idle) => idle.run().await?,
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}
