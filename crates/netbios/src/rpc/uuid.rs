//! The identifiers of interfaces, objects and activities.

use std::fmt;

use super::ndr::ByteOrder;

/// A UUID, its bytes in the order in which it is written for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// The UUID of all zeros: no object.
    pub const NIL: Self = Self([0; 16]);

    pub(super) fn decode(bytes: [u8; 16], order: ByteOrder) -> Self {
        Self(reorder(bytes, order))
    }

    pub(super) fn encode(self, order: ByteOrder) -> [u8; 16] {
        reorder(self.0, order)
    }
}

/// Only the first three fields are numbers (C706 appendix A); swapping them twice changes nothing.
fn reorder(mut bytes: [u8; 16], order: ByteOrder) -> [u8; 16] {
    if order == ByteOrder::Little {
        bytes[..4].reverse();
        bytes[4..6].reverse();
        bytes[6..8].reverse();
    }
    bytes
}

impl fmt::Display for Uuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                formatter.write_str("-")?;
            }
            write!(formatter, "{byte:02x}")?;
        }
        Ok(())
    }
}
