use jiff::civil::date;

use super::*;
use crate::Address;

fn schedule(rule: &str, zone: &str, starts_at: DateTime) -> Schedule {
    let draft = AlertDraft::new(
        Address::parse("admin@x.internal").unwrap(),
        "everyone".parse().unwrap(),
        "Test of the siren",
    );
    Schedule {
        id: AlertId::from_bytes([1; 16]),
        name: "siren".parse().unwrap(),
        draft,
        expires_after_seconds: None,
        rule: rule.parse().unwrap(),
        starts_at,
        zone: zone.parse().unwrap(),
        missed: Missed::Skip,
        next_at: None,
        paused: false,
        note: None,
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The first `count` times after an instant, as local times.
fn local_times(schedule: &Schedule, after: &str, count: usize) -> Vec<String> {
    let mut after = at(after);
    let mut found = Vec::new();
    while let Some(next) = schedule.next_after(after).filter(|_| found.len() < count) {
        found.push(schedule.zone.local(next).to_string());
        after = next;
    }
    found
}

#[test]
fn recurrences_come_as_calendars_have_them() {
    let start = date(2026, 1, 1).at(9, 0, 0, 0);
    let cases: [(&str, &[&str]); 10] = [
        ("FREQ=DAILY;INTERVAL=2", &["2026-01-01T09:00:00", "2026-01-03T09:00:00", "2026-01-05T09:00:00"]),
        ("FREQ=WEEKLY;BYDAY=MO,FR", &["2026-01-02T09:00:00", "2026-01-05T09:00:00", "2026-01-09T09:00:00"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", &["2026-01-30T09:00:00", "2026-02-27T09:00:00", "2026-03-27T09:00:00"]),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            &["2026-01-31T09:00:00", "2026-02-28T09:00:00", "2026-03-31T09:00:00"],
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=31",
            &["2026-01-31T09:00:00", "2026-03-31T09:00:00", "2026-05-31T09:00:00"],
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            &["2026-01-30T09:00:00", "2026-02-27T09:00:00", "2026-03-31T09:00:00"],
        ),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", &["2028-02-29T09:00:00", "2032-02-29T09:00:00"]),
        (
            "FREQ=DAILY;BYHOUR=8,20;BYMINUTE=30",
            &["2026-01-01T20:30:00", "2026-01-02T08:30:00", "2026-01-02T20:30:00"],
        ),
        (
            "FREQ=HOURLY;INTERVAL=6;BYDAY=SA",
            &["2026-01-03T03:00:00", "2026-01-03T09:00:00", "2026-01-03T15:00:00"],
        ),
        ("FREQ=DAILY;COUNT=2", &["2026-01-01T09:00:00", "2026-01-02T09:00:00"]),
    ];
    for (rule, expected) in cases {
        let schedule = schedule(rule, "UTC", start);
        let found = local_times(&schedule, "2025-12-31T00:00:00Z", expected.len() + 1);
        assert_eq!(found[..expected.len()], *expected, "{rule}");
    }
    let counted = schedule("FREQ=DAILY;COUNT=2", "UTC", start);
    assert_eq!(counted.next_after(at("2026-01-02T09:00:00Z")), None);
}

#[test]
fn a_rule_is_entered_anywhere_without_beginning_at_its_start() {
    let start = date(2001, 1, 1).at(9, 0, 0, 0);
    for rule in
        ["FREQ=MINUTELY;INTERVAL=7", "FREQ=HOURLY;INTERVAL=5", "FREQ=WEEKLY;INTERVAL=3", "FREQ=YEARLY"]
    {
        let schedule = schedule(rule, "UTC", start);
        let next = schedule.next_after(at("2026-11-20T08:00:00Z")).unwrap();
        let before = schedule.next_after(at("2020-01-01T00:00:00Z")).unwrap();
        assert!(before < next, "{rule}");
        // Every time that comes after an earlier one is the same that comes when it is entered later.
        let mut walked = schedule.next_after(at("2026-10-01T00:00:00Z")).unwrap();
        while walked <= at("2026-11-20T08:00:00Z") {
            walked = schedule.next_after(walked).unwrap();
        }
        assert_eq!(walked, next, "{rule}");
    }
}

#[test]
fn an_end_is_kept_in_local_time_and_in_universal_time() {
    let start = date(2026, 1, 1).at(9, 0, 0, 0);
    let local = schedule("FREQ=DAILY;UNTIL=20260102", "Europe/Berlin", start);
    assert_eq!(local_times(&local, "2025-12-31T00:00:00Z", 9).len(), 2);
    let instant = schedule("FREQ=DAILY;UNTIL=20260102T075959Z", "Europe/Berlin", start);
    assert_eq!(local_times(&instant, "2025-12-31T00:00:00Z", 9), ["2026-01-01T09:00:00"]);
}

#[test]
fn a_skipped_local_time_comes_right_after_the_gap_and_a_repeated_one_comes_once() {
    let start = date(2026, 1, 1).at(2, 30, 0, 0);
    for rule in ["FREQ=DAILY", "30 2 * * *"] {
        let daily = schedule(rule, "Europe/Berlin", start);
        // 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC. 25 October 2026: 03:00 becomes 02:00.
        assert_eq!(daily.next_after(at("2026-03-28T12:00:00Z")), Some(at("2026-03-29T01:00:00Z")), "{rule}");
        assert_eq!(daily.next_after(at("2026-03-29T01:00:00Z")), Some(at("2026-03-30T00:30:00Z")), "{rule}");
        assert_eq!(daily.next_after(at("2026-10-24T12:00:00Z")), Some(at("2026-10-25T00:30:00Z")), "{rule}");
        assert_eq!(daily.next_after(at("2026-10-25T00:30:00Z")), Some(at("2026-10-26T01:30:00Z")), "{rule}");
    }
    let often = schedule("*/20 * * * *", "Europe/Berlin", start);
    let mut after = at("2026-10-25T00:30:00Z");
    let mut found = Vec::new();
    for _ in 0..4 {
        after = often.next_after(after).unwrap();
        found.push(after.to_string());
    }
    assert_eq!(
        found,
        ["2026-10-25T00:40:00Z", "2026-10-25T02:00:00Z", "2026-10-25T02:20:00Z", "2026-10-25T02:40:00Z"],
        "the second time round, 02:00 to 02:59 has been"
    );
}

#[test]
fn cron_means_what_it_means_everywhere() {
    let start = date(2026, 1, 1).at(0, 0, 0, 0);
    let cases = [
        ("0 8 * * mon-fri", "2026-01-02T09:00:00Z", "2026-01-05T08:00:00"),
        ("*/15 9-17 * * *", "2026-01-02T17:50:00Z", "2026-01-03T09:00:00"),
        ("0 0 1,15 * *", "2026-01-02T00:00:00Z", "2026-01-15T00:00:00"),
        ("0 0 13 * fri", "2026-01-03T00:00:00Z", "2026-01-09T00:00:00"),
        ("0 0 29 feb *", "2026-01-03T00:00:00Z", "2028-02-29T00:00:00"),
        ("30 6 * * 7", "2026-01-03T00:00:00Z", "2026-01-04T06:30:00"),
        ("@monthly", "2026-01-03T00:00:00Z", "2026-02-01T00:00:00"),
        ("5/20 * * * *", "2026-01-03T00:00:00Z", "2026-01-03T00:05:00"),
    ];
    for (rule, after, expected) in cases {
        assert_eq!(local_times(&schedule(rule, "UTC", start), after, 1), [expected], "{rule}");
    }
    let never = schedule("0 0 31 feb *", "UTC", start);
    assert_eq!(never.next_after(at("2026-01-01T00:00:00Z")), None);
}

#[test]
fn what_is_no_rule_or_no_zone_is_refused_in_words() {
    for wrong in [
        "",
        "* * * *",
        "60 * * * *",
        "* * * * funday",
        "5-1 * * * *",
        "*/0 * * * *",
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYWEEKNO=1",
        "FREQ=DAILY;COUNT=1;UNTIL=20260101",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=DAILY;INTERVAL=0",
        "INTERVAL=2",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;BYSETPOS=1",
    ] {
        assert!(matches!(wrong.parse::<Rule>(), Err(ScheduleError::Rule { .. })), "{wrong}");
    }
    assert!("Mars/Olympus".parse::<Zone>().is_err());
    assert_eq!("Europe/Berlin".parse::<Zone>().unwrap().to_string(), "Europe/Berlin");
}

#[test]
fn missed_times_are_skipped_made_up_for_once_or_one_by_one() {
    let start = date(2026, 1, 1).at(8, 0, 0, 0);
    let mut daily = schedule("FREQ=DAILY", "UTC", start);
    daily.next_at = Some(at("2026-01-01T08:00:00Z"));
    let now = at("2026-01-04T08:00:30Z");
    let times = |due: &Due| due.run.iter().map(ToString::to_string).collect::<Vec<_>>();

    let due = daily.due(now);
    assert_eq!((times(&due), due.skipped), (vec!["2026-01-04T08:00:00Z".to_owned()], 3));
    assert_eq!(due.next_at, Some(at("2026-01-05T08:00:00Z")));
    let later = at("2026-01-04T12:00:00Z");
    assert_eq!((daily.due(later).run.len(), daily.due(later).skipped), (0, 4));
    daily.missed = Missed::Once;
    assert_eq!(
        (times(&daily.due(later)), daily.due(later).skipped),
        (vec!["2026-01-04T08:00:00Z".to_owned()], 3)
    );
    daily.missed = Missed::All;
    assert_eq!((daily.due(later).run.len(), daily.due(later).skipped), (4, 0));
    let far = at("2027-01-01T00:00:00Z");
    assert_eq!(daily.due(far).run.len(), 24);
    assert_eq!(
        daily.due(at("2026-01-01T07:59:59Z")),
        Due { run: vec![], skipped: 0, next_at: daily.next_at }
    );
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_reader_and_times_only_go_forward(
        text in "(FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY|HOURLY)(;BYDAY=(MO|TU,SU))?(;BYHOUR=[0-9])?)|[0-9*/, -]{0,20}",
        start in 0_i64..4_000_000_000,
    ) {
        if let Ok(rule) = text.parse::<Rule>() {
            proptest::prop_assert_eq!(rule.to_string().parse::<Rule>(), Ok(rule.clone()));
            let starts_at = date(2026, 1, 1).at(2, 30, 0, 0);
            let schedule = Schedule { rule, ..schedule("@daily", "America/New_York", starts_at) };
            let mut after = Timestamp::from_second(start).unwrap();
            for _ in 0..20 {
                let Some(next) = schedule.next_after(after) else { break };
                proptest::prop_assert!(next > after);
                after = next;
            }
        }
    }
}
