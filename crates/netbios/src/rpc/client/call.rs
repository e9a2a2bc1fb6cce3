//! One call, from its arguments to its last packet.

use crate::rpc::Uuid;
use crate::rpc::pdu::{Header, Kind, flag};

/// How far the peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Not all of the arguments are known to have arrived.
    Sending,
    /// It said that it is at work.
    Working,
}

/// A call that was not answered yet.
#[derive(Debug)]
pub(super) struct Call {
    header: Header,
    stub: Vec<u8>,
    fragment_bytes: usize,
    /// The fragments before this one have arrived.
    next: u16,
    pub(super) progress: Progress,
}

impl Call {
    pub(super) fn new(header: Header, stub: Vec<u8>, fragment_bytes: usize) -> Self {
        // Fragments begin at multiples of eight (C706 12.5.2.14); one always makes progress.
        let fragment_bytes = (fragment_bytes / 8 * 8).clamp(8, 8192);
        Self { header, stub, fragment_bytes, next: 0, progress: Progress::Sending }
    }

    /// What to send at first, and again when nothing came: the arguments, or a question whether the peer still works.
    pub(super) fn packets(&self) -> Vec<Vec<u8>> {
        if self.progress == Progress::Working {
            return vec![Header { kind: Kind::Ping, flags: 0, ..self.header }.encode(&[])];
        }
        let fragments = self.stub.chunks(self.fragment_bytes);
        let last = fragments.len().saturating_sub(1);
        if last == 0 {
            return vec![self.header.encode(&self.stub)];
        }
        let numbered = fragments.enumerate().skip(usize::from(self.next).min(last));
        let encode = |(number, body): (usize, &[u8])| {
            let last = if number == last { flag::LAST_FRAGMENT } else { 0 };
            let fragment = u16::try_from(number).unwrap_or(u16::MAX);
            let flags = self.header.flags | flag::FRAGMENT | last;
            Header { flags, fragment, ..self.header }.encode(body)
        };
        numbered.map(encode).collect()
    }

    /// The acknowledgement of the results.
    pub(super) fn acknowledgement(&self) -> Vec<u8> {
        Header { kind: Kind::Ack, flags: 0, ..self.header }.encode(&[])
    }

    /// All fragments up to this one have arrived.
    pub(super) fn acknowledged(&mut self, fragment: u16) {
        self.next = self.next.max(fragment.wrapping_add(1));
    }

    /// When the server started: a server that was started anew does not take the call for a new one.
    pub(super) fn learn_boot(&mut self, boot: u32) {
        if self.header.server_boot == 0 {
            self.header.server_boot = boot;
        }
    }

    /// The peer knows nothing of the call: all of it is sent again.
    pub(super) fn begin_again(&mut self) {
        self.next = 0;
    }

    pub(super) fn activity(&self) -> Uuid {
        self.header.activity
    }

    pub(super) fn sequence(&self) -> u32 {
        self.header.sequence
    }

    pub(super) fn is_idempotent(&self) -> bool {
        self.header.has(flag::IDEMPOTENT)
    }
}
