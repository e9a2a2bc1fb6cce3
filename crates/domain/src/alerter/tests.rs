use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::Severity;

const SOURCE: &str = "10.0.0.7";

/// An Alerter and a clock.
struct Desk {
    alerter: Alerter,
    now: Timestamp,
}

impl Desk {
    fn new() -> Self {
        Self::with(AlerterRules::default())
    }

    fn with(rules: AlerterRules) -> Self {
        Self { alerter: Alerter::new(rules), now: Timestamp::from_second(1_795_161_600).unwrap() }
    }

    fn pass(&mut self, seconds: i64) -> &mut Self {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        self
    }

    fn raise(&mut self, kind: ConditionKind, subject: &str, words: &str) {
        let details = Details::Words(words.to_owned());
        self.alerter.raise(kind, subject, kind.severity(), details, self.now).unwrap();
    }

    fn fail(&mut self, source: &str, times: usize) {
        for _ in 0..times {
            self.alerter.happened(ConditionKind::FailedSignIns, source, self.now);
        }
    }

    fn due(&mut self) -> Vec<Notice> {
        self.alerter.take_due(self.now)
    }

    fn news(&mut self) -> Vec<(News, String, u64)> {
        let line = |notice: Notice| (notice.news, notice.subjects.join(" "), notice.count);
        self.due().into_iter().map(line).collect()
    }

    /// Moves the clock to when something is to be done, again and again, and returns all that was told until then.
    fn run(&mut self, seconds: i64) -> Vec<Notice> {
        let end = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        let mut told = self.due();
        let mut turns = 0;
        while let Some(at) = self.alerter.next_at(self.now).filter(|at| *at <= end) {
            turns += 1;
            assert!(turns < 1_000, "it asks again and again at {at}");
            self.now = at.max(self.now.checked_add(SignedDuration::from_secs(1)).unwrap());
            told.extend(self.due());
        }
        self.now = end;
        told
    }
}

#[test]
fn failed_sign_ins_are_one_sentence_with_their_number() {
    let mut desk = Desk::new();
    desk.fail(SOURCE, 4);
    assert_eq!(desk.pass(10).news(), [], "few are no news");
    desk.fail(SOURCE, 19);
    assert_eq!(desk.news(), [], "it is gathered");
    let told = desk.pass(5).due();
    assert_eq!((told[0].subject(), told[0].count, told.len()), (Some(SOURCE), 23, 1));
    assert_eq!(told[0].within, SignedDuration::from_secs(15));
    desk.fail(SOURCE, 100);
    assert_eq!(desk.pass(600).news(), []);
    desk.fail(SOURCE, 1);
    assert_eq!(
        desk.pass(3_000).news(),
        [(News::Normal, SOURCE.to_owned(), 124)],
        "it was calm for 15 minutes"
    );
    assert!(desk.run(86_400).is_empty() && desk.alerter.standing().is_empty());
}

#[test]
fn what_goes_on_is_told_again_once_an_hour_with_what_came_since() {
    let mut desk = Desk::new();
    let mut told = Vec::new();
    for _ in 0..24 * 60 {
        desk.fail(SOURCE, 3);
        told.extend(desk.run(60));
    }
    let begun = told.iter().filter(|notice| notice.news == News::Begun).count();
    assert_eq!((begun, told.len()), (1, 24), "{told:#?}");
    assert_eq!(told[1].count, 180);
    let rest: Vec<News> = desk.run(7_200).iter().map(|notice| notice.news).collect();
    assert_eq!(rest, [News::GoesOn, News::Normal]);
}

#[test]
fn slow_failures_never_come_together() {
    let mut desk = Desk::new();
    for _ in 0..100 {
        desk.fail(SOURCE, 4);
        assert!(desk.run(301).is_empty());
    }
    assert!(desk.alerter.standing().is_empty());
    desk.run(600);
    assert_eq!(desk.alerter.next_at(desk.now), None, "nothing is remembered of it");
}

