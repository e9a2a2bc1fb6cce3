//! Towers: an address with all protocols below it, floor by floor (C706 appendix L).

use std::net::{Ipv4Addr, SocketAddrV4};

use thiserror::Error;

use crate::cursor::Cursor;
use crate::rpc::Uuid;
use crate::rpc::ndr::ByteOrder;

/// Transfer syntax 2.0 of Network Data Representation.
const NDR: Uuid =
    Uuid([0x8a, 0x88, 0x5d, 0x04, 0x1c, 0xeb, 0x11, 0xc9, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60]);
const NDR_VERSION: u32 = 2;
const FLOORS: u16 = 5;

/// Identifiers of protocols (C706 appendix I).
mod protocol {
    pub(super) const UUID: u8 = 0x0d;
    pub(super) const CONNECTIONLESS: u8 = 0x0a;
    pub(super) const UDP: u8 = 0x08;
    pub(super) const IP: u8 = 0x09;
}

/// An interface that is reached by connectionless calls over UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tower {
    /// What is reached.
    pub interface: Uuid,
    /// Its version, the minor one in the upper half.
    pub interface_version: u32,
    /// Where; all zeros in a question.
    pub endpoint: SocketAddrV4,
}

/// Why a tower is none over UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TowerError {
    /// The caller named none.
    #[error("expected a tower, got none")]
    Missing,
    /// It ends too early.
    #[error("expected more bytes of a tower, got their end")]
    Truncated,
    /// It has other floors.
    #[error("expected a tower of an interface, NDR, connectionless calls, UDP and IP, got another")]
    OtherFloors,
}

impl Tower {
    pub(super) fn decode(octets: &[u8]) -> Result<Self, TowerError> {
        let mut cursor = Cursor::new(octets);
        if cursor.u16_le().ok_or(TowerError::Truncated)? != FLOORS {
            return Err(TowerError::OtherFloors);
        }
        let mut floor = || {
            let mut field = || cursor.u16_le().and_then(|length| cursor.bytes(usize::from(length)));
            field().zip(field()).ok_or(TowerError::Truncated)
        };
        let (interface, syntax, calls, transport, network) =
            (floor()?, floor()?, floor()?, floor()?, floor()?);
        let versioned = |(left, right)| read_versioned(left, right).ok_or(TowerError::OtherFloors);
        let ((interface, interface_version), syntax) = (versioned(interface)?, versioned(syntax)?);
        match (calls, transport, network) {
            (
                ([protocol::CONNECTIONLESS], _),
                ([protocol::UDP], &[high, low]),
                ([protocol::IP], &[first, second, third, fourth]),
            ) if syntax == (NDR, NDR_VERSION) => {
                let address = Ipv4Addr::new(first, second, third, fourth);
                let endpoint = SocketAddrV4::new(address, u16::from_be_bytes([high, low]));
                Ok(Self { interface, interface_version, endpoint })
            }
            _ => Err(TowerError::OtherFloors),
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut octets = FLOORS.to_le_bytes().to_vec();
        let versions = [(self.interface, self.interface_version), (NDR, NDR_VERSION)];
        for (uuid, version) in versions {
            let [major_low, major_high, minor @ ..] = version.to_le_bytes();
            let mut left = vec![protocol::UUID];
            left.extend(uuid.encode(ByteOrder::Little));
            left.extend([major_low, major_high]);
            write_floor(&mut octets, &left, &minor);
        }
        write_floor(&mut octets, &[protocol::CONNECTIONLESS], &[0, 0]);
        write_floor(&mut octets, &[protocol::UDP], &self.endpoint.port().to_be_bytes());
        write_floor(&mut octets, &[protocol::IP], &self.endpoint.ip().octets());
        octets
    }
}

/// The floor of an identifier and its version; a tower is always little-endian.
fn read_versioned(left: &[u8], right: &[u8]) -> Option<(Uuid, u32)> {
    let mut cursor = Cursor::new(left);
    if cursor.u8()? != protocol::UUID {
        return None;
    }
    let uuid = Uuid::decode(cursor.array()?, ByteOrder::Little);
    let major = cursor.u16_le()?;
    let minor = Cursor::new(right).u16_le()?;
    (cursor.rest().is_empty() && right.len() == 2).then(|| (uuid, u32::from(minor) << 16 | u32::from(major)))
}

fn write_floor(octets: &mut Vec<u8>, left: &[u8], right: &[u8]) {
    for field in [left, right] {
        octets.extend(u16::try_from(field.len()).unwrap_or(u16::MAX).to_le_bytes());
        octets.extend(field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOWER: Tower = Tower {
        interface: crate::rpc::send_message::INTERFACE,
        interface_version: 0x0003_0001,
        endpoint: SocketAddrV4::new(Ipv4Addr::new(10, 77, 0, 2), 1027),
    };

    #[test]
    fn a_tower_over_udp_is_written_floor_by_floor() {
        let octets = TOWER.encode();
        let interface = [
            &[19, 0, 0x0d, 0xf8, 0x91, 0x7b, 0x5a, 0x00, 0xff, 0xd0, 0x11][..],
            &[0xa9, 0xb2, 0x00, 0xc0, 0x4f, 0xb6, 0xe6, 0xfc, 1, 0, 2, 0, 3, 0],
        ];
        assert_eq!(octets[2..27], interface.concat());
        let below = [1, 0, 0x0a, 2, 0, 0, 0, 1, 0, 0x08, 2, 0, 0x04, 0x03, 1, 0, 0x09, 4, 0, 10, 77, 0, 2];
        assert_eq!((octets.len(), &octets[52..]), (75, &below[..]));
        assert_eq!(Tower::decode(&octets), Ok(TOWER));
    }

    #[test]
    fn every_shorter_tower_and_every_other_protocol_is_refused() {
        let octets = TOWER.encode();
        for length in 0..octets.len() {
            assert_eq!(Tower::decode(&octets[..length]), Err(TowerError::Truncated), "{length}");
        }
        for place in [0, 4, 29, 30, 54, 61, 68] {
            let mut other = octets.clone();
            other[place] ^= 0x40;
            assert!(Tower::decode(&other).is_err(), "{place}");
        }
    }
}
