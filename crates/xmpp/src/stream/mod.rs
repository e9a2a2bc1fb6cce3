//! XML streams (RFC 6120 §4): bytes in, complete stanzas out.

mod error;
mod header;
mod limits;
mod reader;

pub use error::{StreamCondition, StreamError};
pub use header::{FOOTER, ResponseHeader, StreamHeader};
pub use limits::Limits;
pub use reader::{StreamEvent, StreamReader};
