//! Which packet answers which: numbers that nobody can guess.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Numbers drawn from a seed; without the seed nobody can tell the next one from those before.
#[derive(Debug)]
struct Numbers {
    seed: [u8; 32],
    counter: u64,
    block: Vec<u16>,
}

/// Transactions that are under way, by their number.
#[derive(Debug)]
pub(super) struct Transactions<Subject> {
    numbers: Numbers,
    open: BTreeMap<u16, Subject>,
}

impl Numbers {
    fn next(&mut self) -> u16 {
        if let Some(number) = self.block.pop() {
            return number;
        }
        let digest =
            Sha256::new().chain_update(self.seed).chain_update(self.counter.to_be_bytes()).finalize();
        self.counter = self.counter.wrapping_add(1);
        self.block = digest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        self.block.pop().unwrap_or_default()
    }
}

impl<Subject: Copy> Transactions<Subject> {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Self { numbers: Numbers { seed, counter: 0, block: Vec::new() }, open: BTreeMap::new() }
    }

    /// A new transaction. Far fewer than there are numbers are ever open.
    pub(super) fn open(&mut self, subject: Subject) -> u16 {
        let mut id = self.numbers.next();
        for _ in 0..=u16::MAX {
            if !self.open.contains_key(&id) {
                break;
            }
            id = id.wrapping_add(1);
        }
        self.open.insert(id, subject);
        id
    }

    pub(super) fn close(&mut self, id: u16) {
        self.open.remove(&id);
    }

    pub(super) fn get(&self, id: u16) -> Option<Subject> {
        self.open.get(&id).copied()
    }

    /// Any number, for what nobody answers and for times that shall not be the same everywhere.
    pub(super) fn number(&mut self) -> u16 {
        self.numbers.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_seed_gives_other_numbers_and_none_is_open_twice() {
        let draw = |seed: u8| {
            let mut transactions = Transactions::new([seed; 32]);
            (0..10_000).map(|_| transactions.open(())).collect::<Vec<u16>>()
        };
        let (one, other) = (draw(1), draw(2));
        assert_eq!(one, draw(1));
        assert_ne!(one[..20], other[..20]);
        let different: std::collections::BTreeSet<u16> = one.iter().copied().collect();
        assert_eq!(different.len(), one.len());
        let steps: std::collections::BTreeSet<u16> =
            one.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        assert!(steps.len() > 5000, "the numbers do not go in steps");
    }
}
