//! The packets of connectionless remote procedure calls (C706 chapter 12).

use thiserror::Error;

use super::Uuid;
use super::ndr::ByteOrder;
use crate::cursor::Cursor;

/// The length of [`Header`] on the wire.
pub const HEADER_BYTES: usize = 80;
/// A hint that says nothing (C706 12.5.2.11).
pub const NO_HINT: u16 = 0xffff;
const VERSION: u8 = 4;

/// What a packet is (C706 12.5.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A call, or a piece of one.
    Request,
    /// Asks what became of a call.
    Ping,
    /// The result of a call.
    Response,
    /// The call was executed and failed.
    Fault,
    /// The call is being executed.
    Working,
    /// The call is not known.
    NoCall,
    /// The call was not executed.
    Reject,
    /// The result arrived.
    Ack,
    /// The caller gives up.
    Cancel,
    /// A fragment arrived.
    FragmentAck,
    /// That the caller gave up is known.
    CancelAck,
}

/// Every kind, at the place of its number.
pub const KINDS: [Kind; 11] = [
    Kind::Request,
    Kind::Ping,
    Kind::Response,
    Kind::Fault,
    Kind::Working,
    Kind::NoCall,
    Kind::Reject,
    Kind::Ack,
    Kind::Cancel,
    Kind::FragmentAck,
    Kind::CancelAck,
];

/// Bits of [`Header::flags`] (C706 12.5.2.3).
pub mod flag {
    /// The last fragment of a call.
    pub const LAST_FRAGMENT: u8 = 0x02;
    /// One of several fragments.
    pub const FRAGMENT: u8 = 0x04;
    /// The fragment needs no acknowledgement.
    pub const NO_FRAGMENT_ACK: u8 = 0x08;
    /// The caller wants no answer.
    pub const MAYBE: u8 = 0x10;
    /// The call may be executed twice.
    pub const IDEMPOTENT: u8 = 0x20;
    /// The call was sent to everybody.
    pub const BROADCAST: u8 = 0x40;
}

/// Why a call was rejected or failed (C706 appendix E).
pub mod status {
    /// The interface has no such operation.
    pub const OPERATION_RANGE: u32 = 0x1c01_0002;
    /// No such interface is served.
    pub const UNKNOWN_INTERFACE: u32 = 0x1c01_0003;
    /// The server was started anew since.
    pub const WRONG_BOOT_TIME: u32 = 0x1c01_0006;
    /// The packet breaks the protocol.
    pub const PROTOCOL: u32 = 0x1c01_000b;
    /// The server can take no more calls now.
    pub const TOO_BUSY: u32 = 0x1c01_0014;
    /// The arguments cannot be read: `RPC_X_BAD_STUB_DATA` (MS-RPCE 3.1.1.5.5).
    pub const BAD_STUB: u32 = 0x0000_06f7;
}

/// Why bytes are no packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PduError {
    /// The packet ends too early.
    #[error("expected {expected} bytes, got {got}")]
    Truncated {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// Another version of the protocol.
    #[error("expected version 4 of the protocol, got {0}")]
    Version(u8),
    /// A kind of packet that does not exist.
    #[error("expected a packet of a known kind, got {0}")]
    Kind(u8),
    /// Numbers in an order that does not exist.
    #[error("expected integers in a known order and ASCII, got the format {0:#04x}")]
    Format(u8),
}

/// What every packet begins with (C706 12.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What the packet is.
    pub kind: Kind,
    /// Bits of [`flag`].
    pub flags: u8,
    /// The second set of flags; 0x02 says that a cancellation is pending.
    pub flags2: u8,
    /// The order of the bytes of numbers, here and in the body.
    pub order: ByteOrder,
    /// Tells copies of one fragment apart.
    pub serial: u16,
    /// The object that is called.
    pub object: Uuid,
    /// The interface that is called.
    pub interface: Uuid,
    /// The caller's thread, one call after the other.
    pub activity: Uuid,
    /// When the server started, or zero as long as the caller does not know.
    pub server_boot: u32,
    /// The version of the interface, the minor one in the upper half.
    pub interface_version: u32,
    /// The number of the call in its activity.
    pub sequence: u32,
    /// The operation that is called.
    pub operation: u16,
    /// Where the server may find the interface sooner.
    pub interface_hint: u16,
    /// Where the server may find the activity sooner.
    pub activity_hint: u16,
    /// Which fragment this is, from zero.
    pub fragment: u16,
    /// How the packet is protected; 0 is not at all.
    pub authentication: u8,
}

