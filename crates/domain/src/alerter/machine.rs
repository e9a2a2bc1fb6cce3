use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::{
    AlerterRules, Budget, ConditionKind, Details, Kept, News, Notice, SUBJECT_CHARS_MAX, WORDS_CHARS_MAX,
    condition::{Condition, Finder, Told},
    rules::{COUNTED_MAX, RAISED_MAX},
};
use crate::{Severity, displayable};

/// From which difference on a clock was set back.
const SET_BACK: SignedDuration = SignedDuration::from_secs(5);
/// From how many on conditions of a kind are told together.
const TOGETHER: usize = 4;

/// What is not normal, and what was told of it. Time is an argument, and nothing happens by itself: whoever holds it
/// asks at [`Alerter::next_at`] what is to be told.
#[derive(Clone, Debug)]
pub struct Alerter {
    rules: AlerterRules,
    conditions: BTreeMap<(ConditionKind, String), Condition>,
    /// How many are counted, of each kind.
    counted: BTreeMap<ConditionKind, usize>,
    /// The latest time that was heard of.
    latest: Option<Timestamp>,
    /// When it was last looked for what can be forgotten.
    tidied_at: Option<Timestamp>,
    all: Budget,
    by_kind: BTreeMap<ConditionKind, Budget>,
}

/// Something that is not normal now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Of what kind.
    pub kind: ConditionKind,
    /// What it is about; empty where it is the host, or the service, as a whole.
    pub subject: String,
    /// How much it matters.
    pub severity: Severity,
    /// Since when.
    pub since: Timestamp,
    /// When it was last heard of.
    pub last: Timestamp,
    /// How often it has happened.
    pub count: u64,
    /// What else there is to say.
    pub details: Details,
    /// When people were last told of it; none where they were not yet.
    pub told_at: Option<Timestamp>,
}

/// Something that people were told of before the service was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Of what kind.
    pub kind: ConditionKind,
    /// What it is about.
    pub subject: String,
    /// How much it matters, as people were told.
    pub severity: Severity,
    /// Who has found it out.
    pub finder: Finder,
    /// When people were told.
    pub at: Timestamp,
}

/// Why a condition was not raised.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AlerterError {
    /// There are very many already.
    #[error("{RAISED_MAX} conditions stand already: clear some first")]
    TooMany,
    /// The subject is too long, or missing.
    #[error(
        "a subject has at most {SUBJECT_CHARS_MAX} characters, and a disk, a battery, a service or a store has one"
    )]
    Subject,
    /// The words are too long, or none.
    #[error("the words of a condition have 1 to {WORDS_CHARS_MAX} characters")]
    Words,
    /// This kind is not told.
    #[error("conditions of the kind {0} are switched off: see `[alerter] off`")]
    Off(ConditionKind),
    /// What is counted is not raised.
    #[error("a condition of the kind {0} is found out by the service itself")]
    Counted(ConditionKind),
}

impl Alerter {
    /// Nothing is out of the ordinary yet.
    pub fn new(rules: AlerterRules) -> Self {
        let all = Budget::per_hour(rules.notices_per_hour_max);
        Self {
            rules,
            conditions: BTreeMap::new(),
            counted: BTreeMap::new(),
            latest: None,
            tidied_at: None,
            all,
            by_kind: BTreeMap::new(),
        }
    }

