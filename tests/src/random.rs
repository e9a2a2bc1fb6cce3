use std::hash::{BuildHasher, Hasher, RandomState};

/// Random numbers that come again where `MESSNGR_SEED` says which (xorshift64*).
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Begins with `MESSNGR_SEED`, or anew; prints the seed either way.
    pub fn new() -> Self {
        let given = std::env::var("MESSNGR_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed: u64 = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        println!("MESSNGR_SEED={seed}");
        Self { state: seed.max(1) }
    }

    /// Another sequence, which this one determines.
    pub fn fork(&mut self) -> Self {
        Self { state: self.next().max(1) }
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

impl Default for Random {
    fn default() -> Self {
        Self::new()
    }
}
