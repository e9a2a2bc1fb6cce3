//! How much a server lets its callers do.

use std::time::Duration;

/// Bounds of a [`Server`](super::Server).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Callers that are remembered at a time.
    pub activities_max: usize,
    /// Callers at one address, whatever their ports.
    pub activities_per_address_max: usize,
    /// Callers that have not proved their address, whatever they say it is. Each is asked to prove it at once, so that
    /// a place is needed for no longer than a packet takes there and back.
    pub unproved_max: usize,
    /// How long a caller is remembered from whom nothing new came.
    pub activity_timeout: Duration,
    /// How long a caller has to prove its address. It may lose packets, and wait before it sends them again.
    pub unproved_timeout: Duration,
    /// Fragments of one call.
    pub fragments_max: u16,
    /// Bytes of arguments of one call.
    pub stub_bytes_max: usize,
    /// Bytes of a text.
    pub text_bytes_max: usize,
    /// Characters of a text.
    pub text_chars_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            activities_max: 256,
            activities_per_address_max: 16,
            unproved_max: 64,
            activity_timeout: Duration::from_secs(60),
            unproved_timeout: Duration::from_secs(10),
            fragments_max: 32,
            stub_bytes_max: 8192,
            text_bytes_max: 7600,
            text_chars_max: 4095,
        }
    }
}
