//! What the calls do to a table of names.

use super::response::Level;
use super::{NAMES_MAX, Request, RequestError, Response, result};
use crate::code_page::CodePage;
use crate::name::{Name, NameError, Suffix, TEXT_BYTES_MAX};
use crate::rpc::ndr::ByteOrder;
use crate::rpc::pdu::status;

/// As many bytes as there are.
const ALL_BYTES: u32 = u32::MAX;
/// The most bytes of structures of level 0 that a caller may ask for (MS-MSRP 3.1.4.8).
const LEVEL_0_BYTES_MAX: u32 = 11_776;

/// The names under which messages are taken. All have the suffix [`Suffix::MESSENGER`].
pub trait NameTable {
    /// The names, always in the same order.
    fn names(&self) -> Vec<Name>;
    /// Takes messages under a name that is not in the table yet.
    fn add(&mut self, name: Name) -> Result<(), AddError>;
    /// Takes no messages under a name of the table any more.
    fn delete(&mut self, name: Name) -> Result<(), DeleteError>;
}

/// Why a name was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddError {
    /// Names are not added by calls here.
    NotSupported,
    /// The table is full.
    TooManyNames,
    /// Another computer has the name.
    Duplicate,
    /// The network did not answer as it should.
    Network,
    /// Something went wrong.
    Internal,
}

/// Why a name was not deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeleteError {
    /// Names are not deleted by calls here.
    NotSupported,
    /// It is the name of the computer.
    ComputerName,
    /// It is in use now.
    InUse,
    /// It is gone from some networks only.
    Incomplete,
}

/// Serves a call of a caller that may manage names or may not: what to respond, or the status of a fault.
pub fn serve(
    operation: u16,
    stub: &[u8],
    order: ByteOrder,
    is_allowed: bool,
    code_page: CodePage,
    table: &mut impl NameTable,
) -> Result<Vec<u8>, u32> {
    let request = Request::decode(operation, stub, order).map_err(|error| match error {
        RequestError::Operation(_) => status::OPERATION_RANGE,
        RequestError::Arguments(_) => status::BAD_STUB,
    })?;
    Ok(respond(&request, is_allowed, code_page, table).encode(order))
}

fn respond(request: &Request, is_allowed: bool, code_page: CodePage, table: &mut impl NameTable) -> Response {
    match request {
        Request::Add { name } => Response::Done {
            result: if is_allowed { add(name, code_page, table) } else { result::ACCESS_DENIED },
        },
        Request::Delete { name } => Response::Done {
            result: if is_allowed { delete(name, code_page, table) } else { result::ACCESS_DENIED },
        },
        Request::GetInfo { name, level } => {
            let level = Level::new(*level);
            let found = if is_allowed { look_up(name, code_page, table) } else { Err(result::ACCESS_DENIED) };
            let (name, result) = match (found, level) {
                (Err(result), _) => (None, result),
                (Ok(_), Err(_)) => (None, result::INVALID_LEVEL),
                (Ok(name), Ok(_)) => (Some(name.text(code_page)), result::SUCCESS),
            };
            Response::Info { level, name, result }
        }
        Request::Enumerate { level, bytes_max, resume } => {
            let level = Level::new(*level);
            let listed = if is_allowed {
                let names: Vec<String> = table.names().iter().map(|name| name.text(code_page)).collect();
                enumerate(level, *bytes_max, resume.unwrap_or(0), names)
            } else {
                Listed { result: result::ACCESS_DENIED, ..Listed::default() }
            };
            let resume = resume.map(|_| listed.resume);
            Response::Names { level, names: listed.names, resume, result: listed.result }
        }
    }
}

/// MS-MSRP 3.1.4.6.
fn add(text: &str, code_page: CodePage, table: &mut impl NameTable) -> u32 {
    let name = match Name::new(text, Suffix::MESSENGER, code_page) {
        Ok(name) if !is_reserved(&name) => name,
        // Windows XP and later do not cut a name that is added.
        Err(NameError::TooLong(_)) => return result::INVALID_PARAMETER,
        _ => return result::INVALID_NAME,
    };
    let names = table.names();
    if names.contains(&name) {
        return result::ALREADY_EXISTS;
    }
    if names.len() >= NAMES_MAX {
        return result::TOO_MANY_NAMES;
    }
    match table.add(name) {
        Ok(()) => result::SUCCESS,
        Err(AddError::NotSupported) => result::NOT_SUPPORTED,
        Err(AddError::TooManyNames) => result::TOO_MANY_NAMES,
        Err(AddError::Duplicate) => result::DUPLICATE_NAME,
        Err(AddError::Network) => result::NETWORK_ERROR,
        Err(AddError::Internal) => result::INTERNAL_ERROR,
    }
}

/// MS-MSRP 3.1.4.12.
fn delete(text: &str, code_page: CodePage, table: &mut impl NameTable) -> u32 {
    let name = match look_up(text, code_page, table) {
        Ok(name) => name,
        Err(result) => return result,
    };
    match table.delete(name) {
        Ok(()) => result::SUCCESS,
        Err(DeleteError::NotSupported) => result::NOT_SUPPORTED,
        Err(DeleteError::ComputerName) => result::COMPUTER_NAME,
        Err(DeleteError::InUse) => result::NAME_IN_USE,
        Err(DeleteError::Incomplete) => result::INCOMPLETE_DELETE,
    }
}

/// A name of the table. What is longer than a name is cut (MS-MSRP 3.1.4.10, 3.1.4.12), before the character that does
/// not fit: some have two bytes.
fn look_up(text: &str, code_page: CodePage, table: &impl NameTable) -> Result<Name, u32> {
    let mut text: String = text.chars().take(TEXT_BYTES_MAX).collect();
    let mut name = Name::new(&text, Suffix::MESSENGER, code_page);
    while matches!(name, Err(NameError::TooLong(_))) && text.pop().is_some() {
        name = Name::new(&text, Suffix::MESSENGER, code_page);
    }
    let name = name.map_err(|_| result::INVALID_NAME)?;
    if table.names().contains(&name) { Ok(name) } else { Err(result::NOT_LOCAL_NAME) }
}

/// No name begins with an asterisk (RFC 1001 5.2).
fn is_reserved(name: &Name) -> bool {
    name.as_bytes()[0] == b'*'
}

#[derive(Debug, Default)]
struct Listed {
    names: Vec<String>,
    resume: u32,
    result: u32,
}

/// MS-MSRP 3.1.4.8.
fn enumerate(level: Result<Level, u32>, bytes_max: u32, resume: u32, names: Vec<String>) -> Listed {
    let Ok(level) = level else {
        return Listed { result: result::INVALID_LEVEL, ..Listed::default() };
    };
    if level == Level::Zero && bytes_max > LEVEL_0_BYTES_MAX && bytes_max != ALL_BYTES {
        return Listed { result: result::INVALID_PARAMETER, ..Listed::default() };
    }
    let fixed_bytes = if level == Level::Zero { 4 } else { 12 };
    let mut room = usize::try_from(bytes_max).unwrap_or(usize::MAX);
    let mut listed = Listed::default();
    for (name, index) in names.into_iter().zip(0u32..).skip_while(|(_, index)| *index < resume) {
        let bytes = fixed_bytes + (name.encode_utf16().count() + 1) * 2;
        if bytes_max != ALL_BYTES && bytes > room {
            return Listed { resume: index, result: result::BUFFER_TOO_SMALL, ..listed };
        }
        room = room.saturating_sub(bytes);
        listed.names.push(name);
    }
    listed
}
