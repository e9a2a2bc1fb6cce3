//! People, computers and administrators who send to each other as fast as they can, and remember what was accepted
//! and what arrived.

mod ledger;
mod receivers;
mod senders;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

pub use ledger::{Ledger, Totals};

use crate::{Account, Random, Service, ServiceOptions, wait};

/// People who send, with clients that count stanzas.
pub const SENDERS: [&str; 4] = ["sam", "sara", "simon", "sonja"];
/// People who receive, with clients that count stanzas. They confirm alerts.
pub const COUNTING: [&str; 3] = ["carla", "carlos", "clara"];
/// People who receive, with clients that count nothing and answer pings. The last is away half of the time.
pub const PLAIN: [&str; 3] = ["paul", "petra", "wanda"];
/// Who is away half of the time.
const WANDERER: &str = "wanda";

/// Everybody at work, until [`Load::finish`].
pub struct Load {
    world: World,
    senders: Vec<JoinHandle<()>>,
    receivers: Vec<JoinHandle<()>>,
}

/// What everybody at work knows.
#[derive(Clone)]
struct World {
    ledger: Arc<Ledger>,
    program: crate::Program,
    xmpp: String,
    windows: String,
    /// Nobody begins to send anything more.
    enough: Arc<AtomicBool>,
    /// Everything that was accepted has arrived, or never will.
    over: Arc<AtomicBool>,
}

/// The configuration of a service under load: limits that one address alone would pass are set high.
pub fn options() -> ServiceOptions {
    ServiceOptions {
        configuration: "[limits]\nmessages_per_minute_max = 1000000\nmessages_of_all_per_minute_max = 1000000\npending_messages_max = 1000000\n"
            .to_owned(),
        xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
        windows: true,
        ..ServiceOptions::default()
    }
}

/// Makes the accounts of everybody who takes part.
pub fn add_people(service: &Service) {
    for name in SENDERS.iter().chain(&COUNTING).chain(&PLAIN) {
        service.add_user(name, &Account::new(name).password);
    }
}

impl Load {
    /// Everybody begins.
    pub fn start(service: &Service, random: &mut Random) -> Self {
        let world = World {
            ledger: Arc::default(),
            program: service.program(),
            xmpp: service.address("xmpp", "starttls"),
            windows: service.address("windows", "session"),
            enough: Arc::default(),
            over: Arc::default(),
        };
        let spawn = |name: &str, work: Box<dyn FnOnce(&World) + Send>| {
            let world = world.clone();
            let thread = std::thread::Builder::new().name(name.to_owned());
            thread.spawn(move || work(&world)).expect("a thread")
        };
        let mut receivers = Vec::new();
        for name in COUNTING {
            receivers.push(spawn(name, Box::new(move |world| receivers::counting(world, name))));
        }
        for name in PLAIN {
            let random = (name == WANDERER).then(|| random.fork());
            receivers.push(spawn(name, Box::new(move |world| receivers::plain(world, name, random))));
        }
        let mut senders = Vec::new();
        for name in SENDERS {
            let random = random.fork();
            senders.push(spawn(name, Box::new(move |world| senders::counting(world, name, random))));
        }
        let for_windows = random.fork();
        senders.push(spawn("windows", Box::new(move |world| senders::windows(world, for_windows))));
        let for_commands = random.fork();
        senders.push(spawn("commands", Box::new(move |world| senders::commands(world, for_commands))));
        Self { world, senders, receivers }
    }

    /// What was accepted and what arrived.
    pub fn ledger(&self) -> &Ledger {
        &self.world.ledger
    }

    /// Waits until so many more messages were accepted.
    pub fn go_on(&self, messages: u64) {
        let goal = self.ledger().accepted_count() + messages;
        wait::until("the load to go on", || {
            self.nobody_has_failed();
            (self.ledger().accepted_count() >= goal).then_some(())
        });
    }

    /// Nobody begins anything new; what was begun comes to its end, and what was accepted arrives.
    pub fn finish(self) -> Arc<Ledger> {
        self.world.enough.store(true, Ordering::Relaxed);
        for sender in self.senders {
            sender.join().expect("a sender comes to its end");
        }
        let ledger = self.world.ledger.clone();
        let all = || ledger.missing().is_empty() && ledger.unanswered().is_empty();
        let arrived = wait::or_give_up(|| all().then_some(()));
        self.world.over.store(true, Ordering::Relaxed);
        for receiver in self.receivers {
            receiver.join().expect("a receiver comes to its end");
        }
        if arrived.is_none() {
            let (missing, unanswered) = (ledger.missing(), ledger.unanswered());
            panic!("accepted and never received: {missing:#?}; answers never accepted: {unanswered:#?}");
        }
        ledger
    }

    fn nobody_has_failed(&self) {
        let failed = self.senders.iter().chain(&self.receivers).find(|thread| thread.is_finished());
        if let Some(thread) = failed {
            panic!("{:?} has failed", thread.thread().name());
        }
    }
}

impl World {
    fn enough(&self) -> bool {
        self.enough.load(Ordering::Relaxed)
    }

    fn over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

impl Drop for World {
    /// Where one has failed, the others are not to go on for ever.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.enough.store(true, Ordering::Relaxed);
            self.over.store(true, Ordering::Relaxed);
        }
    }
}
