//! A caller's thread of calls, of which only the latest is remembered.

use std::collections::BTreeMap;
use std::time::Instant;

use super::Limits;
use crate::rpc::Uuid;
use crate::rpc::pdu::{Header, flag};

/// What is known of a caller.
#[derive(Debug)]
pub(super) struct Activity {
    /// The number of the latest call.
    pub(super) sequence: u32,
    /// Whether the caller receives at its address.
    pub(super) proved: bool,
    /// How many bytes came for the latest call that were not answered yet. No answer is larger: whoever pretends to
    /// be at another address sends more there by itself.
    pub(super) credit: usize,
    /// When it began, and of a caller that has proved its address: when something came last that counted.
    pub(super) since: Instant,
    pub(super) stage: Stage,
}

/// How far the latest call is.
#[derive(Debug)]
pub(super) enum Stage {
    /// Fragments are missing.
    Collecting(Fragments),
    /// It is whole, and the caller is asked who it is.
    Proving { request: Header, stub: Vec<u8>, callback: Uuid },
    /// The owner decides.
    Pending(Header),
    /// The last packet may have to be said again.
    Answered(Vec<u8>),
    /// The caller has its answer.
    Done,
}

impl Activity {
    /// The first piece of a call is there.
    pub(super) fn new(sequence: u32, proved: bool, since: Instant) -> Self {
        Self { sequence, proved, credit: 0, since, stage: Stage::Collecting(Fragments::default()) }
    }

    /// Whether an answer of so many bytes may be sent; then it is taken from the credit. Who has proved its address
    /// pretends nothing, and gets its answer whatever its length.
    pub(super) fn pay(&mut self, bytes: usize) -> bool {
        let pays = self.proved || bytes <= self.credit;
        if pays {
            self.credit = self.credit.saturating_sub(bytes);
        }
        pays
    }

    /// Whether the call of that number is later. The numbers wrap around (C706 9.5.3).
    pub(super) fn precedes(&self, sequence: u32) -> bool {
        let ahead = sequence.wrapping_sub(self.sequence);
        ahead != 0 && ahead < 1 << 31
    }

    /// When it is forgotten. Nobody is while the owner decides: its answer would be lost, and the message come twice.
    pub(super) fn expiry(&self, limits: &Limits) -> Option<Instant> {
        let timeout = if self.proved { limits.activity_timeout } else { limits.unproved_timeout };
        (!matches!(self.stage, Stage::Pending(_))).then(|| self.since + timeout)
    }

    /// The activity in which the caller is asked who it is.
    pub(super) fn callback(&self) -> Option<Uuid> {
        match self.stage {
            Stage::Proving { callback, .. } => Some(callback),
            _ => None,
        }
    }
}

/// The pieces of a call that have arrived.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    pieces: BTreeMap<u16, Vec<u8>>,
    bytes: usize,
    last: Option<u16>,
}

impl Fragments {
    /// Keeps a piece. Whether it agrees with the others and with the limits; a copy changes nothing.
    pub(super) fn insert(&mut self, header: &Header, body: &[u8], limits: &Limits) -> bool {
        let fragmented = header.has(flag::FRAGMENT);
        let number = if fragmented { header.fragment } else { 0 };
        let is_last = !fragmented || header.has(flag::LAST_FRAGMENT);
        if self.pieces.contains_key(&number) {
            return true;
        }
        let beyond = self.last.is_some_and(|last| is_last || number > last)
            || (is_last && self.pieces.last_key_value().is_some_and(|(highest, _)| *highest > number));
        if beyond || number >= limits.fragments_max || self.bytes + body.len() > limits.stub_bytes_max {
            return false;
        }
        if is_last {
            self.last = Some(number);
        }
        self.bytes += body.len();
        self.pieces.insert(number, body.to_vec());
        true
    }

    /// The last fragment before the first that is missing.
    pub(super) fn contiguous(&self) -> Option<u16> {
        let in_order = (0u16..).zip(self.pieces.keys()).take_while(|(expected, number)| expected == *number);
        in_order.last().map(|(number, _)| number)
    }

    /// The arguments, once nothing is missing.
    pub(super) fn whole(&self) -> Option<Vec<u8>> {
        let last = self.last?;
        (self.pieces.len() == usize::from(last) + 1)
            .then(|| self.pieces.values().flatten().copied().collect())
    }
}
