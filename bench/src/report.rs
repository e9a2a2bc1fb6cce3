//! What a load came to.

use std::time::Duration;

use serde::Serialize;

/// One line of result.
#[derive(Debug, Serialize)]
#[serde(tag = "load", rename_all = "kebab-case")]
pub(crate) enum Report {
    /// Of people who talk.
    Chat(ChatReport),
    /// Of people who say nothing.
    Idle(IdleReport),
}

/// Of people who talk.
#[derive(Debug, Serialize)]
pub(crate) struct ChatReport {
    /// Messages delivered in the measured time.
    pub(crate) messages: u64,
    /// The measured time in seconds.
    pub(crate) seconds: f64,
    /// Messages each second.
    pub(crate) per_second: f64,
    /// Microseconds of the server's processor for each message.
    pub(crate) server_microseconds: f64,
    /// Sent to received, in milliseconds: half are faster.
    pub(crate) median_milliseconds: f64,
    /// Sent to received, in milliseconds: 99 of 100 are faster.
    pub(crate) p99_milliseconds: f64,
}

/// Of people who say nothing.
#[derive(Debug, Serialize)]
pub(crate) struct IdleReport {
    /// How many people signed in.
    pub(crate) sessions: usize,
    /// Bytes of the server's resident memory for each.
    pub(crate) bytes_per_session: f64,
    /// The server's resident memory before, in bytes.
    pub(crate) bytes_before: u64,
    /// Microseconds of the server's processor for each sign-in.
    pub(crate) sign_in_microseconds: f64,
}

/// Times, to be asked for percentiles.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<u32>);

impl Times {
    /// Adds one, to the microsecond.
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
    }

    /// Adds all of another.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// The time that this share of all does not exceed, in milliseconds.
    pub(crate) fn percentile(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let index = (self.0.len() as f64 * share) as usize;
        self.0.get(index.min(self.0.len().saturating_sub(1))).map_or(0.0, |time| f64::from(*time) / 1_000.0)
    }
}