impl Header {
    /// A packet of the activity that says nothing more yet.
    pub fn new(kind: Kind, interface: Uuid, interface_version: u32, activity: Uuid) -> Self {
        Self {
            kind,
            flags: 0,
            flags2: 0,
            order: ByteOrder::Little,
            serial: 0,
            object: Uuid::NIL,
            interface,
            activity,
            server_boot: 0,
            interface_version,
            sequence: 0,
            operation: 0,
            interface_hint: NO_HINT,
            activity_hint: NO_HINT,
            fragment: 0,
            authentication: 0,
        }
    }

    /// Whether one of these bits of [`flag`] is set.
    pub fn has(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    /// Reads a packet: the header and the body. What follows the body is ignored.
    pub fn decode(packet: &[u8]) -> Result<(Self, &[u8]), PduError> {
        let truncated = PduError::Truncated { expected: HEADER_BYTES, got: packet.len() };
        let mut cursor = Cursor::new(packet);
        let [version, kind, flags, flags2] = cursor.array().ok_or(truncated)?;
        if version != VERSION {
            return Err(PduError::Version(version));
        }
        // The upper three bits are reserved (C706 12.5.2.2).
        let kind = KINDS.get(usize::from(kind & 0x1f)).copied().ok_or(PduError::Kind(kind))?;
        let [format, _, _, serial_high] = cursor.array().ok_or(truncated)?;
        let order = match format {
            0x00 => ByteOrder::Big,
            0x10 => ByteOrder::Little,
            _ => return Err(PduError::Format(format)),
        };
        let mut uuid = || cursor.array().map(|bytes| Uuid::decode(bytes, order)).ok_or(truncated);
        let (object, interface, activity) = (uuid()?, uuid()?, uuid()?);
        let mut u32 = || {
            cursor.array().ok_or(truncated).map(|bytes| match order {
                ByteOrder::Big => u32::from_be_bytes(bytes),
                ByteOrder::Little => u32::from_le_bytes(bytes),
            })
        };
        let (server_boot, interface_version, sequence) = (u32()?, u32()?, u32()?);
        let mut u16 = || {
            cursor.array().ok_or(truncated).map(|bytes| match order {
                ByteOrder::Big => u16::from_be_bytes(bytes),
                ByteOrder::Little => u16::from_le_bytes(bytes),
            })
        };
        let (operation, interface_hint, activity_hint) = (u16()?, u16()?, u16()?);
        let (length, fragment) = (usize::from(u16()?), u16()?);
        let [authentication, serial_low] = cursor.array().ok_or(truncated)?;
        let serial = u16::from_be_bytes([serial_high, serial_low]);
        let body = cursor
            .bytes(length)
            .ok_or(PduError::Truncated { expected: HEADER_BYTES + length, got: packet.len() })?;
        let header = Self {
            kind,
            flags,
            flags2,
            order,
            serial,
            object,
            interface,
            activity,
            server_boot,
            interface_version,
            sequence,
            operation,
            interface_hint,
            activity_hint,
            fragment,
            authentication,
        };
        Ok((header, body))
    }

    /// Writes a packet. A body has at most 65535 bytes; more are cut off.
    pub fn encode(&self, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
        let body = &body[..usize::from(length)];
        let little = self.order == ByteOrder::Little;
        let [serial_high, serial_low] = self.serial.to_be_bytes();
        let kind = KINDS.iter().position(|kind| *kind == self.kind).unwrap_or_default();
        let format = if little { 0x10 } else { 0x00 };
        let mut packet = Vec::with_capacity(HEADER_BYTES + body.len());
        packet.extend([VERSION, u8::try_from(kind).unwrap_or_default(), self.flags, self.flags2]);
        packet.extend([format, 0, 0, serial_high]);
        for uuid in [self.object, self.interface, self.activity] {
            packet.extend(uuid.encode(self.order));
        }
        for number in [self.server_boot, self.interface_version, self.sequence] {
            packet.extend(if little { number.to_le_bytes() } else { number.to_be_bytes() });
        }
        for number in [self.operation, self.interface_hint, self.activity_hint, length, self.fragment] {
            packet.extend(if little { number.to_le_bytes() } else { number.to_be_bytes() });
        }
        packet.extend([self.authentication, serial_low]);
        packet.extend(body);
        packet
    }
}