#[test]
fn however_many_strangers_come_few_notices_tell_of_all_of_them() {
    let mut desk = Desk::new();
    let mut told = Vec::new();
    for wave in 0..12 {
        for host in 0..200 {
            desk.fail(&format!("10.0.{wave}.{host}"), 5);
        }
        told.extend(desk.run(300));
    }
    assert!(told.len() <= 2 * 20, "{}", told.len());
    let begun = told.iter().filter(|notice| notice.news == News::Begun);
    let subjects: usize = begun.map(|notice| notice.subjects.len()).sum();
    assert!(subjects > 1_000, "{subjects}");
    assert!(desk.alerter.standing().len() <= 1_001 + ConditionKind::ALL.len());
    // What strangers do leaves room for what they cannot.
    desk.raise(ConditionKind::OnBattery, "ups", "on battery");
    assert_eq!(desk.pass(10).due()[0].kind, ConditionKind::OnBattery);
    desk.alerter.clear(None, "ups");
    desk.run(7_200);
    assert!(desk.alerter.standing().is_empty(), "all of it is over");
    assert_eq!(desk.alerter.next_at(desk.now), None);
}

#[test]
fn a_few_at_once_are_told_one_by_one_and_more_together() {
    let mut desk = Desk::new();
    for service in ["a", "b"] {
        desk.raise(ConditionKind::ServiceFailed, service, "failed");
    }
    assert_eq!(desk.due().len(), 2);
    for service in ["c", "d", "e", "f", "g", "h", "i"] {
        desk.raise(ConditionKind::ServiceFailed, service, "failed");
    }
    let told = desk.due();
    assert_eq!((told.len(), told[0].subjects.join("")), (1, "cdefghi".to_owned()));
    assert_eq!((told[0].subject(), &told[0].details), (None, &Details::None));
}

#[test]
fn it_is_normal_again_once_and_what_nobody_was_told_of_never() {
    let mut desk = Desk::new();
    desk.raise(ConditionKind::Other, "backup", "the backup failed");
    assert_eq!(desk.news(), [(News::Begun, "backup".to_owned(), 1)]);
    assert_eq!(desk.alerter.clear(Some(ConditionKind::ServiceFailed), "backup"), 0);
    assert_eq!(desk.alerter.clear(None, "backup"), 1);
    assert_eq!(desk.alerter.clear(None, "backup"), 0);
    let normal = desk.due();
    assert_eq!((normal[0].news, normal[0].severity, normal.len()), (News::Normal, Severity::Information, 1));
    assert_eq!(desk.pass(60).news(), []);
    // A flicker of the power that nobody was told of.
    desk.raise(ConditionKind::OnBattery, "ups", "on battery");
    assert_eq!(desk.pass(9).news(), []);
    desk.alerter.clear(None, "ups");
    assert_eq!(desk.pass(9).news(), []);
    assert_eq!(desk.alerter.next_at(desk.now), None);
}

#[test]
fn the_same_words_again_are_no_news_for_an_hour_and_worse_is_at_once() {
    let mut desk = Desk::new();
    for minute in 0..59 {
        desk.raise(ConditionKind::Other, "backup", "the backup failed");
        assert_eq!(desk.due().len(), usize::from(minute == 0), "{minute}");
        desk.pass(60);
    }
    assert_eq!(desk.pass(60).news(), [(News::GoesOn, "backup".to_owned(), 58)]);
    desk.raise(ConditionKind::Other, "backup", "the disk of the backup is broken");
    assert_eq!(desk.news(), [(News::Begun, "backup".to_owned(), 1)], "other words are news");
    let worse = Details::Words("the disk of the backup is broken".to_owned());
    desk.alerter.raise(ConditionKind::Other, "backup", Severity::Extreme, worse, desk.now).unwrap();
    assert_eq!(desk.due()[0].severity, Severity::Extreme);
}

#[test]
fn what_is_looked_at_again_and_again_is_told_once_and_after_a_day_once_more() {
    let mut desk = Desk::new();
    let mut told = Vec::new();
    for free in (0..2 * 24 * 60).rev() {
        let space = Details::Space { free, whole: 1_000_000 };
        desk.alerter.raise(ConditionKind::DiskFilling, "/", Severity::Moderate, space, desk.now).unwrap();
        told.extend(desk.due());
        desk.pass(60);
    }
    assert_eq!(told.iter().map(|notice| notice.news).collect::<Vec<_>>(), [News::Begun, News::GoesOn]);
    assert_eq!(desk.alerter.standing()[0].count, 1);
}

