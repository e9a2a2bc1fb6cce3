//! How a request went (MS-CIFS 2.2.1.5, 2.2.2.4).

use std::fmt;

/// The status of a response: an error class and code of DOS times, or an NTSTATUS. Zero is success in both.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Status(u32);

/// The error class of DOS.
pub const ERRDOS: u8 = 0x01;
/// The error class of the server.
pub const ERRSRV: u8 = 0x02;

impl Status {
    /// Done.
    pub const SUCCESS: Self = Self(0);
    /// ERRDOS 71: the peer does not accept messages. `smbd` answers so without a `message command`.
    pub const REQUEST_NOT_ACCEPTED: Self = Self::dos(ERRDOS, 71);
    /// ERRDOS 87: a block or an end without a start. `smbd` answers so.
    pub const INVALID_PARAMETER: Self = Self::dos(ERRDOS, 87);
    /// ERRSRV/ERRerror: a malformed request (MS-CIFS 3.3.5.2).
    pub const MALFORMED: Self = Self::dos(ERRSRV, 1);
    /// ERRSRV/ERRbadcmd: a command that the server does not have.
    pub const UNKNOWN_COMMAND: Self = Self::dos(ERRSRV, 22);
    /// ERRSRV/ERRmsgoff: nobody receives messages under this name.
    pub const NOT_RECEIVING: Self = Self::dos(ERRSRV, 82);
    /// ERRSRV/ERRnoroom: the message cannot be kept (MS-MSRP 3.2.4.5).
    pub const NO_ROOM: Self = Self::dos(ERRSRV, 83);

    /// The error with this class and code.
    pub const fn dos(class: u8, code: u16) -> Self {
        Self(class as u32 | (code as u32) << 16)
    }

    /// The status with these 32 bits, as they stand on the wire in little-endian order.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The 32 bits of the status.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The error class, if this is an error of DOS times.
    pub const fn class(self) -> u8 {
        self.0.to_le_bytes()[0]
    }

    /// The error code, if this is an error of DOS times.
    pub const fn code(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// Whether the request succeeded.
    pub const fn is_success(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.class(), self.0.to_le_bytes()[1]) {
            (0, _) if self.is_success() => write!(formatter, "success"),
            (ERRDOS, 0) => write!(formatter, "ERRDOS {}", self.code()),
            (ERRSRV, 0) => write!(formatter, "ERRSRV {}", self.code()),
            _ => write!(formatter, "status {:#010x}", self.0),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Status({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_as_class_and_code() {
        assert_eq!(Status::NO_ROOM.to_string(), "ERRSRV 83");
        assert_eq!(Status::REQUEST_NOT_ACCEPTED.to_string(), "ERRDOS 71");
        assert_eq!(Status::SUCCESS.to_string(), "success");
        assert_eq!(Status::from_bits(0xc000_00d0).to_string(), "status 0xc00000d0");
        assert_eq!((Status::NO_ROOM.class(), Status::NO_ROOM.code()), (ERRSRV, 83));
    }
}