    /// Something is not normal, until it is cleared. Returns how it stands.
    ///
    /// # Errors
    /// It breaks a limit, or is not told.
    pub fn raise(
        &mut self,
        kind: ConditionKind,
        subject: &str,
        severity: Severity,
        details: Details,
        now: Timestamp,
    ) -> Result<Standing, AlerterError> {
        self.hear_of(now);
        if kind.is_counted() {
            return Err(AlerterError::Counted(kind));
        }
        if self.rules.off.contains(&kind) {
            return Err(AlerterError::Off(kind));
        }
        let subject = as_subject(subject);
        let is_others = matches!(details, Details::Words(_));
        // The store as a whole is the service's own.
        let has_subject = kind.has_subject() || is_others && kind == ConditionKind::StoreUnavailable;
        if subject.chars().count() > SUBJECT_CHARS_MAX || subject.is_empty() && has_subject {
            return Err(AlerterError::Subject);
        }
        let details = match details {
            Details::Words(words) => {
                let words = displayable(&words).trim().to_owned();
                if !(1..=WORDS_CHARS_MAX).contains(&words.chars().count()) {
                    return Err(AlerterError::Words);
                }
                Details::Words(words)
            }
            other => other,
        };
        let key = (kind, subject.clone());
        if is_others && !self.conditions.contains_key(&key) && self.raised_by_others() >= RAISED_MAX {
            return Err(AlerterError::TooMany);
        }
        let condition = self.conditions.entry(key).or_insert_with(|| Condition::new(kind, now));
        condition.raised(severity, details, now);
        Ok(condition.standing(subject))
    }

    fn raised_by_others(&self) -> usize {
        let is_others =
            |condition: &&Condition| !condition.kind.is_counted() && condition.finder() == Finder::Others;
        self.conditions.values().filter(is_others).count()
    }

    /// What was raised is normal again: of this kind, or, where none is named, whatever others have found out. Returns
    /// how many conditions that were.
    pub fn clear(&mut self, kind: Option<ConditionKind>, subject: &str) -> usize {
        let subject = as_subject(subject);
        let mut cleared = 0;
        for ((known, of), condition) in &mut self.conditions {
            let is_meant = match kind {
                Some(kind) => kind == *known,
                None => condition.finder() == Finder::Others,
            };
            if *of == subject && is_meant && condition.stands {
                condition.stands = false;
                cleared += 1;
            }
        }
        cleared
    }

    /// Something has happened that is told when it happens often enough. Says whether it has now begun to stand.
    pub fn happened(&mut self, kind: ConditionKind, subject: &str, now: Timestamp) -> bool {
        if self.rules.off.contains(&kind) || !kind.is_counted() {
            return false;
        }
        self.hear_of(now);
        let subject: String = as_subject(subject).chars().take(SUBJECT_CHARS_MAX).collect();
        let mut key = (kind, subject);
        if !self.conditions.contains_key(&key) {
            let tidied = |at: Timestamp| now.duration_since(at) < SignedDuration::from_secs(1);
            let is_much =
                |counted: &BTreeMap<_, usize>| counted.get(&kind).is_some_and(|count| *count >= COUNTED_MAX);
            if is_much(&self.counted) && !self.tidied_at.is_some_and(tidied) {
                self.forget(now);
            }
            if is_much(&self.counted) {
                // Many do the same: they are one.
                key.1 = String::new();
            }
        }
        let rules = &self.rules;
        let condition = self.conditions.entry(key).or_insert_with(|| {
            *self.counted.entry(kind).or_default() += 1;
            Condition::new(kind, now)
        });
        let stood = condition.stands;
        condition.happened(rules, now);
        condition.stands && !stood
    }

    /// People were told of this before the service was started, and not yet that it is over.
    pub fn remember(&mut self, remembered: Remembered) {
        let Remembered { kind, subject, severity, finder, at } = remembered;
        if self.rules.off.contains(&kind) {
            return;
        }
        let told = Told { at, severity, details: None };
        if let Some(condition) = self.conditions.get_mut(&(kind, subject.clone())) {
            // It was kept, and is known better than by what was told of it.
            if condition.told.as_ref().is_none_or(|known| known.at < at) {
                condition.told = Some(told);
            }
            return;
        }
        let mut condition = Condition::new(kind, at);
        (condition.stands, condition.severity) = (true, severity);
        condition.told = Some(told);
        condition.remembered = Some(finder);
        self.conditions.insert((kind, subject), condition);
        *self.counted.entry(kind).or_default() += usize::from(kind.is_counted());
    }

