//! Datagrams that come in pieces (RFC 1001 §17.1.2, RFC 1002 §5.3.3).

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use super::{Datagram, Delivery};
use crate::name::ScopedName;

/// What may wait for its other pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReassemblyLimits {
    /// How long, from the first piece that came. Default 2 s (RFC 1002 §6, FRAGMENT_TO).
    pub timeout: Duration,
    /// The longest data of a whole datagram. Default 4,096 bytes, many times what senders may write.
    pub data_bytes_max: usize,
    /// How many pieces a datagram may come in. Default 16.
    pub fragments_max: usize,
    /// How many datagrams of one address may wait. Default 4.
    pub waiting_of_one_max: usize,
    /// How many datagrams may wait. Default 64.
    pub waiting_max: usize,
}

/// Puts datagrams together. What comes whole goes through untouched.
#[derive(Debug)]
pub struct Reassembler {
    limits: ReassemblyLimits,
    waiting: BTreeMap<Key, Waiting>,
}

/// What makes two pieces parts of the same datagram. The address is where the packets come from, not what they say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    address: Ipv4Addr,
    id: u16,
    delivery: Delivery,
    from: ScopedName,
    to: ScopedName,
}

#[derive(Debug)]
struct Waiting {
    deadline: Instant,
    /// The pieces by where they begin.
    pieces: BTreeMap<usize, Vec<u8>>,
    bytes: usize,
    /// How long the whole is, once the last piece has come.
    length: Option<usize>,
}

impl Reassembler {
    /// Nothing waits yet.
    pub fn new(limits: ReassemblyLimits) -> Self {
        Self { limits, waiting: BTreeMap::new() }
    }

    /// Takes a datagram or a piece of one that came from an address at `now`, and hands over what is whole.
    ///
    /// Pieces that overlap, or that say different things of the length, make all of their datagram void. A piece
    /// that comes twice as it is counts once.
    pub fn receive(&mut self, address: Ipv4Addr, fragment: Datagram, now: Instant) -> Option<Datagram> {
        self.expire(now);
        if fragment.is_whole() {
            return (fragment.data.len() <= self.limits.data_bytes_max).then_some(fragment);
        }
        let key = Key {
            address,
            id: fragment.header.id,
            delivery: fragment.delivery,
            from: fragment.from.clone(),
            to: fragment.to.clone(),
        };
        if !self.waiting.contains_key(&key) {
            let of_this = self.waiting.keys().filter(|other| other.address == address).count();
            if self.waiting.len() >= self.limits.waiting_max || of_this >= self.limits.waiting_of_one_max {
                return None;
            }
        }
        let waiting = self.waiting.entry(key.clone()).or_insert_with(|| Waiting {
            deadline: now + self.limits.timeout,
            pieces: BTreeMap::new(),
            bytes: 0,
            length: None,
        });
        if !waiting.add(&fragment, &self.limits) {
            self.waiting.remove(&key);
            return None;
        }
        if !waiting.is_complete() {
            return None;
        }
        let data = self.waiting.remove(&key)?.pieces.into_values().flatten().collect();
        Some(Datagram { first: true, more: false, offset: 0, data, ..fragment })
    }

    /// When [`Reassembler::expire`] should be called, if nothing comes before.
    pub fn deadline(&self) -> Option<Instant> {
        self.waiting.values().map(|waiting| waiting.deadline).min()
    }

    /// Forgets what was not complete in time.
    pub fn expire(&mut self, now: Instant) {
        self.waiting.retain(|_, waiting| now < waiting.deadline);
    }

    /// How many bytes of data wait.
    pub fn retained_bytes(&self) -> usize {
        self.waiting.values().map(|waiting| waiting.bytes).sum()
    }
}

impl Waiting {
    /// Whether the piece fits to the others.
    fn add(&mut self, fragment: &Datagram, limits: &ReassemblyLimits) -> bool {
        let start = usize::from(fragment.offset);
        let end = start + fragment.data.len();
        if self.pieces.get(&start).is_some_and(|piece| *piece == fragment.data) {
            return fragment.first == (start == 0) && fragment.more != (self.length == Some(end));
        }
        let before = self.pieces.range(..=start).next_back();
        let overlaps_before =
            before.is_some_and(|(other, piece)| other + piece.len() > start || *other == start);
        let after = self.pieces.range(start..).next();
        let overlaps_after = after.is_some_and(|(other, _)| *other < end);
        let last = self.pieces.last_key_value().map_or(0, |(other, piece)| other + piece.len());
        let fits_length = match self.length {
            Some(length) => fragment.more && end <= length,
            None => fragment.more || last <= start,
        };
        // Only the first piece begins the whole, and an empty one adds nothing.
        let sound = fragment.first == (start == 0) && !fragment.data.is_empty();
        if overlaps_before
            || overlaps_after
            || !fits_length
            || !sound
            || end > limits.data_bytes_max
            || self.pieces.len() >= limits.fragments_max
        {
            return false;
        }
        if !fragment.more {
            self.length = Some(end);
        }
        self.bytes += fragment.data.len();
        self.pieces.insert(start, fragment.data.clone());
        true
    }

    /// Pieces do not overlap and none is beyond the end, so that counting them is enough.
    fn is_complete(&self) -> bool {
        self.length == Some(self.bytes)
    }
}

impl Default for ReassemblyLimits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(2),
            data_bytes_max: 4096,
            fragments_max: 16,
            waiting_of_one_max: 4,
            waiting_max: 64,
        }
    }
}
