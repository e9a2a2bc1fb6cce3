/// What one client of the event stream may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventLimits {
    /// Bytes of one message of the WebSocket.
    pub message_bytes_max: usize,
    /// How many messages it may send in a second in the long run; 0 is no limit.
    pub messages_per_second_max: u32,
}

impl Default for EventLimits {
    /// 256 KiB, at any pace.
    fn default() -> Self {
        Self { message_bytes_max: 256 * 1_024, messages_per_second_max: 0 }
    }
}
