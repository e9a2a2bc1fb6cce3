//! What is sent, and how.

use std::time::Duration;

use crate::code_page::CodePage;
use crate::session::Framing;

/// A message to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Whom to call on port 139: the recipient's name, or `*SMBSERVER` for whoever listens there. At most 15 bytes
    /// in the code page, as are the other names.
    pub called: String,
    /// Who sends.
    pub from: String,
    /// Who shall read.
    pub to: String,
    /// What.
    pub text: String,
}

/// How a message is cut into server message blocks (MS-MSRP 3.2.4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// One block where the text fits into it, as Windows does. `smbd` hangs up on that.
    SingleBlock,
    /// Always a start, blocks and an end, as `smbclient` does.
    MultiBlock,
}

/// How a message is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderOptions {
    /// How the connection is framed.
    pub framing: Framing,
    /// The code page that the recipient reads.
    pub code_page: CodePage,
    /// How the message is cut.
    pub strategy: Strategy,
    /// How long the peer may take for each response.
    pub response_timeout: Duration,
    /// Longest text, in bytes of the code page.
    pub text_bytes_max: usize,
}

impl Default for SenderOptions {
    /// Port 139, code page 850, one block where possible, 30 s for each response, and 4,095 bytes of text, as much
    /// as Windows shows.
    fn default() -> Self {
        Self {
            framing: Framing::NetbiosSession,
            code_page: CodePage::DEFAULT,
            strategy: Strategy::SingleBlock,
            response_timeout: Duration::from_secs(30),
            text_bytes_max: 4095,
        }
    }
}
