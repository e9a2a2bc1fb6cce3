//! Places in the log as bytes: the first as a number, the others as distances, seven bits a byte, lowest first.

use crate::Sequence;

/// How many places one piece of an archive has.
pub(super) const PLACES_MAX: usize = 256;

/// The distances between places, which ascend.
pub(super) fn encode(sequences: &[Sequence]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(sequences.len() * 2);
    for pair in sequences.windows(2) {
        let mut distance = pair[1].wrapping_sub(pair[0]).cast_unsigned();
        while distance >= 0x80 {
            bytes.push(distance.to_le_bytes()[0] | 0x80);
            distance >>= 7;
        }
        bytes.push(distance.to_le_bytes()[0]);
    }
    bytes
}

/// The places that begin with `first`; none where the bytes make no sense.
pub(super) fn decode(first: Sequence, bytes: &[u8]) -> Option<Vec<Sequence>> {
    let mut sequences = Vec::with_capacity(bytes.len() + 1);
    sequences.push(first);
    let (mut last, mut distance, mut shift) = (first, 0_u64, 0);
    for byte in bytes {
        distance |= u64::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            last = last.checked_add_unsigned(distance).filter(|_| distance > 0)?;
            sequences.push(last);
            (distance, shift) = (0, 0);
        }
    }
    (shift == 0).then_some(sequences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back_and_nonsense_does_not() {
        for places in [&[1][..], &[1, 2, 129, 130, 20_000, i64::MAX], &[5, 300]] {
            assert_eq!(decode(places[0], &encode(places)).as_deref(), Some(places));
        }
        for nonsense in [&[0][..], &[0x80], &[0xff; 12]] {
            assert_eq!(decode(1, nonsense), None);
        }
    }
}
