use std::time::Duration;

use serde_json::Value;

use super::{COUNTING, PLAIN, World};
use crate::{Account, CountingClient, Happened, Random, chat, net_send};

/// How much a sender has on its way at once.
const WINDOW: usize = 20;
const PAUSE: Duration = Duration::from_millis(20);

/// Sends with a client that counts, to everybody in turn.
pub(super) fn counting(world: &World, name: &'static str, mut random: Random) {
    let mut client = CountingClient::new(&world.xmpp, Account::new(name));
    let recipients: Vec<&str> = COUNTING.iter().chain(&PLAIN).copied().collect();
    let mut number = 0;
    while !world.enough() || client.unacknowledged() > 0 {
        // Bursts of different sizes, so that a kill meets every state.
        let burst = random.between(1, 8);
        for _ in 0..burst {
            if world.enough() || client.unacknowledged() >= WINDOW {
                break;
            }
            number += 1;
            let to = recipients[number % recipients.len()];
            let text = format!("{name} {to} {number}");
            client.send(&text, chat(to, &text, &text));
        }
        for happened in client.listen(PAUSE) {
            match happened {
                Happened::Accepted(text) => world.ledger.accepted("xmpp", &text),
                Happened::Refused(text) => panic!("refused: {text}"),
                Happened::Stanza(_) => {}
            }
        }
    }
    println!("{name}: {} sessions begun, {} resumed", client.bound(), client.resumed());
}

/// Sends as Windows does. What was not answered may have arrived or not, and is not sent again.
pub(super) fn windows(world: &World, mut random: Random) {
    let recipients = [COUNTING[0], PLAIN[0]];
    let mut number = 0;
    while !world.enough() {
        number += 1;
        let to = recipients[usize::from(random.between(0, 1) == 1)];
        let text = format!("windows {to} {number}");
        match net_send(&world.windows, "PRESS1", to, &text) {
            Ok(()) => world.ledger.accepted("windows", &text),
            Err(_) => std::thread::park_timeout(PAUSE),
        }
    }
}

/// Sends messages and alerts by the command line.
pub(super) fn commands(world: &World, mut random: Random) {
    let recipients: Vec<&str> = COUNTING.iter().chain(&PLAIN).copied().collect();
    let audience = recipients.iter().map(|name| format!("user:{name}")).collect::<Vec<_>>().join(",");
    let mut number = 0;
    while !world.enough() {
        number += 1;
        if random.between(1, 4) == 1 {
            let choice = format!("Choice {number}");
            let alert =
                ["--json", "alert", "send", "--to", &audience, "--choices", &choice, "Water is off", "today"];
            let output = world.program.run(&alert);
            if output.code == 0 {
                let alert: Value = serde_json::from_str(&output.stdout).expect("an alert in JSON");
                world.ledger.alert_accepted(alert["id"].as_str().expect("the id of the alert"));
            }
        } else {
            let to = recipients[number % recipients.len()];
            let text = format!("commands {to} {number}");
            if world.program.run(&["send", to, &text]).code == 0 {
                world.ledger.accepted("command line", &text);
            }
        }
    }
}
