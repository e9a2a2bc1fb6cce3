use std::sync::atomic::{AtomicU64, Ordering};

/// How often things have happened since the start. Counting is one relaxed addition, so that it may be done where
/// messages pass.
#[derive(Debug, Default)]
pub struct Counters {
    /// Messages that policy let pass.
    pub messages_allowed: Counter,
    /// Messages that policy refused.
    pub messages_refused: Counter,
}

/// One of them.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Once more.
    pub fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
