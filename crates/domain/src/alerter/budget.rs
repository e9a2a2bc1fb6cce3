use jiff::{SignedDuration, Timestamp};

/// How often something may be done: so many times within an hour, and as many at once where none was for an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    max: u32,
    /// What is left, and since when it has been growing.
    left: u32,
    since: Option<Timestamp>,
}

impl Budget {
    /// A budget of which nothing was used. At least one time an hour is allowed.
    pub fn per_hour(max: u32) -> Self {
        let max = max.max(1);
        Self { max, left: max, since: None }
    }

    /// How many times are left now.
    pub fn left(&self, now: Timestamp) -> u32 {
        let Some(since) = self.since else { return self.left };
        let passed = now.duration_since(since).as_secs().max(0);
        let grown = u32::try_from(passed / self.interval().as_secs()).unwrap_or(u32::MAX);
        self.left.saturating_add(grown).min(self.max)
    }

    /// The clock was set back by this much.
    pub(super) fn shift(&mut self, back: SignedDuration) {
        self.since = self.since.and_then(|since| since.saturating_sub(back).ok());
    }

    /// How many times there are at most.
    pub fn max(&self) -> u32 {
        self.max
    }

    /// Uses one, where one is left.
    pub fn take(&mut self, now: Timestamp) -> bool {
        let left = self.left(now);
        if left == self.max {
            self.since = Some(now);
        } else if let Some(since) = self.since {
            // What has grown in part goes on growing.
            let whole = i64::from(left - self.left);
            let grown = SignedDuration::from_secs(whole * self.interval().as_secs());
            self.since = since.saturating_add(grown).ok();
        }
        self.left = left.saturating_sub(1);
        left > 0
    }

    /// When more than `count` are left; now or before where they are.
    pub fn next(&self, count: u32, now: Timestamp) -> Timestamp {
        let missing = count.saturating_add(1).saturating_sub(self.left);
        let Some(since) = self.since.filter(|_| self.left(now) <= count) else { return now };
        let wait = SignedDuration::from_secs(i64::from(missing) * self.interval().as_secs());
        since.saturating_add(wait).unwrap_or(now)
    }

    fn interval(&self) -> SignedDuration {
        SignedDuration::from_secs((3_600 / i64::from(self.max)).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_comes_back_one_after_the_other() {
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).unwrap();
        let mut budget = Budget::per_hour(4);
        assert_eq!(budget.next(0, at(0)), at(0));
        assert!((0..4).all(|_| budget.take(at(0))));
        assert!(!budget.take(at(899)), "one comes back in a quarter of an hour");
        assert_eq!((budget.left(at(899)), budget.next(0, at(899))), (0, at(900)));
        assert!(budget.take(at(1_000)) && !budget.take(at(1_000)));
        assert_eq!(budget.next(0, at(1_000)), at(1_800), "the part that had grown is not lost");
        assert_eq!(budget.next(1, at(1_000)), at(2_700));
        assert_eq!(budget.left(at(100_000)), 4, "and never more than there were");
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_and_panics_not() {
        let mut budget = Budget::per_hour(0);
        assert!(budget.take(Timestamp::MAX));
        assert!(!budget.take(Timestamp::MIN));
        assert_eq!(budget.max(), 1);
    }
}
