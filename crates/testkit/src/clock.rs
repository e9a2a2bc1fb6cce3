use std::sync::Arc;

use hub::Environment;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use tokio::sync::watch;

/// A clock that stands still until it is told to move.
#[derive(Clone, Debug)]
pub struct SimulatedClock {
    time: Arc<Mutex<Timestamp>>,
    moved: watch::Sender<()>,
}

impl SimulatedClock {
    /// A clock that shows 20 November 2026, eight in the morning, UTC.
    pub fn new() -> Self {
        let start = Timestamp::from_second(1_795_161_600).expect("a time");
        Self { time: Arc::new(Mutex::new(start)), moved: watch::Sender::new(()) }
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        *self.time.lock()
    }

    /// Moves it forward. Who waits for a time that it shows now goes on.
    pub fn advance(&self, by: SignedDuration) {
        {
            let mut now = self.time.lock();
            *now = now.saturating_add(by).expect("a time");
        }
        self.moved.send_replace(());
    }
}

impl Default for SimulatedClock {
    fn default() -> Self {
        Self::new()
    }
}

/// An environment with this clock, and with randomness that is the same for the same seed. The seed is printed, so
/// that a failure can be had again.
pub fn simulated_environment(clock: &SimulatedClock, seed: u64) -> Environment {
    eprintln!("seed {seed}");
    let moved = clock.moved.subscribe();
    let clock = clock.clone();
    let state = Mutex::new(seed);
    let fill = move |bytes: &mut [u8]| {
        let mut state = state.lock();
        for byte in bytes {
            *byte = split_mix(&mut state).to_le_bytes()[0];
        }
    };
    Environment::simulated(move || clock.now(), fill).told_of_moves(moved)
}

/// The SplitMix64 generator: small, and good enough for tests.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
