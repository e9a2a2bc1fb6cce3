//! The endpoint mapper on port 135: by which port an interface is reached (C706 appendix O, MS-RPCE 2.2.1.2).

mod tower;

use super::Uuid;
use super::ndr::{ByteOrder, NdrError, Reader, Writer};

pub use tower::{Tower, TowerError};

/// The interface of the mapper.
pub const INTERFACE: Uuid =
    Uuid([0xe1, 0xaf, 0x83, 0x08, 0x5d, 0x1f, 0x11, 0xc9, 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa]);
/// Its version, 3.0.
pub const INTERFACE_VERSION: u32 = 3;
/// The number of the call `ept_map`.
pub const MAP: u16 = 3;
/// The UDP port of the mapper.
pub const PORT: u16 = 135;
/// The status of a response without towers: nothing is registered (C706 appendix E).
pub const NOT_REGISTERED: u32 = 0x16c9_a0d6;
/// The longest tower that is read. One of five floors over UDP has 75.
const TOWER_BYTES_MAX: usize = 512;
/// The most towers that are read of a response.
const TOWERS_MAX: usize = 16;
/// The handle of a search that has not begun, or is over (C706 14.2.6).
const NO_HANDLE: [u8; 20] = [0; 20];

/// The arguments of `ept_map`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapRequest {
    /// The object that shall be reached, if the caller names one.
    pub object: Option<Uuid>,
    /// What shall be reached and how, or why that cannot be told.
    pub tower: Result<Tower, TowerError>,
    /// Whether the search is a new one, and not the rest of another.
    pub begins: bool,
    /// How many answers the caller takes.
    pub towers_max: u32,
    /// By which numbers the caller's pointers go. They are full ones: in the answer another pointer with such a
    /// number would be the same one (C706 14.3.10).
    pub referents: [u32; 2],
}

impl MapRequest {
    /// Reads the arguments.
    pub fn decode(stub: &[u8], order: ByteOrder) -> Result<Self, NdrError> {
        let mut reader = Reader::new(stub, order);
        let object_referent = reader.u32()?;
        let object = if object_referent == 0 { None } else { Some(reader.uuid()?) };
        let tower_referent = reader.u32()?;
        let tower = if tower_referent == 0 { Err(TowerError::Missing) } else { read_tower(&mut reader)? };
        let begins = read_handle(&mut reader)?;
        let towers_max = reader.u32()?;
        let referents = [object_referent, tower_referent];
        Ok(Self { object, tower, begins, towers_max, referents })
    }

    /// The arguments by which a caller asks for one endpoint over UDP. A nil object is named, as Windows does, so
    /// that the answer is not larger than the question.
    pub fn encode(interface: Uuid, interface_version: u32, order: ByteOrder) -> Vec<u8> {
        let mut writer = Writer::new(order);
        writer.u32(1);
        writer.uuid(Uuid::NIL);
        writer.u32(2);
        let endpoint = std::net::SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0);
        write_tower(&mut writer, &Tower { interface, interface_version, endpoint });
        writer.align(4);
        writer.raw(&NO_HANDLE);
        writer.u32(1);
        writer.finish()
    }
}

/// The results of `ept_map`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapResponse {
    /// The towers over UDP. Others are left out when reading.
    pub towers: Vec<Tower>,
    /// Zero, or why there are none.
    pub status: u32,
}

impl MapResponse {
    /// Reads the results.
    pub fn decode(stub: &[u8], order: ByteOrder) -> Result<Self, NdrError> {
        let mut reader = Reader::new(stub, order);
        read_handle(&mut reader)?;
        reader.u32()?;
        let (maximum, offset, actual) = (reader.u32()?, reader.u32()?, reader.u32()?);
        if offset != 0 || actual > maximum {
            return Err(NdrError::Counts { maximum, offset, actual });
        }
        let count = usize::try_from(actual).unwrap_or(usize::MAX);
        if count > TOWERS_MAX {
            return Err(NdrError::TooLong { limit: TOWERS_MAX, got: count });
        }
        let mut pointers = 0;
        for _ in 0..count {
            pointers += usize::from(reader.u32()? != 0);
        }
        let mut towers = Vec::new();
        for _ in 0..pointers {
            towers.extend(read_tower(&mut reader)?.ok());
        }
        Ok(Self { towers, status: reader.u32()? })
    }

    /// Writes the results for a caller that takes so many towers, with pointers that go by other numbers than its own.
    pub fn encode(&self, towers_max: u32, referents: [u32; 2], order: ByteOrder) -> Vec<u8> {
        let mut writer = Writer::new(order);
        writer.raw(&NO_HANDLE);
        let count = u32::try_from(self.towers.len()).unwrap_or(u32::MAX).min(towers_max);
        for number in [count, towers_max, 0, count] {
            writer.u32(number);
        }
        let towers = || self.towers.iter().zip(0..count).map(|(tower, _)| tower);
        let free = (1u32..).filter(|number| !referents.contains(number));
        for (_, number) in towers().zip(free) {
            writer.u32(number);
        }
        for tower in towers() {
            write_tower(&mut writer, tower);
        }
        writer.u32(self.status);
        writer.finish()
    }
}

/// A tower as the mapper's structure `twr_t` carries it.
fn read_tower(reader: &mut Reader<'_>) -> Result<Result<Tower, TowerError>, NdrError> {
    let (maximum, actual) = (reader.u32()?, reader.u32()?);
    if maximum != actual {
        return Err(NdrError::Counts { maximum, offset: 0, actual });
    }
    let count = usize::try_from(actual).unwrap_or(usize::MAX);
    if count > TOWER_BYTES_MAX {
        return Err(NdrError::TooLong { limit: TOWER_BYTES_MAX, got: count });
    }
    Ok(Tower::decode(reader.raw(count)?))
}

fn write_tower(writer: &mut Writer, tower: &Tower) {
    let octets = tower.encode();
    let count = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    writer.u32(count);
    writer.u32(count);
    writer.raw(&octets);
}

/// Whether there is no handle.
fn read_handle(reader: &mut Reader<'_>) -> Result<bool, NdrError> {
    reader.align(4)?;
    Ok(reader.raw(NO_HANDLE.len())? == NO_HANDLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::send_message;

    fn tower() -> Tower {
        let endpoint = ([10, 77, 0, 2].into(), 1027);
        Tower {
            interface: send_message::INTERFACE,
            interface_version: send_message::INTERFACE_VERSION,
            endpoint: std::net::SocketAddrV4::new(endpoint.0, endpoint.1),
        }
    }

    #[test]
    fn questions_and_answers_survive_in_both_orders() {
        for order in [ByteOrder::Big, ByteOrder::Little] {
            let question = MapRequest::encode(send_message::INTERFACE, 1, order);
            let read = MapRequest::decode(&question, order).unwrap();
            assert_eq!((read.object, read.begins, read.towers_max), (Some(Uuid::NIL), true, 1));
            assert_eq!(read.tower.unwrap().interface, send_message::INTERFACE);
            for towers in [vec![], vec![tower()], vec![tower(), tower()]] {
                let response = MapResponse { status: 7, towers };
                let answer = response.encode(4, [1, 3], order);
                assert_eq!(MapResponse::decode(&answer, order), Ok(response));
                for length in 0..answer.len() {
                    assert!(MapResponse::decode(&answer[..length], order).is_err(), "{length}");
                }
            }
            let one =
                MapResponse { status: 0, towers: vec![tower(), tower()] }.encode(1, read.referents, order);
            assert!(one.len() <= question.len());
            assert_eq!(MapResponse::decode(&one, order).unwrap().towers, [tower()]);
        }
    }
}
