//! The conversation manager: a server asks a caller who it is before it executes a call (C706 10.2, appendix P).

use super::Uuid;
use super::ndr::{ByteOrder, NdrError, Reader, Writer};

/// The interface by which a caller is asked.
pub const INTERFACE: Uuid = Uuid([0x33, 0x3a, 0x22, 0x76, 0, 0, 0, 0, 0x0d, 0, 0, 0x80, 0x9c, 0, 0, 0]);
/// Its version.
pub const INTERFACE_VERSION: u32 = 3;
/// The number of the call `conv_who_are_you`.
pub const WHO_ARE_YOU: u16 = 0;
/// The number of the call `conv_who_are_you2`, which knows address spaces.
pub const WHO_ARE_YOU2: u16 = 1;

/// The arguments of both calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The caller's activity.
    pub activity: Uuid,
    /// When the server started.
    pub server_boot: u32,
}

impl Question {
    /// Reads the arguments.
    pub fn decode(stub: &[u8], order: ByteOrder) -> Result<Self, NdrError> {
        let mut reader = Reader::new(stub, order);
        Ok(Self { activity: reader.uuid()?, server_boot: reader.u32()? })
    }

    /// Writes the arguments.
    pub fn encode(&self, order: ByteOrder) -> Vec<u8> {
        let mut writer = Writer::new(order);
        writer.uuid(self.activity);
        writer.u32(self.server_boot);
        writer.finish()
    }
}

/// The results of `conv_who_are_you2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The number of the caller's latest call.
    pub sequence: u32,
    /// Zero, unless the caller made no call.
    pub status: u32,
}

impl Answer {
    /// Reads the results.
    pub fn decode(stub: &[u8], order: ByteOrder) -> Result<Self, NdrError> {
        let mut reader = Reader::new(stub, order);
        let sequence = reader.u32()?;
        reader.uuid()?;
        Ok(Self { sequence, status: reader.u32()? })
    }

    /// Writes the results: with the address space, or without for `conv_who_are_you`.
    pub fn encode(&self, address_space: Option<Uuid>, order: ByteOrder) -> Vec<u8> {
        let mut writer = Writer::new(order);
        writer.u32(self.sequence);
        if let Some(address_space) = address_space {
            writer.uuid(address_space);
        }
        writer.u32(self.status);
        writer.finish()
    }
}
