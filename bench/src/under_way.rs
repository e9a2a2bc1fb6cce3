//! What has left and not arrived.

use std::{collections::VecDeque, time::Instant};

/// The messages of a pair that have left and not arrived.
#[derive(Debug, Default)]
pub(crate) struct UnderWay {
    /// The number of the first of them.
    first: u64,
    departures: VecDeque<Instant>,
}

/// A message that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// For the first time, and how many before it have not come: servers keep the order, so they will not.
    First { departure: Instant, skipped: u64 },
    /// Not for the first time.
    Again,
}

impl UnderWay {
    /// How many they are.
    pub(crate) fn count(&self) -> u64 {
        self.departures.len() as u64
    }

    /// The number of a message that leaves.
    pub(crate) fn sent(&mut self, departure: Instant) -> u64 {
        self.departures.push_back(departure);
        self.first + self.count() - 1
    }

    /// The message of this number has come.
    pub(crate) fn arrived(&mut self, number: u64) -> Arrival {
        let Some(skipped) = number.checked_sub(self.first) else { return Arrival::Again };
        self.departures.drain(..(skipped as usize).min(self.departures.len()));
        match self.departures.pop_front() {
            Some(departure) => {
                self.first = number + 1;
                Arrival::First { departure, skipped }
            }
            None => Arrival::Again,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_counts_once_and_a_lost_one_is_noticed() {
        let now = Instant::now();
        let mut under_way = UnderWay::default();
        assert_eq!([0; 3].map(|_| under_way.sent(now)), [0, 1, 2]);
        assert_eq!(under_way.arrived(0), Arrival::First { departure: now, skipped: 0 });
        assert_eq!(under_way.arrived(0), Arrival::Again);
        assert_eq!(under_way.arrived(2), Arrival::First { departure: now, skipped: 1 });
        assert_eq!(under_way.count(), 0);
        assert_eq!(under_way.sent(now), 3);
    }
}
