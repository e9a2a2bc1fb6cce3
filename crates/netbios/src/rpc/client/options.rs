//! How a message is delivered by a call.

use std::time::Duration;

use crate::code_page::CodePage;
use crate::rpc::endpoint;

/// By which port messages are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Port {
    /// The mapper at this port knows.
    MappedBy(u16),
    /// It is known.
    Known(u16),
}

/// How a message is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientOptions {
    /// By which port messages are reached.
    pub port: Port,
    /// The code page that the recipient reads.
    pub code_page: CodePage,
    /// After how long a packet is sent again; it takes twice as long each time after that.
    pub first_wait: Duration,
    /// The longest time after which a packet is sent again.
    pub longest_wait: Duration,
    /// How long everything may take together.
    pub timeout: Duration,
    /// Longest text, in bytes of the code page.
    pub text_bytes_max: usize,
    /// The most bytes of arguments in a packet, a multiple of 8; all packets but the last have that many.
    pub fragment_bytes_max: usize,
}

impl Default for ClientOptions {
    /// The mapper at port 135, code page 850, 1 s to 8 s between packets, 30 s together, and 4,095 bytes of text in
    /// packets of 1,104 bytes: every server takes 1,464 with the headers of IP and UDP (C706 12.5.1).
    fn default() -> Self {
        Self {
            port: Port::MappedBy(endpoint::PORT),
            code_page: CodePage::DEFAULT,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(8),
            timeout: Duration::from_secs(30),
            text_bytes_max: 4095,
            fragment_bytes_max: 1024,
        }
    }
}
