use domain::{AlertId, alerter::Notice};
use jiff::{SignedDuration, Timestamp};
use store::StoreError;

use crate::HubError;

/// How many notices wait for a store that takes nothing. The oldest are forgotten.
const WAITING_MAX: usize = 50;
/// When it is tried again to tell what could not be told.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// What could not be told because the store took nothing, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    notices: Vec<Untold>,
    /// What is being told.
    under_way: Vec<Notice>,
    again_at: Option<Timestamp>,
}

/// Something that people were not told yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Untold {
    pub(super) notice: Notice,
    /// What is in the key of its alert alone, so that it is told once, however often that is tried.
    pub(super) unique: AlertId,
}

/// Something to be told now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) untold: Untold,
    /// Whether it is tried for the first time.
    pub(super) is_new: bool,
}

impl Waiting {
    /// When it is tried again.
    pub(super) fn again_at(&self) -> Option<Timestamp> {
        self.again_at
    }

    /// What is to be told now, in the order in which it came: with what is new also what waits, and that alone only
    /// when it is time. What something newer tells of is not told any more.
    pub(super) fn take(&mut self, new: Vec<Untold>, now: Timestamp) -> Vec<Due> {
        if new.is_empty() && self.again_at.is_none_or(|at| at > now) {
            return Vec::new();
        }
        self.again_at = None;
        let mut waited = std::mem::take(&mut self.notices);
        waited.retain(|old| !new.iter().any(|newer| newer.notice.tells_of_all_of(&old.notice)));
        self.under_way = waited.iter().chain(&new).map(|untold| untold.notice.clone()).collect();
        let waited = waited.into_iter().map(|untold| Due { untold, is_new: false });
        waited.chain(new.into_iter().map(|untold| Due { untold, is_new: true })).collect()
    }

    /// What nobody was told yet.
    pub(super) fn untold(&self) -> impl Iterator<Item = &Notice> {
        self.under_way.iter().chain(self.notices.iter().map(|untold| &untold.notice))
    }

    /// These could not be told, and wait behind what waits already.
    pub(super) fn put(&mut self, untold: Vec<Untold>, now: Timestamp) {
        self.under_way.clear();
        if untold.is_empty() {
            return;
        }
        self.notices.extend(untold);
        let surplus = self.notices.len().saturating_sub(WAITING_MAX);
        if surplus > 0 {
            tracing::warn!(count = surplus, "the Alerter forgets notices that nobody was told");
        }
        self.notices.drain(..surplus);
        self.again_at = now.saturating_add(AGAIN).ok();
    }
}

/// Whether a notice can be told when the store takes something again. Nothing else is better in a while.
pub(super) fn waits_for_the_store(error: &HubError) -> bool {
    matches!(error, HubError::Store(StoreError::Unavailable { .. } | StoreError::Closed))
}

#[cfg(test)]
mod tests {
    use domain::{
        Severity,
        alerter::{ConditionKind, Details, Finder, News},
    };

    use super::*;

    fn notice(news: News, subjects: &[&str]) -> Untold {
        let notice = Notice {
            kind: ConditionKind::Other,
            news,
            severity: Severity::Moderate,
            subjects: subjects.iter().map(|&subject| subject.to_owned()).collect(),
            finder: Finder::Others,
            count: 1,
            within: SignedDuration::ZERO,
            details: Details::None,
        };
        Untold { notice, unique: AlertId::new(Timestamp::UNIX_EPOCH, [0; 10]) }
    }

    fn taken(waiting: &mut Waiting, new: Vec<Untold>, now: Timestamp) -> Vec<(News, String, bool)> {
        let line = |due: Due| (due.untold.notice.news, due.untold.notice.subjects.join(" "), due.is_new);
        waiting.take(new, now).into_iter().map(line).collect()
    }

    #[test]
    fn what_waits_comes_first_and_what_is_told_anew_is_not_told_as_it_was() {
        let mut waiting = Waiting::default();
        let now = Timestamp::UNIX_EPOCH;
        waiting.put(vec![notice(News::Begun, &["a"]), notice(News::Begun, &["b"])], now);
        waiting.put(vec![notice(News::Begun, &["c", "d"])], now);
        assert_eq!(taken(&mut waiting, Vec::new(), now), [], "it is not time yet");
        let new = vec![notice(News::Normal, &["a"]), notice(News::GoesOn, &["c"])];
        assert_eq!(
            taken(&mut waiting, new, now),
            [
                (News::Begun, "b".to_owned(), false),
                (News::Begun, "c d".to_owned(), false),
                (News::Normal, "a".to_owned(), true),
                (News::GoesOn, "c".to_owned(), true),
            ]
        );
        assert_eq!(taken(&mut waiting, Vec::new(), Timestamp::MAX), []);
    }

    #[test]
    fn the_oldest_are_forgotten_where_many_wait() {
        let mut waiting = Waiting::default();
        let now = Timestamp::UNIX_EPOCH;
        for number in 0..WAITING_MAX + 7 {
            waiting.put(vec![notice(News::Begun, &[&number.to_string()])], now);
        }
        let at = waiting.again_at().unwrap();
        let left = taken(&mut waiting, Vec::new(), at);
        assert_eq!((left.len(), &*left[0].1), (WAITING_MAX, "7"));
        assert_eq!(left.last().unwrap().1, (WAITING_MAX + 6).to_string());
    }

    #[test]
    fn only_a_store_that_may_take_it_later_is_waited_for() {
        assert!(waits_for_the_store(&StoreError::Closed.into()));
        assert!(waits_for_the_store(&StoreError::Unavailable { why: "full".to_owned() }.into()));
        assert!(!waits_for_the_store(&StoreError::Corrupt { why: "a group".to_owned() }.into()));
        assert!(!waits_for_the_store(&StoreError::Missing { what: "the alert".to_owned() }.into()));
        assert!(!waits_for_the_store(&HubError::AlerterOff));
    }
}
