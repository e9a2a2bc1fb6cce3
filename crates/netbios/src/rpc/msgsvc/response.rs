//! The results of the calls.

use super::request::NAME_UNITS_MAX;
use super::{NAMES_MAX, operation};
use crate::rpc::ndr::{ByteOrder, NdrError, Reader, Writer};

/// Which structure carries a name: `MSG_INFO_0`, or `MSG_INFO_1` with fields of forwarding, which is no more
/// (MS-MSRP 2.2.2.1, 2.2.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// The name alone.
    Zero,
    /// The name, a flag that is zero and a name that is nowhere.
    One,
}

/// What a call ends with; `result` is one of [`result`](super::result).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// A name was added or deleted, or was not.
    Done {
        /// How it went.
        result: u32,
    },
    /// Names were listed.
    Names {
        /// Which structures the names are in, or the number that is none.
        level: Result<Level, u32>,
        /// The names.
        names: Vec<String>,
        /// With which name to go on, if the caller asked.
        resume: Option<u32>,
        /// How it went.
        result: u32,
    },
    /// A name was looked up.
    Info {
        /// Which structure the name is in, or the number that is none.
        level: Result<Level, u32>,
        /// The name, unless there is none.
        name: Option<String>,
        /// How it went.
        result: u32,
    },
}

impl Level {
    /// The level of that number, or the number itself.
    pub fn new(number: u32) -> Result<Self, u32> {
        match number {
            0 => Ok(Self::Zero),
            1 => Ok(Self::One),
            _ => Err(number),
        }
    }

    fn number(level: Result<Self, u32>) -> u32 {
        match level {
            Ok(Self::Zero) => 0,
            Ok(Self::One) => 1,
            Err(number) => number,
        }
    }

    /// The fixed part of a structure.
    fn write(self, writer: &mut Writer) {
        writer.pointer(true);
        if self == Self::One {
            writer.u32(0);
            writer.pointer(false);
        }
    }

    /// The fixed part of a structure: whether each of its strings is there.
    fn read(self, reader: &mut Reader<'_>) -> Result<[bool; 2], NdrError> {
        let name = reader.pointer()?;
        if self == Self::Zero {
            return Ok([name, false]);
        }
        reader.u32()?;
        Ok([name, reader.pointer()?])
    }
}

impl Response {
    /// Writes the results.
    pub fn encode(&self, order: ByteOrder) -> Vec<u8> {
        let mut writer = Writer::new(order);
        let result = match self {
            Self::Done { result } => *result,
            Self::Names { level, names, resume, result } => {
                // TotalEntries is how many are here, not how many there would be (MS-MSRP 3.1.4.2, 3.1.4.8).
                let total = u32::try_from(names.len()).unwrap_or(u32::MAX);
                writer.u32(Level::number(*level));
                writer.u32(Level::number(*level));
                if let Ok(level) = level {
                    writer.pointer(true);
                    writer.u32(total);
                    writer.pointer(true);
                    writer.u32(total);
                    names.iter().for_each(|_| level.write(&mut writer));
                    names.iter().for_each(|name| writer.wide_string(name));
                }
                writer.u32(total);
                writer.pointer(resume.is_some());
                if let Some(resume) = resume {
                    writer.u32(*resume);
                }
                *result
            }
            Self::Info { level, name, result } => {
                writer.u32(Level::number(*level));
                if let Ok(level) = level {
                    writer.pointer(name.is_some());
                    if let Some(name) = name {
                        level.write(&mut writer);
                        writer.wide_string(name);
                    }
                }
                *result
            }
        };
        writer.u32(result);
        writer.finish()
    }

    /// Reads the results of an operation.
    pub fn decode(operation: u16, stub: &[u8], order: ByteOrder) -> Result<Self, NdrError> {
        let mut reader = Reader::new(stub, order);
        match operation {
            operation::ENUMERATE => decode_names(&mut reader),
            operation::GET_INFO => decode_info(&mut reader),
            _ => Ok(Self::Done { result: reader.u32()? }),
        }
    }
}

fn decode_names(reader: &mut Reader<'_>) -> Result<Response, NdrError> {
    let (level, tag) = (reader.u32()?, reader.u32()?);
    if level != tag {
        return Err(NdrError::Union { expected: level, got: tag });
    }
    let level = Level::new(level);
    let mut names = Vec::new();
    if let Ok(level) = level
        && reader.pointer()?
    {
        reader.u32()?;
        if reader.pointer()? {
            let count = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
            if count > NAMES_MAX {
                return Err(NdrError::TooLong { limit: NAMES_MAX, got: count });
            }
            let entries: Vec<[bool; 2]> = (0..count).map(|_| level.read(reader)).collect::<Result<_, _>>()?;
            for entry in entries {
                names.extend(read_strings(reader, entry)?);
            }
        }
    }
    reader.u32()?;
    let resume = if reader.pointer()? { Some(reader.u32()?) } else { None };
    Ok(Response::Names { level, names, resume, result: reader.u32()? })
}

fn decode_info(reader: &mut Reader<'_>) -> Result<Response, NdrError> {
    let level = Level::new(reader.u32()?);
    let mut name = None;
    if let Ok(level) = level
        && reader.pointer()?
    {
        let entry = level.read(reader)?;
        name = read_strings(reader, entry)?;
    }
    Ok(Response::Info { level, name, result: reader.u32()? })
}

/// The name of a structure; the other string, to whom messages would be forwarded, is ignored.
fn read_strings(reader: &mut Reader<'_>, [name, forward]: [bool; 2]) -> Result<Option<String>, NdrError> {
    let name = if name { Some(reader.wide_string(NAME_UNITS_MAX)?) } else { None };
    if forward {
        reader.wide_string(NAME_UNITS_MAX)?;
    }
    Ok(name)
}
