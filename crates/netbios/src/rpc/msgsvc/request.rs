//! The arguments of the calls.

use thiserror::Error;

use super::operation;
use crate::rpc::ndr::{ByteOrder, NdrError, Reader, Writer};

/// The longest name of a server that is read. It is ignored, whatever it says.
const SERVER_UNITS_MAX: usize = 1024;
/// The longest name that is read; which are too long is judged later.
pub(super) const NAME_UNITS_MAX: usize = 255;
/// The most elements of an array that callers send along without need.
const ENTRIES_MAX: usize = 1024;

/// A call. All begin with the name of a server, which is ignored (MS-MSRP 3.1.4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Takes messages under a name.
    Add {
        /// The name.
        name: String,
    },
    /// Lists the names.
    Enumerate {
        /// Which structure is wanted. Of a level that does not exist nothing more is read.
        level: u32,
        /// How many bytes of structures are wanted at most.
        bytes_max: u32,
        /// With which name to begin, if the caller wants to know where to go on.
        resume: Option<u32>,
    },
    /// Looks a name up.
    GetInfo {
        /// The name.
        name: String,
        /// Which structure is wanted.
        level: u32,
    },
    /// Takes no messages under a name any more.
    Delete {
        /// The name.
        name: String,
    },
}

/// Why a call is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The interface has no such operation.
    #[error("expected one of the operations 0 to 3, got {0}")]
    Operation(u16),
    /// The arguments cannot be read.
    #[error(transparent)]
    Arguments(#[from] NdrError),
}

impl Request {
    /// Reads the arguments of an operation.
    pub fn decode(operation: u16, stub: &[u8], order: ByteOrder) -> Result<Self, RequestError> {
        if operation > operation::DELETE {
            return Err(RequestError::Operation(operation));
        }
        let mut reader = Reader::new(stub, order);
        if reader.pointer()? {
            reader.wide_string(SERVER_UNITS_MAX)?;
        }
        if operation == operation::ENUMERATE {
            return Ok(decode_enumerate(&mut reader)?);
        }
        let name = reader.wide_string(NAME_UNITS_MAX)?;
        Ok(match operation {
            operation::ADD => Self::Add { name },
            operation::GET_INFO => Self::GetInfo { name, level: reader.u32()? },
            _ => Self::Delete { name },
        })
    }

    /// The number of the operation.
    pub fn operation(&self) -> u16 {
        match self {
            Self::Add { .. } => operation::ADD,
            Self::Enumerate { .. } => operation::ENUMERATE,
            Self::GetInfo { .. } => operation::GET_INFO,
            Self::Delete { .. } => operation::DELETE,
        }
    }

    /// Writes the arguments.
    pub fn encode(&self, server: Option<&str>, order: ByteOrder) -> Vec<u8> {
        let mut writer = Writer::new(order);
        writer.pointer(server.is_some());
        if let Some(server) = server {
            writer.wide_string(server);
        }
        match self {
            Self::Add { name } | Self::Delete { name } => writer.wide_string(name),
            Self::GetInfo { name, level } => {
                writer.wide_string(name);
                writer.u32(*level);
            }
            Self::Enumerate { level, bytes_max, resume } => {
                writer.u32(*level);
                writer.u32(*level);
                if matches!(level, 0 | 1) {
                    writer.pointer(true);
                    writer.u32(0);
                    writer.pointer(false);
                }
                writer.u32(*bytes_max);
                writer.pointer(resume.is_some());
                if let Some(resume) = resume {
                    writer.u32(*resume);
                }
            }
        }
        writer.finish()
    }
}

fn decode_enumerate(reader: &mut Reader<'_>) -> Result<Request, NdrError> {
    let (level, tag) = (reader.u32()?, reader.u32()?);
    if level != tag {
        return Err(NdrError::Union { expected: level, got: tag });
    }
    if level > 1 {
        // What follows depends on the level, and nobody knows how.
        return Ok(Request::Enumerate { level, bytes_max: 0, resume: None });
    }
    if reader.pointer()? {
        reader.u32()?;
        if reader.pointer()? {
            skip_entries(reader, level)?;
        }
    }
    let bytes_max = reader.u32()?;
    let resume = if reader.pointer()? { Some(reader.u32()?) } else { None };
    Ok(Request::Enumerate { level, bytes_max, resume })
}

/// The structure goes both ways, so that a caller may send names, which mean nothing.
fn skip_entries(reader: &mut Reader<'_>, level: u32) -> Result<(), NdrError> {
    let count = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    if count > ENTRIES_MAX {
        return Err(NdrError::TooLong { limit: ENTRIES_MAX, got: count });
    }
    let mut strings = 0;
    for _ in 0..count {
        strings += usize::from(reader.pointer()?);
        if level == 1 {
            reader.u32()?;
            strings += usize::from(reader.pointer()?);
        }
    }
    for _ in 0..strings {
        reader.wide_string(NAME_UNITS_MAX)?;
    }
    Ok(())
}
