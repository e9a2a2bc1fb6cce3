//! Schedules, and crashes at any moment.

use domain::{AlertDraft, Escalation, Missed, Threshold};
use hub::{NewSchedule, verify_signature};
use testkit::Guest;

use super::{draft, house, next_alert, nothing_due, run, seconds};

#[tokio::test]
async fn a_schedule_sends_at_its_times_once_each_whatever_happens_between() {
    let mut house = house().await;
    let new = NewSchedule {
        name: "siren".parse().unwrap(),
        draft: draft(&house, "user:anna", "Test of the siren"),
        expires_after_seconds: Some(600),
        // The house opens at eight in the morning, UTC.
        rule: "0 9 * * *".parse().unwrap(),
        starts_at: None,
        zone: "UTC".parse().unwrap(),
        missed: Missed::Skip,
    };
    let by = house.address("admin");
    house.hub.put_schedule(&by, new.clone()).await.unwrap();
    let running = run(&house);
    let anna = Guest::sign_in(&house, "anna", "a").await;
    house.clock.advance(seconds(3_600));
    let first = next_alert(&anna).await;
    assert_eq!(first.draft.expires_at, Some(first.effective_at + seconds(600)));
    assert!(verify_signature(&first, &house.hub.signing_key().public()));
    for _ in 0..2 {
        running.abort();
        house.restart().await;
        let running = run(&house);
        let schedule = house.hub.schedules().remove(0);
        assert_eq!(schedule.next_at.unwrap(), first.effective_at + seconds(86_400));
        running.abort();
    }
    assert_eq!(house.hub.store().alerts(false, 10).await.unwrap().len(), 1);

    // Two days pass while nothing runs: they are skipped, and the third is sent.
    house.clock.advance(seconds(2 * 86_400 + 60));
    let running = run(&house);
    house.clock.advance(seconds(86_400 - 60));
    let anna = Guest::sign_in(&house, "anna", "a").await;
    let next = next_alert(&anna).await;
    assert_eq!(next.effective_at, first.effective_at + seconds(3 * 86_400));
    house.hub.pause_schedule(&by, &new.name, true).await.unwrap();
    house.clock.advance(seconds(86_400));
    house.hub.pause_schedule(&by, &new.name, false).await.unwrap();
    let schedule = house.hub.schedules().remove(0);
    assert!(schedule.next_at.unwrap() > house.clock.now());
    house.hub.remove_schedule(&by, &new.name).await.unwrap();
    assert!(house.hub.schedules().is_empty());
    running.abort();
}

#[tokio::test]
async fn a_schedule_whose_issuer_may_no_longer_send_stops_and_says_why() {
    let house = house().await;
    let new = NewSchedule {
        name: "siren".parse().unwrap(),
        draft: draft(&house, "everyone", "x"),
        expires_after_seconds: None,
        rule: "FREQ=HOURLY".parse().unwrap(),
        starts_at: None,
        zone: "UTC".parse().unwrap(),
        missed: Missed::Skip,
    };
    house.hub.put_schedule(&house.address("admin"), new).await.unwrap();
    house.hub.set_administrator("test", "admin", false).await.unwrap();
    let running = run(&house);
    house.clock.advance(seconds(3_600));
    let paused = async {
        while !house.hub.schedules()[0].paused {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), paused).await.unwrap();
    assert!(house.hub.schedules()[0].note.as_ref().unwrap().contains("administrators"));
    assert!(house.hub.store().alerts(false, 10).await.unwrap().is_empty());
    running.abort();
}

/// The process dies at a moment that chance chooses, again and again, while a schedule, its alerts, their escalation
/// and their end are under way.
#[tokio::test]
async fn a_crash_at_any_moment_loses_and_doubles_no_occurrence_and_no_escalation() {
    const HOURS: i64 = 20;
    let mut house = house().await;
    let level = Escalation {
        after_seconds: 600,
        fewer_than: Threshold::People(1),
        audience: "user:bert".parse().unwrap(),
    };
    let new = NewSchedule {
        name: "hourly".parse().unwrap(),
        draft: AlertDraft { escalation: vec![level], ..draft(&house, "user:anna", "Round") },
        expires_after_seconds: Some(7_200),
        rule: "0 * * * *".parse().unwrap(),
        starts_at: None,
        zone: "UTC".parse().unwrap(),
        missed: Missed::All,
    };
    house.hub.put_schedule(&house.address("admin"), new).await.unwrap();
    let mut running = run(&house);
    for step in 0..HOURS * 6 {
        house.clock.advance(seconds(600));
        let random = u8::from_be_bytes(house.hub.environment().random());
        for _ in 0..random {
            tokio::task::yield_now().await;
        }
        if step % 3 == 0 {
            running.abort();
            house.restart().await;
            running = run(&house);
        } else {
            nothing_due(&house).await;
        }
    }
    // Whatever was interrupted is done after the last start.
    let alerts = nothing_due(&house).await;
    let mut times: Vec<_> = alerts.iter().map(|alert| alert.effective_at).collect();
    times.sort_unstable();
    times.dedup();
    assert_eq!(times.len(), alerts.len(), "no occurrence came twice");
    let records = house.hub.store().audit(0, 10_000).await.unwrap();
    let skipped = records.iter().filter(|record| record.action == "schedule.skip").count();
    assert_eq!((alerts.len() as i64, skipped), (HOURS, 0), "every hour has its alert");
    for action in ["alert.send", "alert.start", "alert.escalate", "alert.expire"] {
        let subjects: Vec<&String> = records
            .iter()
            .filter(|record| record.action == action)
            .filter_map(|record| Some(&record.personal.as_ref()?.subject))
            .collect();
        let mut once = subjects.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), subjects.len(), "{action} happened twice to an alert");
    }
    running.abort();
}
