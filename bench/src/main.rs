//! The load generator: see the README.
#![forbid(unsafe_code)]

mod alert;
mod alert_many;
mod announce;
mod archive;
mod befriend;
mod browse;
mod chat;
mod client;
mod confirm;
mod confirmers;
mod connection;
mod conversation;
mod door;
mod figures;
mod filling;
mod idle;
mod interface;
mod meter;
mod net_send;
mod pace;
mod pages;
mod protocol;
mod report;
mod scram;
mod sign_ins;
mod start;
mod storm;
mod under_way;

use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::figures::Outcome;

/// How long any load may take: a server that stalls is not waited for.
const PATIENCE: Duration = Duration::from_secs(600);

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
    /// People sign in, one after the other.
    SignIns(sign_ins::SignIns),
    /// People become each other's contacts: the preparation of a storm.
    Befriend(befriend::Befriend),
    /// People with contacts sign in within seconds; each is to see all contacts.
    Storm(storm::Storm),
    /// One text goes to everyone who is signed in.
    Announce(announce::Announce),
    /// One alert goes to very many accounts while people talk.
    AlertMany(alert_many::AlertMany),
    /// Many people confirm an alert within seconds while others talk.
    Confirm(confirm::Confirm),
    /// Pages of the report of an alert to very many are read.
    Report(report::Report),
    /// One person's archive is filled, then read page by page.
    Archive(archive::Archive),
    /// A real browser shows somebody's chats, and a long conversation.
    Browse(browse::Browse),
    /// Pages of browsers that only listen.
    Pages(pages::Pages),
    /// Windows computers send messages to people.
    NetSend(net_send::NetSend),
    /// A server is started and is to answer.
    Start(start::Start),
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    meter::raise_open_files();
    let load = Box::pin(run(Arguments::parse().load));
    let outcome =
        tokio::time::timeout(PATIENCE, load).await.context("the load does not come to an end")??;
    println!("{}", outcome.to_json());
    Ok(())
}

async fn run(load: Load) -> anyhow::Result<Outcome> {
    match load {
        Load::Chat(load) => load.run().await,
        Load::Idle(load) => load.run().await,
        Load::SignIns(load) => load.run().await,
        Load::Befriend(load) => load.run().await,
        Load::Storm(load) => load.run().await,
        Load::Announce(load) => load.run().await,
        Load::AlertMany(load) => load.run().await,
        Load::Confirm(load) => load.run().await,
        Load::Report(load) => load.run().await,
        Load::Archive(load) => load.run().await,
        Load::Browse(load) => load.run().await,
        Load::Pages(load) => load.run().await,
        Load::NetSend(load) => load.run().await,
        Load::Start(load) => load.run().await,
    }
}
