/// Why a session was closed from inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// Another connection signed in under the same name.
    Replaced,
    /// The client did not take what was sent to it.
    Overflow,
    /// The account was disabled or removed, or its password was changed.
    NotAuthorized,
    /// The service stops.
    Shutdown,
    /// The client resumed the session by another connection.
    Resumed,
    /// The session ended.
    Ended,
}
