//! What a connection may take and how long.

use std::time::Duration;

/// Limits of one inbound connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest packet, in bytes without its session header. Default 4,352: 4 KiB and some for headers and names.
    pub packet_bytes_max: usize,
    /// Longest text of a message, in bytes as they come. Default 8,192.
    pub text_bytes_max: usize,
    /// Longest text of a message, in characters after decoding. Default 4,095, as much as Windows shows.
    pub text_chars_max: usize,
    /// How many packets may be answered with an error, and messages given up for others, without a whole message in
    /// between, before the connection is closed. Default 16.
    pub rejected_packets_max: usize,
    /// How long a caller on port 139 may take to say whom it calls. Default 10 s.
    pub session_request_timeout: Duration,
    /// How long a connection may last without a message packet; keep-alives do not count. Default 30 s.
    pub idle_timeout: Duration,
    /// How long the blocks of one message may take. Default 30 s.
    pub message_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            packet_bytes_max: 4096 + 256,
            text_bytes_max: 8192,
            text_chars_max: 4095,
            rejected_packets_max: 16,
            session_request_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            message_timeout: Duration::from_secs(30),
        }
    }
}