fn remembered(kind: ConditionKind, subject: &str, finder: Finder, at: Timestamp) -> Remembered {
    Remembered { kind, subject: subject.to_owned(), severity: kind.severity(), finder, at }
}

#[test]
fn what_was_told_before_a_restart_is_not_told_again_and_its_end_is() {
    let mut desk = Desk::new();
    let at = desk.now;
    desk.alerter.remember(remembered(ConditionKind::DiskFilling, "/", Finder::Service, at));
    desk.alerter.remember(remembered(ConditionKind::FailedSignIns, SOURCE, Finder::Service, at));
    desk.raise(ConditionKind::DiskFilling, "/", "filling");
    assert_eq!(desk.news(), []);
    desk.alerter.clear(None, "/");
    assert_eq!(desk.news(), [(News::Normal, "/".to_owned(), 0)]);
    assert_eq!(desk.pass(900).news(), [(News::Normal, SOURCE.to_owned(), 0)]);
}

#[test]
fn what_a_script_says_after_a_restart_is_news_where_it_is_something_else_than_it_said_first() {
    let mut desk = Desk::new();
    let at = desk.now;
    desk.alerter.remember(remembered(ConditionKind::Other, "backup", Finder::Others, at));
    desk.raise(ConditionKind::Other, "backup", "the backup failed");
    assert_eq!(desk.pass(60).news(), []);
    desk.raise(ConditionKind::Other, "backup", "the disk of the backup is broken");
    assert_eq!(desk.news(), [(News::Begun, "backup".to_owned(), 2)]);
}

#[test]
fn what_is_off_or_looked_after_by_nobody_any_more_does_not_stand_for_ever_after_a_restart() {
    let mut desk =
        Desk::with(AlerterRules { off: [ConditionKind::StoreUnavailable].into(), ..AlerterRules::default() });
    let at = desk.now;
    desk.alerter.remember(remembered(ConditionKind::StoreUnavailable, "", Finder::Service, at));
    let disk = ConditionKind::DiskFilling;
    desk.alerter.remember(remembered(disk, "/", Finder::Service, at));
    desk.alerter.remember(remembered(disk, "/old", Finder::Service, at));
    desk.alerter.remember(remembered(disk, "/old/heard-of", Finder::Service, at));
    desk.alerter.remember(remembered(disk, "/of-a-script", Finder::Others, at));
    desk.alerter.remember(remembered(ConditionKind::OnBattery, "ups", Finder::Service, at));
    desk.raise(disk, "/old/heard-of", "filling");
    assert_eq!(desk.alerter.look_after_only(disk, &["/".to_owned()]), 1);
    assert_eq!(desk.news(), [(News::Normal, "/old".to_owned(), 0)]);
    let left = desk.alerter.standing().into_iter().map(|standing| standing.subject);
    assert_eq!(left.collect::<Vec<_>>(), ["/", "/of-a-script", "/old/heard-of", "ups"]);
}

#[test]
fn limits_are_kept_and_what_is_off_is_not_told() {
    let off = [ConditionKind::FailedSignIns, ConditionKind::DiskFilling].into();
    let mut desk = Desk::with(AlerterRules { off, ..AlerterRules::default() });
    desk.fail(SOURCE, 100);
    assert!(desk.run(60).is_empty());
    let now = desk.now;
    let mut raise = |kind, subject: &str, words: &str| {
        let words = Details::Words(words.to_owned());
        desk.alerter.raise(kind, subject, Severity::Minor, words, now).map(drop)
    };
    assert_eq!(
        raise(ConditionKind::DiskFilling, "/", "full"),
        Err(AlerterError::Off(ConditionKind::DiskFilling))
    );
    assert!(matches!(raise(ConditionKind::RefusedSource, "x", "y"), Err(AlerterError::Counted(_))));
    assert_eq!(raise(ConditionKind::Other, "x", " \u{202e} "), Err(AlerterError::Words));
    assert_eq!(raise(ConditionKind::Other, "x", &"y".repeat(501)), Err(AlerterError::Words));
    assert_eq!(raise(ConditionKind::Other, &"x".repeat(101), "y"), Err(AlerterError::Subject));
    assert_eq!(raise(ConditionKind::ServiceFailed, " ", "y"), Err(AlerterError::Subject));
    for number in 0..500 {
        raise(ConditionKind::Other, &number.to_string(), "y").unwrap();
    }
    assert_eq!(raise(ConditionKind::Other, "one more", "y"), Err(AlerterError::TooMany));
    assert_eq!(raise(ConditionKind::Other, "7", "y"), Ok(()), "a known one may be raised again");
    assert_eq!(desk.due().len(), 1);
}

