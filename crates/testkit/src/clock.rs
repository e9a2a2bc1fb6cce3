use std::sync::Arc;

use hub::Environment;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

/// A clock that stands still until it is told to move.
#[derive(Clone, Debug)]
pub struct SimulatedClock(Arc<Mutex<Timestamp>>);

impl SimulatedClock {
    /// A clock that shows 20 November 2026, eight in the morning, UTC.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Timestamp::from_second(1_795_161_600).expect("a time"))))
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        *self.0.lock()
    }

    /// Moves it forward.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock();
        *now = now.saturating_add(by).expect("a time");
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
    let clock = clock.clone();
    let state = Mutex::new(seed);
    let fill = move |bytes: &mut [u8]| {
        let mut state = state.lock();
        for byte in bytes {
            *byte = split_mix(&mut state).to_le_bytes()[0];
        }
    };
    Environment::simulated(move || clock.now(), fill)
}

/// The SplitMix64 generator: small, and good enough for tests.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
