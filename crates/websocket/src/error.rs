use thiserror::Error;

/// Why a client can be read no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WebSocketError {
    /// A frame breaks the rules.
    #[error("a frame breaks the rules: {0}")]
    Protocol(&'static str),
    /// A message is not text.
    #[error("messages are text, not binary")]
    NotText,
    /// A text is not UTF-8.
    #[error("a text message is not UTF-8")]
    NotUtf8,
    /// A message is larger than allowed.
    #[error("a message has at most {bytes_max} bytes")]
    TooLarge {
        /// How many bytes are allowed.
        bytes_max: usize,
    },
}

impl WebSocketError {
    /// The code that the connection is closed with (RFC 6455 §7.4.1).
    pub fn close_code(self) -> u16 {
        match self {
            Self::Protocol(_) => 1002,
            Self::NotText => 1003,
            Self::NotUtf8 => 1007,
            Self::TooLarge { .. } => 1009,
        }
    }
}
