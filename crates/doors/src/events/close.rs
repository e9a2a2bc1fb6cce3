//! How the service ends a connection: a code (RFC 6455 §7.4) and a reason in words.

use hub::CloseReason;

/// A code and a reason.
pub(super) type Close = (u16, &'static str);

/// Another connection has opened a stream of the same name.
const REPLACED: Close = (4001, "another connection has taken this name");

/// Another connection has resumed the stream.
const RESUMED: Close = (4002, "another connection has resumed this stream");

/// The client has not taken, or not acknowledged, what was sent to it.
const OVERFLOW: Close = (4003, "too much is sent and not acknowledged");

/// The account or the token is no longer good, or the session was signed out.
const NOT_AUTHORIZED: Close = (4004, "signed out");

/// The client has acknowledged what was never sent.
pub(super) const NEVER_SENT: Close = (4005, "this was never sent");

/// The service stops; it may be back soon.
const SHUTDOWN: Close = (1012, "the service stops");

/// What is said where the client said goodbye.
pub(super) const GOODBYE: Close = (1000, "");

/// The client does not answer.
pub(super) const SILENT: Close = (1001, "no answer for long");

/// What a closed session's client is told.
pub(super) fn of(reason: CloseReason) -> Close {
    match reason {
        CloseReason::Replaced => REPLACED,
        CloseReason::Resumed => RESUMED,
        CloseReason::Overflow => OVERFLOW,
        CloseReason::NotAuthorized => NOT_AUTHORIZED,
        CloseReason::Shutdown | CloseReason::Ended => SHUTDOWN,
    }
}