    /// People were told before the service was started that this is normal again.
    pub fn remember_normal(&mut self, kind: ConditionKind, subject: &str, at: Timestamp) {
        let key = (kind, subject.to_owned());
        let Some(condition) = self.conditions.get_mut(&key) else { return };
        if condition.told.as_ref().is_some_and(|told| told.at <= at) {
            condition.told = None;
            if !condition.stands {
                self.conditions.remove(&key);
            }
        }
    }

    /// What is to be known again after the service was started anew: what was raised, and what of it was told.
    pub fn kept(&self) -> Vec<Kept> {
        let raised = self.conditions.iter().filter(|((kind, _), condition)| {
            let is_others = condition.stands && condition.finder() == Finder::Others;
            !kind.is_counted() && (is_others || condition.told.is_some())
        });
        raised.map(|((_, subject), condition)| Kept::of(subject, condition)).collect()
    }

    /// Knows again what was kept.
    pub fn restore(&mut self, kept: Vec<Kept>, now: Timestamp) {
        for one in kept {
            if !self.rules.off.contains(&one.kind) && !one.kind.is_counted() {
                let key = (one.kind, one.subject.clone());
                self.conditions.insert(key, one.condition(now));
            }
        }
    }

    /// The service itself looks after these of a kind, and after no others: what it found out about others before it
    /// was started is over, because nobody says so otherwise. Returns how many that were.
    pub fn look_after_only(&mut self, kind: ConditionKind, subjects: &[String]) -> usize {
        let subjects: Vec<String> = subjects.iter().map(|subject| as_subject(subject)).collect();
        let mut over = 0;
        for ((known, subject), condition) in &mut self.conditions {
            let is_forgotten = condition.remembered == Some(Finder::Service) && !subjects.contains(subject);
            if *known == kind && condition.stands && is_forgotten {
                condition.stands = false;
                over += 1;
            }
        }
        over
    }

    /// Whether this stands now.
    pub fn stands(&self, kind: ConditionKind, subject: &str) -> bool {
        self.conditions.get(&(kind, as_subject(subject))).is_some_and(|condition| condition.stands)
    }

    /// What is not normal now.
    pub fn standing(&self) -> Vec<Standing> {
        let standing = self.conditions.iter().filter(|(_, condition)| condition.stands);
        standing.map(|((_, subject), condition)| condition.standing(subject.clone())).collect()
    }

