//! What people and their clients do in any order, against a small model of what each of them is to be told.
//!
//! A run says its seed; `MESSNGR_SEED` repeats it, and `MESSNGR_FULL` asks for more runs. What fails is tried again
//! with fewer actions, so that what is printed is short.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what fails here fails a test")]

mod action;
mod contacts;
mod device;
mod event;
mod random;
mod rules;
mod world;
#[path = "../xmpp_people/mod.rs"]
mod xmpp_people;

use std::time::Duration;

use action::{Action, actions};
use random::Random;

const ACTIONS: usize = 600;
const ACTIONS_UNARCHIVED: usize = 200;
/// How often a list of actions that fails is tried with fewer of them.
const ATTEMPTS_MAX: usize = 200;
/// How long one run may take.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn every_client_is_told_what_the_rules_say_and_nothing_more() {
    for seed in seeds(&[1]) {
        hold(seed, ACTIONS, true);
    }
}

#[test]
fn without_an_archive_the_rules_are_the_same() {
    for seed in seeds(&[3]) {
        hold(seed, ACTIONS_UNARCHIVED, false);
    }
}

/// The given ones and new ones, or the one that is asked for.
fn seeds(given: &[u64]) -> Vec<u64> {
    if let Some(seed) = std::env::var("MESSNGR_SEED").ok().and_then(|seed| seed.parse().ok()) {
        return vec![seed];
    }
    let fresh = if std::env::var_os("MESSNGR_FULL").is_some() { 40 } else { 1 };
    let random = || u64::from_le_bytes(hub::Environment::system().random());
    given.iter().copied().chain((0..fresh).map(|_| random() % 1_000_000)).collect()
}

fn hold(seed: u64, count: usize, archive: bool) {
    println!("MESSNGR_SEED={seed}");
    let mut actions = actions(&mut Random::new(seed), count);
    let Err(mut error) = run(&actions, archive) else { return };
    println!("fails, and is tried with fewer actions: {error}");
    let (mut part, mut attempts) = (actions.len() / 2, 0);
    while part > 0 {
        let mut start = 0;
        while start < actions.len() && attempts < ATTEMPTS_MAX {
            let fewer = [&actions[..start], &actions[(start + part).min(actions.len())..]].concat();
            attempts += 1;
            match run(&fewer, archive) {
                Err(other) => (actions, error) = (fewer, other),
                Ok(()) => start += part,
            }
        }
        part /= 2;
    }
    panic!("MESSNGR_SEED={seed}: these {} actions fail: {actions:#?}\n{error}", actions.len());
}

/// One run on a runtime of its own; what panics in it fails it too.
fn run(actions: &[Action], archive: bool) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let actions = actions.to_vec();
    let run = async move { tokio::time::timeout(PATIENCE, world::run(&actions, archive)).await };
    let done = runtime.block_on(async { tokio::spawn(run).await });
    match done {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err("it took too long".to_owned()),
        Err(panic) => Err(panic.to_string()),
    }
}