#[test]
fn words_for_kinds_read_back() {
    for kind in ConditionKind::ALL {
        assert_eq!(kind.to_string().parse(), Ok(kind));
    }
    let error = "disk".parse::<ConditionKind>().unwrap_err().to_string();
    assert!(error.contains("disk-filling"), "{error}");
}

#[test]
fn a_clock_that_is_set_back_keeps_nothing_waiting() {
    let mut desk = Desk::new();
    for number in 0..7 {
        desk.raise(ConditionKind::Other, &format!("job {number}"), "failed");
    }
    let told = desk.due().iter().map(|notice| notice.subjects.len()).sum::<usize>();
    assert_eq!(told, 7);
    desk.fail(SOURCE, 5);
    desk.pass(-7_200);
    assert_eq!(desk.alerter.clear(Some(ConditionKind::Other), "job 0"), 1);
    // The budget of this kind is used up, and grows by the new clock: one in ten minutes.
    let told = desk.run(1_300);
    let is_over = |notice: &Notice| notice.news == News::Normal && notice.subjects == ["job 0"];
    assert!(told.iter().any(is_over), "{told:?}");
    assert!(told.iter().any(|notice| notice.kind == ConditionKind::FailedSignIns), "{told:?}");
    assert!(!desk.alerter.stands(ConditionKind::FailedSignIns, SOURCE), "it was calm for 15 minutes");
}

#[test]
fn what_is_kept_is_known_again_told_or_not() {
    let mut desk = Desk::new();
    for subject in ["told", "over"] {
        desk.raise(ConditionKind::Other, subject, "failed");
    }
    desk.alerter.raise(ConditionKind::DiskFilling, "/", Severity::Moderate, Details::None, desk.now).unwrap();
    assert_eq!(desk.due().len(), 3);
    desk.alerter.clear(None, "over");
    desk.raise(ConditionKind::Other, "untold", "failed");
    desk.fail(SOURCE, 5);
    let kept = desk.alerter.kept();
    let mut next = Desk::new();
    // The clock may be set back over a restart, too.
    next.pass(-60);
    next.alerter.restore(kept.clone(), next.now);
    assert_eq!(next.alerter.kept().len(), kept.len());
    let news = next.run(60);
    let said: Vec<_> = news.iter().map(|notice| (notice.news, notice.subjects.join(" "))).collect();
    assert_eq!(said, [(News::Begun, "untold".to_owned()), (News::Normal, "over".to_owned())]);
    next.alerter.raise(ConditionKind::DiskFilling, "/", Severity::Moderate, Details::None, next.now).unwrap();
    next.raise(ConditionKind::Other, "told", "failed");
    assert_eq!(next.due(), [], "it is no news");
    assert_eq!(next.alerter.clear(None, "told"), 1);
    assert_eq!(next.alerter.clear(None, "/"), 0, "the service finds out by itself that it is over");
    assert_eq!(next.alerter.look_after_only(ConditionKind::DiskFilling, &["/".to_owned()]), 0);
}

#[test]
fn one_kind_takes_no_room_from_another() {
    let mut desk = Desk::new();
    for number in 0..1_200 {
        desk.alerter.happened(ConditionKind::RefusedSource, &format!("fd00::{number:x}"), desk.now);
    }
    desk.fail(SOURCE, 5);
    assert!(desk.alerter.stands(ConditionKind::FailedSignIns, SOURCE));
    for number in 0..500 {
        desk.raise(ConditionKind::Other, &format!("job {number}"), "failed");
    }
    let others = Details::Words("failed".to_owned());
    let one_more = desk.alerter.raise(ConditionKind::Other, "one more", Severity::Minor, others, desk.now);
    assert_eq!(one_more, Err(AlerterError::TooMany));
    let own = desk.alerter.raise(ConditionKind::DiskFilling, "/", Severity::Severe, Details::None, desk.now);
    assert!(own.is_ok(), "the service has room for what it finds out itself");
}
