//! Waiting for a condition, and never for a time.

use std::time::{Duration, Instant};

/// How long anything may take before a test gives up. Long, because a busy machine is no failure.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until there is an answer; `what` completes the sentence "gave up waiting for …".
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    or_give_up(ask).unwrap_or_else(|| panic!("gave up waiting for {what}"))
}

/// The same; none where it has to be given up.
pub fn or_give_up<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() >= end {
            return None;
        }
        // Between two looks the processor belongs to who is waited for.
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
