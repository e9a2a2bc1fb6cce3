//! Listening, dialling, who is let in at all, and how many at once. Every door comes through here.

mod accept;
mod dial;
mod gate;
mod listener;
mod per_minute;
mod segment;
mod sources;

pub use accept::serve;
pub use dial::DialError;
pub(crate) use dial::share;
pub use gate::{Admitted, Gate, GateLimits, GateStatus, Refusal};
pub use listener::Listener;
pub(crate) use per_minute::PerMinute;
pub(crate) use segment::open as open_segments;
pub use segment::{Arrived, OpenPorts, Segment, SegmentPort};
pub use sources::{Cause, RefusedSource};
