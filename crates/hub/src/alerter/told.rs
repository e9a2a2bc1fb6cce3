use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use domain::{
    Alert, AlertId,
    alerter::{Alerter as Machine, ConditionKind, Finder, News, Notice, Remembered},
};

use super::words;
use crate::ALERTS_NAME;

/// What the keys of alerts of the Alerter begin with.
const KEY: &str = "alerter/";
/// The marks in a key: it tells of several, which the text lists; also of the host, or the service, as a whole; a script
/// has said it; it is over.
const SEVERAL: &str = "-several";
const WHOLE: &str = "-whole";
const RAISED: &str = "-raised";
const NORMAL: &str = "-normal";

/// The alerts that tell of conditions which were not normal when people were last told of them.
#[derive(Debug, Default)]
pub(super) struct ToldAlerts(HashMap<(ConditionKind, String), AlertId>);

/// What a notice does to the alerts before it.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// Those that it takes the place of: nothing is left of which they tell alone.
    pub(super) replaced: BTreeSet<AlertId>,
    /// Whether another that tells of a part of it, and of something else, stays in force.
    pub(super) some_stay: bool,
}

impl ToldAlerts {
    /// Those that are in force from before the service was started, and puts what they tell into `machine`.
    pub(super) fn found(alerts: &[Arc<Alert>], machine: &mut Machine) -> Self {
        let is_own = |alert: &&Arc<Alert>| alert.draft.issuer.name() == ALERTS_NAME;
        let mut own: Vec<_> = alerts.iter().filter(is_own).collect();
        // Of two that tell of the same, the newer one counts.
        own.sort_by_key(|alert| (alert.started_at(), alert.id));
        let mut found: HashMap<(ConditionKind, String), (&Alert, Finder)> = HashMap::new();
        let mut normal = HashMap::new();
        for alert in own {
            let Some(Key { kind, subjects, finder, is_normal }) = read(alert) else { continue };
            for subject in subjects {
                let condition = (kind, subject);
                if is_normal {
                    found.remove(&condition);
                    normal.insert(condition, alert.started_at());
                } else {
                    normal.remove(&condition);
                    found.insert(condition, (alert, finder));
                }
            }
        }
        for ((kind, subject), at) in normal {
            machine.remember_normal(kind, &subject, at);
        }
        let mut told = HashMap::new();
        for ((kind, subject), (alert, finder)) in found {
            let (severity, at) = (alert.draft.severity, alert.started_at());
            machine.remember(Remembered { kind, subject: subject.clone(), severity, finder, at });
            told.insert((kind, subject), alert.id);
        }
        Self(told)
    }

    /// What becomes of the alerts that tell of something of a notice.
    pub(super) fn before(&self, notice: &Notice) -> Before {
        let subjects: HashSet<&String> = notice.subjects.iter().collect();
        let is_told =
            |(kind, subject): &(ConditionKind, String)| *kind == notice.kind && subjects.contains(subject);
        let of = |wanted: bool| {
            let alerts = self.0.iter().filter(move |(condition, _)| is_told(condition) == wanted);
            alerts.map(|(_, alert)| *alert).collect::<BTreeSet<_>>()
        };
        let (touched, others) = (of(true), of(false));
        Before {
            some_stay: !touched.is_disjoint(&others),
            replaced: touched.difference(&others).copied().collect(),
        }
    }

    /// People were told by this alert.
    pub(super) fn was_told(&mut self, notice: &Notice, alert: AlertId) {
        for subject in &notice.subjects {
            let condition = (notice.kind, subject.clone());
            match notice.news {
                News::Normal => drop(self.0.remove(&condition)),
                News::Begun | News::GoesOn => drop(self.0.insert(condition, alert)),
            }
        }
    }
}

/// The key of the alert of a notice, by which it is known after a restart what people were told. `unique` is in no other
/// key.
pub(super) fn key(notice: &Notice, unique: AlertId) -> String {
    let mut marks = String::new();
    let mut mark = |mark: &str, is_so: bool| marks.push_str(if is_so { mark } else { "" });
    mark(SEVERAL, notice.subject().is_none());
    mark(WHOLE, notice.subjects.iter().any(String::is_empty));
    mark(RAISED, notice.finder == Finder::Others);
    mark(NORMAL, notice.news == News::Normal);
    format!("{KEY}{}/{unique}{marks}/{}", notice.kind, notice.subject().unwrap_or_default())
}

/// What the key of an alert says, with its text where that lists what it is about.
struct Key {
    kind: ConditionKind,
    subjects: Vec<String>,
    finder: Finder,
    is_normal: bool,
}

fn read(alert: &Alert) -> Option<Key> {
    let mut parts = alert.draft.key.as_deref()?.strip_prefix(KEY)?.splitn(3, '/');
    let (kind, marks, subject) = (parts.next()?, parts.next()?, parts.next()?);
    let mut subjects = Vec::new();
    if marks.contains(SEVERAL) {
        subjects.extend(words::listed_in(&alert.draft.text).map(str::to_owned));
        subjects.extend(marks.contains(WHOLE).then(String::new));
    } else {
        subjects.push(subject.to_owned());
    }
    let finder = if marks.contains(RAISED) { Finder::Others } else { Finder::Service };
    Some(Key { kind: kind.parse().ok()?, subjects, finder, is_normal: marks.contains(NORMAL) })
}