    /// What is to be told now. It counts as told.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<Notice> {
        self.hear_of(now);
        for condition in self.conditions.values_mut() {
            condition.settle(now);
        }
        let mut notices = Vec::new();
        for kind in ConditionKind::ALL {
            for news in [News::Begun, News::Normal, News::GoesOn] {
                let due = self.due(kind, news, now);
                self.tell(kind, news, due, now, &mut notices);
            }
        }
        self.forget(now);
        notices
    }

    /// When there is something to do next, if nothing happens until then.
    pub fn next_at(&self, now: Timestamp) -> Option<Timestamp> {
        let next = |condition: &Condition| {
            let news =
                condition.next_news(&self.rules).map(|(at, _)| at.max(self.allowed_at(condition.kind, now)));
            news.into_iter().chain(condition.next_change()).min()
        };
        self.conditions.values().filter_map(next).min()
    }

    /// A clock that is set back makes nothing wait that is due, and nothing stay for ever.
    fn hear_of(&mut self, now: Timestamp) {
        let back = self.latest.map_or(SignedDuration::ZERO, |latest| latest.duration_since(now));
        // Those who ask at once do not ask in the order of their times.
        if back < SET_BACK {
            self.latest = self.latest.max(Some(now));
            return;
        }
        self.conditions.values_mut().for_each(|condition| condition.shift(back));
        self.by_kind.values_mut().for_each(|budget| budget.shift(back));
        self.all.shift(back);
        self.tidied_at = None;
        self.latest = Some(now);
    }

    fn due(&self, kind: ConditionKind, news: News, now: Timestamp) -> Vec<String> {
        let of_kind = self.conditions.range((kind, String::new())..).take_while(|((of, _), _)| *of == kind);
        let due = of_kind.filter(|(_, condition)| condition.news(&self.rules, now) == Some(news));
        due.map(|((_, subject), _)| subject.clone()).collect()
    }

    /// Makes notices of these, as far as that is allowed: one each where they are few, and otherwise one of all.
    fn tell(
        &mut self,
        kind: ConditionKind,
        news: News,
        mut due: Vec<String>,
        now: Timestamp,
        notices: &mut Vec<Notice>,
    ) {
        while !due.is_empty() {
            let Some(left) = self.take(kind, now) else { return };
            let together = due.len() >= TOGETHER || left == 0;
            let rest = if together { Vec::new() } else { due.split_off(1) };
            notices.extend(self.notice(kind, news, &due, now));
            due = rest;
        }
    }

    /// Uses one notice of this kind, and says how many are left.
    fn take(&mut self, kind: ConditionKind, now: Timestamp) -> Option<u32> {
        let max = self.rules.notices_of_kind_max();
        let own = self.by_kind.entry(kind).or_insert_with(|| Budget::per_hour(max));
        if self.all.left(now) <= reserve(&self.all, kind) || own.left(now) == 0 {
            return None;
        }
        self.all.take(now);
        own.take(now);
        Some(own.left(now).min(self.all.left(now).saturating_sub(reserve(&self.all, kind))))
    }

    /// When a notice of this kind is allowed.
    fn allowed_at(&self, kind: ConditionKind, now: Timestamp) -> Timestamp {
        let own = self.by_kind.get(&kind).map_or(now, |own| own.next(0, now));
        own.max(self.all.next(reserve(&self.all, kind), now))
    }

    fn notice(&mut self, kind: ConditionKind, news: News, of: &[String], now: Timestamp) -> Option<Notice> {
        let mut notice: Option<Notice> = None;
        for subject in of {
            let Some(condition) = self.conditions.get_mut(&(kind, subject.clone())) else { continue };
            let is_over = news == News::Normal;
            let (count, since) = if is_over {
                (condition.total, condition.since)
            } else {
                (condition.count, condition.counted_since)
            };
            let within = now.duration_since(since);
            match &mut notice {
                None => {
                    notice = Some(Notice {
                        kind,
                        news,
                        severity: if is_over { Severity::Information } else { condition.severity },
                        subjects: vec![subject.clone()],
                        finder: condition.finder(),
                        count,
                        within,
                        details: condition.details.clone(),
                    });
                }
                Some(notice) => {
                    notice.subjects.push(subject.clone());
                    if condition.finder() == Finder::Others {
                        notice.finder = Finder::Others;
                    }
                    if !is_over {
                        notice.severity = notice.severity.max(condition.severity);
                    }
                    notice.count = notice.count.saturating_add(count);
                    notice.within = notice.within.max(within);
                    notice.details = Details::None;
                }
            }
            condition.was_told(news, now);
        }
        notice
    }

    fn forget(&mut self, now: Timestamp) {
        self.tidied_at = Some(now);
        self.conditions.retain(|_, condition| !condition.is_over(now));
        self.counted.clear();
        for (kind, _) in self.conditions.keys().filter(|(kind, _)| kind.is_counted()) {
            *self.counted.entry(*kind).or_default() += 1;
        }
    }
}

/// Half of all notices are kept for what strangers cannot bring about.
fn reserve(all: &Budget, kind: ConditionKind) -> u32 {
    if kind.is_of_strangers() { all.max() / 2 } else { 0 }
}

/// A subject as it is kept: what is displayable of it, on one line.
pub fn as_subject(text: &str) -> String {
    displayable(text).replace(['\n', '\t'], " ").trim().to_owned()
}
