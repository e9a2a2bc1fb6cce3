use hub::Counter;

/// The classes of answers that are counted, by the first digit of their status.
pub(super) const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// How many answers of each class were given.
#[derive(Debug, Default)]
pub(super) struct Traffic([Counter; CLASSES.len()]);

impl Traffic {
    /// One more answer with this status.
    pub(super) fn count(&self, status: u16) {
        if let Some(counter) = self.0.get(usize::from(status / 100).wrapping_sub(1)) {
            counter.count();
        }
    }

    /// How many of each.
    pub(super) fn answers(&self) -> [u64; CLASSES.len()] {
        self.0.each_ref().map(Counter::value)
    }
}
