//! How much one peer may send.

/// Limits of a stream. They are enforced while bytes arrive: what passes one is refused at that byte, and
/// nothing beyond it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one stanza as they are on the wire, and of the stream header (RFC 6120 §13.12: at least 10,000).
    pub stanza_bytes_max: usize,
    /// How deep elements nest in a stanza; the stanza itself counts as one.
    pub depth_max: usize,
    /// Attributes of one element, namespace declarations included.
    pub attributes_max: usize,
    /// Elements in one stanza, the stanza itself included.
    pub elements_max: usize,
}

impl Limits {
    /// For a peer who has not proven who it is: 10 KiB a stanza.
    pub const BEFORE_SIGN_IN: Self = Self { stanza_bytes_max: 10 * 1024, ..Self::AFTER_SIGN_IN };

    /// For a peer who has signed in: 256 KiB a stanza.
    pub const AFTER_SIGN_IN: Self =
        Self { stanza_bytes_max: 256 * 1024, depth_max: 64, attributes_max: 64, elements_max: 10_000 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::AFTER_SIGN_IN
    }
}
