use std::sync::atomic::{AtomicU64, Ordering};

/// How often things have happened since the start. Counting is one relaxed addition, so that it may be done where
/// messages pass.
#[derive(Debug, Default)]
pub struct Counters {
    /// Messages that policy let pass.
    pub messages_allowed: Counter,
    /// Messages that policy refused.
    pub messages_refused: Counter,
    /// What came without proof of its sender and was not taken.
    pub strangers_refused: StrangersRefused,
}

/// Why something that came without proof of its sender was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrangerRefusal {
    /// The administrator has blocked the sender.
    Blocked,
    /// There is nobody of that name whom the sender may reach now.
    Nobody,
    /// The sender's address has sent as many as it may.
    TooManyOfOne,
    /// All addresses together have sent as many as they may.
    TooManyOfAll,
    /// It came from elsewhere than the subnet that it is for.
    OtherSubnet,
    /// It is no message.
    Unreadable,
    /// The service has no room for it.
    NoRoom,
}

/// How much of it there was, by the reason.
#[derive(Debug, Default)]
pub struct StrangersRefused([Counter; StrangerRefusal::ALL.len()]);

impl StrangerRefusal {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Blocked,
        Self::Nobody,
        Self::TooManyOfOne,
        Self::TooManyOfAll,
        Self::OtherSubnet,
        Self::Unreadable,
        Self::NoRoom,
    ];

    /// In one word, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Nobody => "nobody",
            Self::TooManyOfOne => "too-many-of-one",
            Self::TooManyOfAll => "too-many-of-all",
            Self::OtherSubnet => "other-subnet",
            Self::Unreadable => "unreadable",
            Self::NoRoom => "no-room",
        }
    }
}

impl StrangersRefused {
    /// Once more for this reason.
    pub fn count(&self, why: StrangerRefusal) {
        if let Some(counter) = self.0.get(why as usize) {
            counter.count();
        }
    }

    /// How often for each reason.
    pub fn values(&self) -> [(StrangerRefusal, u64); StrangerRefusal::ALL.len()] {
        let value = |why: StrangerRefusal| self.0.get(why as usize).map_or(0, Counter::value);
        StrangerRefusal::ALL.map(|why| (why, value(why)))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_counted_by_itself() {
        let refused = StrangersRefused::default();
        for (times, why) in StrangerRefusal::ALL.into_iter().enumerate() {
            (0..=times).for_each(|_| refused.count(why));
        }
        let counts = refused.values().map(|(_, count)| count);
        assert_eq!(counts, [1, 2, 3, 4, 5, 6, 7]);
    }
}
