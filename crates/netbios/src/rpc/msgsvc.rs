//! The interface `msgsvc`: the names under which a computer takes messages are listed, added and deleted by others
//! (MS-MSRP 3.1), as `net name` does.
//!
//! [`serve`] is the whole service over a [`NameTable`]. It knows no transport; MS-MSRP 2.1.1 names the pipe `msgsvc`.

mod request;
mod response;
mod service;

use super::Uuid;

pub use request::{Request, RequestError};
pub use response::{Level, Response};
pub use service::{AddError, DeleteError, NameTable, serve};

/// The interface.
pub const INTERFACE: Uuid =
    Uuid([0x17, 0xfd, 0xd7, 0x03, 0x18, 0x27, 0x4e, 0x34, 0x79, 0xd4, 0x24, 0xa5, 0x5c, 0x53, 0xbb, 0x37]);
/// Its version, 1.0.
pub const INTERFACE_VERSION: u32 = 1;
/// The most names that a table holds (MS-MSRP 3.1.1).
pub const NAMES_MAX: usize = 256;

/// The numbers of the calls.
pub mod operation {
    /// `NetrMessageNameAdd`.
    pub const ADD: u16 = 0;
    /// `NetrMessageNameEnum`.
    pub const ENUMERATE: u16 = 1;
    /// `NetrMessageNameGetInfo`.
    pub const GET_INFO: u16 = 2;
    /// `NetrMessageNameDel`.
    pub const DELETE: u16 = 3;
}

/// What calls end with (MS-MSRP 3.1.4.1 to 3.1.4.4): errors of Windows and of the LAN Manager network.
pub mod result {
    /// It is done.
    pub const SUCCESS: u32 = 0;
    /// The caller may not do that.
    pub const ACCESS_DENIED: u32 = 5;
    /// Nobody may do that here.
    pub const NOT_SUPPORTED: u32 = 50;
    /// An argument is wrong.
    pub const INVALID_PARAMETER: u32 = 87;
    /// That is no name.
    pub const INVALID_NAME: u32 = 123;
    /// No such structure is known.
    pub const INVALID_LEVEL: u32 = 124;
    /// There are more names than the caller has room for.
    pub const BUFFER_TOO_SMALL: u32 = 2123;
    /// The network did not answer as it should.
    pub const NETWORK_ERROR: u32 = 2136;
    /// Something went wrong.
    pub const INTERNAL_ERROR: u32 = 2140;
    /// The name is there already.
    pub const ALREADY_EXISTS: u32 = 2276;
    /// The table is full.
    pub const TOO_MANY_NAMES: u32 = 2277;
    /// The computer's own name stays.
    pub const COMPUTER_NAME: u32 = 2278;
    /// The name is in use now.
    pub const NAME_IN_USE: u32 = 2283;
    /// The name is not there.
    pub const NOT_LOCAL_NAME: u32 = 2285;
    /// Another computer has the name.
    pub const DUPLICATE_NAME: u32 = 2297;
    /// The name is gone from some networks only.
    pub const INCOMPLETE_DELETE: u32 = 2299;
}
