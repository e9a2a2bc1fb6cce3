//! What came a moment ago: senders say the same over each of their transports.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::mailslot::Message;

/// Remembers messages for a short while, so that what comes twice is shown once.
///
/// It is meant for datagrams alone: nobody confirms those, and nobody is told that theirs was dropped.
#[derive(Debug)]
pub struct Recent {
    window: Duration,
    count_max: usize,
    /// The oldest first.
    messages: VecDeque<(Instant, Message)>,
}

impl Recent {
    /// Remembers each message for `window`, and no more than `count_max` of them.
    pub fn new(window: Duration, count_max: usize) -> Self {
        Self { window, count_max, messages: VecDeque::new() }
    }

    /// Whether the same was said by the same sender to the same recipient a moment ago, at most the window before
    /// `now`. If not, it is remembered.
    pub fn is_repeat(&mut self, message: &Message, now: Instant) -> bool {
        while self.messages.front().is_some_and(|(since, _)| now.duration_since(*since) >= self.window) {
            self.messages.pop_front();
        }
        if self.messages.iter().any(|(_, other)| other == message) {
            return true;
        }
        if self.messages.len() >= self.count_max {
            self.messages.pop_front();
        }
        self.messages.push_back((now, message.clone()));
        false
    }
}

impl Default for Recent {
    /// Five seconds and 256 messages.
    fn default() -> Self {
        Self::new(Duration::from_secs(5), 256)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Message { from: "ALICE".into(), to: "OFFICE".into(), text: text.into() }
    }

    #[test]
    fn the_same_is_a_repeat_until_the_window_has_passed() {
        let start = Instant::now();
        let mut recent = Recent::default();
        assert!(!recent.is_repeat(&message("lunch"), start));
        assert!(!recent.is_repeat(&message("dinner"), start));
        let other = Message { from: "BOB".into(), ..message("lunch") };
        assert!(!recent.is_repeat(&other, start));
        let later = start + Duration::from_millis(4999);
        assert!(recent.is_repeat(&message("lunch"), later));
        assert!(!recent.is_repeat(&message("lunch"), start + Duration::from_secs(5)));
    }

    #[test]
    fn only_so_many_are_remembered() {
        let now = Instant::now();
        let mut recent = Recent::new(Duration::from_secs(5), 2);
        for text in ["a", "b", "c"] {
            assert!(!recent.is_repeat(&message(text), now));
        }
        assert!(recent.is_repeat(&message("c"), now) && recent.is_repeat(&message("b"), now));
        assert!(!recent.is_repeat(&message("a"), now));
    }
}
