use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    AlerterRules, ConditionKind, Details, News, Standing,
    rules::{CALM, REMINDER, WINDOW},
};
use crate::Severity;

/// What is known of one condition.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) kind: ConditionKind,
    pub(super) severity: Severity,
    pub(super) details: Details,
    /// Whether it is not normal now.
    pub(super) stands: bool,
    /// Since when it stands, or, where it does not, since when it is counted.
    pub(super) since: Timestamp,
    /// When it was last heard of.
    pub(super) last: Timestamp,
    /// How often it has happened since it was last told, or since it is counted.
    pub(super) count: u64,
    /// Since when `count` is counted.
    pub(super) counted_since: Timestamp,
    /// How often it has happened in all.
    pub(super) total: u64,
    /// What people were last told of it.
    pub(super) told: Option<Told>,
    /// Who found it out, where that was before the service was started and nothing was heard of it since.
    pub(super) remembered: Option<Finder>,
}

/// Who has found a condition out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finder {
    /// The service itself.
    Service,
    /// A script, or a person, who says it in words.
    Others,
}

#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) at: Timestamp,
    pub(super) severity: Severity,
    /// With what details; none where that was before the service was started and nobody knows it any more.
    pub(super) details: Option<Details>,
}

impl Condition {
    pub(super) fn new(kind: ConditionKind, now: Timestamp) -> Self {
        Self {
            kind,
            severity: kind.severity(),
            details: Details::None,
            stands: false,
            since: now,
            last: now,
            count: 0,
            counted_since: now,
            total: 0,
            told: None,
            remembered: None,
        }
    }

    /// Who has found it out: the service itself says no words.
    pub(super) fn finder(&self) -> Finder {
        match (self.remembered, &self.details) {
            (Some(finder), _) => finder,
            (None, Details::Words(_)) => Finder::Others,
            (None, _) => Finder::Service,
        }
    }

    /// How it stands, under this subject.
    pub(super) fn standing(&self, subject: String) -> Standing {
        Standing {
            kind: self.kind,
            subject,
            severity: self.severity,
            since: self.since,
            last: self.last,
            count: self.total,
            details: self.details.clone(),
            told_at: self.told.as_ref().map(|told| told.at),
        }
    }

    /// It has happened once more.
    pub(super) fn happened(&mut self, rules: &AlerterRules, now: Timestamp) {
        if !self.stands && now.duration_since(self.counted_since) > WINDOW {
            (self.count, self.counted_since, self.total) = (0, now, 0);
        }
        self.count = self.count.saturating_add(1);
        self.total = self.total.saturating_add(1);
        self.last = now;
        if !self.stands && self.count >= rules.threshold(self.kind) {
            (self.stands, self.since) = (true, now);
        }
    }

    /// It is so, says who knows.
    pub(super) fn raised(&mut self, severity: Severity, details: Details, now: Timestamp) {
        let is_known = self.stands;
        if !is_known {
            (self.stands, self.since, self.counted_since, self.count) = (true, now, now, 0);
        }
        (self.severity, self.details, self.last, self.remembered) = (severity, details, now, None);
        if let Some(told) = &mut self.told {
            told.details.get_or_insert_with(|| self.details.clone());
        }
        if is_known && self.kind.is_watched() {
            // It was only looked at once more.
            return;
        }
        self.count = self.count.saturating_add(1);
        self.total = self.total.saturating_add(1);
    }

    /// Lets what has not happened for a while be over.
    pub(super) fn settle(&mut self, now: Timestamp) {
        if self.stands && self.kind.is_counted() && now.duration_since(self.last) >= CALM {
            self.stands = false;
        }
    }

    /// Whether nothing of it is left to tell, or to count.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        let is_counting = self.count > 0 && now.duration_since(self.counted_since) <= WINDOW;
        !self.stands && self.told.is_none() && !(self.kind.is_counted() && is_counting)
    }

    /// What there is to tell now.
    pub(super) fn news(&self, rules: &AlerterRules, now: Timestamp) -> Option<News> {
        match self.next_news(rules) {
            Some((at, news)) if at <= now => Some(news),
            _ => None,
        }
    }

    /// What there is to tell next, and from when on, if nothing happens meanwhile.
    pub(super) fn next_news(&self, rules: &AlerterRules) -> Option<(Timestamp, News)> {
        let after = |at: Timestamp, wait: SignedDuration| at.saturating_add(wait).unwrap_or(Timestamp::MAX);
        let Some(told) = &self.told else {
            return self.stands.then(|| (after(self.since, rules.hold(self.kind)), News::Begun));
        };
        if !self.stands {
            return Some((Timestamp::MIN, News::Normal));
        }
        if self.severity > told.severity {
            return Some((Timestamp::MIN, News::Begun));
        }
        // Other words are news, and the same ones again are not until a while has passed.
        let says_others = told.details.as_ref().is_some_and(|details| *details != self.details);
        if !self.kind.is_watched() && says_others && self.count > 0 {
            return Some((Timestamp::MIN, News::Begun));
        }
        let repeated = match self.kind {
            kind if kind.is_watched() => return Some((after(told.at, REMINDER), News::GoesOn)),
            kind if kind.is_counted() => self.count >= rules.threshold(kind),
            _ => self.count > 0,
        };
        repeated.then(|| (after(told.at, rules.repeat), News::GoesOn))
    }

    /// The clock was set back by this much: what has passed stays as long ago as it was.
    pub(super) fn shift(&mut self, back: SignedDuration) {
        for at in [&mut self.since, &mut self.last, &mut self.counted_since] {
            *at = at.saturating_sub(back).unwrap_or(*at);
        }
        if let Some(told) = &mut self.told {
            told.at = told.at.saturating_sub(back).unwrap_or(told.at);
        }
    }

    /// When, if nothing happens, it is over or forgotten.
    pub(super) fn next_change(&self) -> Option<Timestamp> {
        if !self.kind.is_counted() {
            return None;
        }
        let (from, wait) = if self.stands { (self.last, CALM) } else { (self.counted_since, WINDOW) };
        from.saturating_add(wait).ok()
    }

    /// It was told.
    pub(super) fn was_told(&mut self, news: News, now: Timestamp) {
        self.told = (news != News::Normal).then(|| Told {
            at: now,
            severity: self.severity,
            details: Some(self.details.clone()),
        });
        (self.count, self.counted_since) = (0, now);
        if news == News::Normal {
            self.total = 0;
        }
    }
}
