use std::{collections::HashSet, io::Result, time::Duration};

use xmpp::{Element, namespace};

use super::World;
use crate::{Account, CountingClient, DOMAIN, Happened, Random, XmppConnection, chat};

const PAUSE: Duration = Duration::from_millis(20);
/// After how many messages who is away half of the time leaves, at most: with the next answer to a ping.
const VISIT_MAX: u64 = 60;

/// Receives with a client that counts, and confirms every alert.
pub(super) fn counting(world: &World, name: &'static str) {
    let mut client = CountingClient::new(&world.xmpp, Account::new(name));
    let mut answered = HashSet::new();
    while !world.over() || client.unacknowledged() > 0 {
        for happened in client.listen(PAUSE) {
            match happened {
                Happened::Stanza(stanza) => {
                    if let Some((alert, choice)) = world.ledger.received(name, &stanza)
                        && answered.insert(alert.clone())
                    {
                        client.send(&alert, chat("alerts", &alert, &choice));
                    }
                }
                Happened::Accepted(alert) => world.ledger.confirmed(name, &alert),
                Happened::Refused(alert) => panic!("{name} could not answer {alert}"),
            }
        }
    }
    println!("{name}: {} sessions begun, {} resumed", client.bound(), client.resumed());
}

/// Receives with a client that counts nothing and answers pings. With random numbers it is away half of the time.
pub(super) fn plain(world: &World, name: &'static str, mut random: Option<Random>) {
    while !world.over() {
        let visit = random.as_mut().map(|random| random.between(1, VISIT_MAX));
        // A connection that breaks is one that the service was killed in, or does not listen again yet.
        match receive(world, name, visit) {
            Ok(connection) => leave(connection, random.as_mut()),
            Err(_) => std::thread::park_timeout(PAUSE),
        }
        if random.is_some() {
            stay_away(world, visit.unwrap_or_default());
        }
    }
}

fn receive(world: &World, name: &str, visit: Option<u64>) -> Result<XmppConnection> {
    let mut connection = XmppConnection::sign_in(&world.xmpp, &Account::new(name))?;
    connection.write("<presence/>")?;
    let mut came = 0;
    while !world.over() {
        let Some(stanza) = connection.hear(PAUSE)? else { continue };
        came += 1;
        world.ledger.received(name, &stanza);
        if let Some(pong) = pong(&stanza) {
            connection.write(&pong)?;
            if !world.enough() && visit.is_some_and(|visit| came >= visit) {
                break;
            }
        }
    }
    Ok(connection)
}

/// Says goodbye, or just goes.
fn leave(mut connection: XmppConnection, random: Option<&mut Random>) {
    if random.is_none_or(|random| random.between(0, 1) == 1) {
        drop(connection.write("</stream:stream>"));
    }
}

/// Stays away until about as much was sent as came in the visit.
fn stay_away(world: &World, visit: u64) {
    let goal = world.ledger.accepted_count() + visit;
    while !world.enough() && world.ledger.accepted_count() < goal {
        std::thread::park_timeout(PAUSE);
    }
}

/// The answer to a ping (XEP-0199).
fn pong(stanza: &Element) -> Option<String> {
    stanza.child("ping", namespace::PING)?;
    let id = stanza.attribute("id")?;
    Some(format!("<iq type='result' to='{DOMAIN}' id='{id}'/>"))
}
