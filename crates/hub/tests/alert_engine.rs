//! What the alert engine does by time and by other people's hands, on a clock that the tests move.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::sync::Arc;

use domain::{
    Alert, AlertDraft, AlertId, AlertStatus, Escalation, Lifetime, Missed, ReceiptStage, Refusal, Right,
    Severity, Threshold, verify_audit_log,
};
use hub::{AudienceCount, Counts, HubError, Item, NewSchedule, ReportQuery, verify_signature};
use jiff::SignedDuration;
use testkit::{Guest, House};
use tokio::task::JoinHandle;

async fn house() -> House {
    let house = House::open().await;
    for name in ["admin", "second"] {
        house.add_administrator(name).await;
    }
    for name in ["anna", "bert", "carl"] {
        house.add(name).await;
    }
    house
}

/// Runs what time brings until the house is restarted.
fn run(house: &House) -> JoinHandle<()> {
    let hub = house.hub.clone();
    tokio::spawn(async move { hub.run_alerts().await })
}

fn draft(house: &House, audience: &str, headline: &str) -> AlertDraft {
    let severity = Severity::Severe;
    AlertDraft { severity, ..AlertDraft::new(house.address("admin"), audience.parse().unwrap(), headline) }
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

async fn next_alert(guest: &Guest) -> Arc<Alert> {
    guest.next_that(|item| if let Item::Alert(alert) = item { Some(alert.clone()) } else { None }).await
}

async fn next_ended(guest: &Guest) -> Arc<Alert> {
    guest.next_that(|item| if let Item::AlertEnded(alert) = item { Some(alert.clone()) } else { None }).await
}

async fn next_again(guest: &Guest) -> u32 {
    guest
        .next_that(|item| if let Item::AlertAgain { number, .. } = item { Some(*number) } else { None })
        .await
}

fn has_alert(guest: &Guest) -> bool {
    guest.waiting().iter().any(|(_, item)| matches!(item, Item::Alert(_)))
}

async fn status(house: &House, id: AlertId) -> AlertStatus {
    house.hub.alert(id).await.unwrap().status(house.clock.now())
}

/// Waits until the store has what a condition on an alert asks for.
async fn until(house: &House, id: AlertId, wanted: impl Fn(&Alert) -> bool) -> Alert {
    let found = async {
        loop {
            let alert = house.hub.alert(id).await.unwrap();
            if wanted(&alert) {
                return alert;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), found).await.unwrap()
}

#[tokio::test]
async fn a_planned_alert_reaches_people_at_its_time_also_after_a_restart() {
    let mut house = house().await;
    let begins_at = Some(house.clock.now() + seconds(3_600));
    let planned = AlertDraft { begins_at, ..draft(&house, "user:anna", "Maintenance") };
    let alert = house.hub.send_alert(planned).await.unwrap();
    assert_eq!(status(&house, alert.id).await, AlertStatus::Planned);
    assert!(verify_signature(&alert, &house.hub.signing_key().public()));
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    assert!(!has_alert(&anna));
    house.restart().await;
    let running = run(&house);
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    assert!(!has_alert(&anna));
    house.clock.advance(seconds(3_600));
    let given = next_alert(&anna).await;
    assert_eq!(given.id, alert.id);
    assert!(verify_signature(&given, &house.hub.signing_key().public()));
    assert_eq!(given.effective_at, begins_at.unwrap());
    running.abort();
}

#[tokio::test]
async fn a_planned_alert_is_called_off_before_anybody_has_heard_of_it() {
    let house = house().await;
    let running = run(&house);
    let begins_at = Some(house.clock.now() + seconds(60));
    let alert =
        house.hub.send_alert(AlertDraft { begins_at, ..draft(&house, "user:anna", "x") }).await.unwrap();
    house.hub.cancel_alert(alert.id, &house.address("second")).await.unwrap();
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    house.clock.advance(seconds(120));
    let next = house.hub.send_alert(draft(&house, "user:anna", "next")).await.unwrap();
    assert_eq!(next_alert(&anna).await.id, next.id);
    running.abort();
}

#[tokio::test]
async fn those_who_have_not_confirmed_are_told_again_and_the_others_are_left_in_peace() {
    let mut house = house().await;
    let running = run(&house);
    let (anna, bert) = (Guest::sign_in(&house, "anna", "a").await, Guest::sign_in(&house, "bert", "b").await);
    let repeated =
        AlertDraft { repeat_seconds: Some(60), ..draft(&house, "user:anna,user:bert", "Answer me") };
    let alert = house.hub.send_alert(repeated).await.unwrap();
    next_alert(&anna).await;
    house.hub.confirm_alert(alert.id, &anna.session, "ok").await.unwrap();
    house.clock.advance(seconds(60));
    assert_eq!(next_again(&bert).await, 1);
    assert!(!anna.waiting().iter().any(|(_, item)| matches!(item, Item::AlertAgain { .. })));
    // What passed while nobody was there is not made up for.
    running.abort();
    house.restart().await;
    house.clock.advance(seconds(600));
    let running = run(&house);
    let alert = until(&house, alert.id, |alert| alert.progress.repeats == 11).await;
    let bert = Guest::sign_in(&house, "bert", "b").await;
    assert_eq!(next_alert(&bert).await.id, alert.id);
    house.clock.advance(seconds(60));
    assert_eq!(next_again(&bert).await, 12);
    running.abort();
}

#[tokio::test]
async fn more_people_are_told_level_by_level_while_too_few_have_confirmed() {
    let house = house().await;
    let running = run(&house);
    let level = |after_seconds, fewer_than: &str, audience: &str| Escalation {
        after_seconds,
        fewer_than: fewer_than.parse::<Threshold>().unwrap(),
        audience: audience.parse().unwrap(),
    };
    let escalation =
        vec![level(60, "100%", "user:bert"), level(120, "1", "user:carl"), level(180, "3", "everyone")];
    let anna = Guest::sign_in(&house, "anna", "a").await;
    let bert = Guest::sign_in(&house, "bert", "b").await;
    let carl = Guest::sign_in(&house, "carl", "c").await;
    let alert = AlertDraft { escalation, ..draft(&house, "user:anna", "Pump 2") };
    let alert = house.hub.send_alert(alert).await.unwrap();
    next_alert(&anna).await;
    assert!(!has_alert(&bert));
    house.clock.advance(seconds(60));
    assert_eq!(next_alert(&bert).await.id, alert.id);
    house.hub.confirm_alert(alert.id, &bert.session, "OK").await.unwrap();
    house.clock.advance(seconds(60));
    until(&house, alert.id, |alert| alert.progress.levels == [true, false]).await;
    assert!(!has_alert(&carl), "one has confirmed, and one is enough for the second level");
    house.clock.advance(seconds(60));
    assert_eq!(next_alert(&carl).await.id, alert.id);
    let report = house.hub.alert_report(alert.id).await.unwrap();
    assert_eq!((report.counts.recipients, report.counts.confirmed), (5, 1));
    // Who comes to an audience that was added later gets it too.
    house.add("dora").await;
    let dora = Guest::sign_in(&house, "dora", "d").await;
    assert_eq!(next_alert(&dora).await.id, alert.id);
    running.abort();
}

#[tokio::test]
async fn an_escalation_that_came_due_while_the_service_was_down_happens_once_after_it_starts() {
    let mut house = house().await;
    let level = Escalation {
        after_seconds: 60,
        fewer_than: Threshold::People(1),
        audience: "user:bert".parse().unwrap(),
    };
    let alert = AlertDraft { escalation: vec![level], ..draft(&house, "user:anna", "Pump 2") };
    let alert = house.hub.send_alert(alert).await.unwrap();
    house.restart().await;
    house.clock.advance(seconds(61));
    for _ in 0..2 {
        let running = run(&house);
        until(&house, alert.id, |alert| alert.progress.levels == [true]).await;
        running.abort();
        house.restart().await;
    }
    let bert = Guest::sign_in(&house, "bert", "b").await;
    assert_eq!(next_alert(&bert).await.id, alert.id);
    let records = house.hub.store().audit(0, 100).await.unwrap();
    assert_eq!(records.iter().filter(|record| record.action == "alert.escalate").count(), 1);
}

#[tokio::test]
async fn a_newer_alert_takes_the_place_of_an_older_one_and_people_see_it() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "a").await;
    let old = house.hub.send_alert(draft(&house, "user:anna", "Meet at gate 1")).await.unwrap();
    next_alert(&anna).await;
    let new = AlertDraft { updates: Some(old.id), ..draft(&house, "user:anna", "Meet at gate 2") };
    let new = house.hub.send_alert(new).await.unwrap();
    let ended = next_ended(&anna).await;
    assert_eq!((ended.id, ended.status(house.clock.now())), (old.id, AlertStatus::Superseded));
    assert_eq!(next_alert(&anna).await.id, new.id);
    let late = house.hub.confirm_alert(old.id, &anna.session, "OK").await.unwrap_err();
    assert_eq!(late, HubError::AlertOver { status: "superseded".to_owned() });
    let twice = AlertDraft { updates: Some(old.id), ..draft(&house, "user:anna", "x") };
    assert!(matches!(house.hub.send_alert(twice).await, Err(HubError::AlertOver { .. })));
}

#[tokio::test]
async fn an_extreme_alert_waits_until_somebody_else_releases_it() {
    let mut house = house().await;
    let anna = Guest::sign_in(&house, "anna", "a").await;
    let extreme = AlertDraft { severity: Severity::Extreme, ..draft(&house, "user:anna", "Evacuate") };
    let alert = house.hub.send_alert(extreme.clone()).await.unwrap();
    assert_eq!(status(&house, alert.id).await, AlertStatus::Waiting);
    assert!(!has_alert(&anna) && alert.signature.is_empty());
    let own = house.hub.release_alert(alert.id, &house.address("admin")).await.unwrap_err();
    assert_eq!(own, HubError::Refused(Refusal::OwnRelease));
    assert!(house.hub.release_alert(alert.id, &house.address("bert")).await.is_err());
    house.restart().await;
    let anna = Guest::sign_in(&house, "anna", "a").await;
    let released = house.hub.release_alert(alert.id, &house.address("second")).await.unwrap();
    assert!(verify_signature(&released, &house.hub.signing_key().public()));
    assert_eq!(next_alert(&anna).await.id, alert.id);
    let again = house.hub.release_alert(alert.id, &house.address("second")).await.unwrap_err();
    assert_eq!(again, HubError::NotWaiting { status: "in force".to_owned() });
    // Who wants to look at it first needs nobody for that.
    let test = house.hub.send_alert(AlertDraft { test: true, ..extreme }).await.unwrap();
    assert_eq!(status(&house, test.id).await, AlertStatus::InForce);
    assert!(!has_alert(&anna));
}

#[tokio::test]
async fn a_draft_is_changed_until_it_is_sent_and_reaches_nobody_before() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "a").await;
    let saved = house.hub.save_draft(draft(&house, "user:anna", "Frist")).await.unwrap();
    house.hub.change_draft(saved.id, draft(&house, "user:anna", "First")).await.unwrap();
    assert!(!has_alert(&anna));
    let sent = house.hub.send_draft(saved.id, &house.address("second")).await.unwrap();
    assert_eq!((sent.id, sent.draft.headline.as_str()), (saved.id, "First"));
    let given = next_alert(&anna).await;
    assert_eq!(given.draft.issuer, house.address("second"));
    assert!(verify_signature(&given, &house.hub.signing_key().public()));
    let late = house.hub.change_draft(saved.id, draft(&house, "user:anna", "x")).await.unwrap_err();
    assert_eq!(late, HubError::NotDraft { status: "in force".to_owned() });
    let other = house.hub.save_draft(draft(&house, "everyone", "Never")).await.unwrap();
    house.hub.delete_draft(other.id, &house.address("admin")).await.unwrap();
    assert!(matches!(house.hub.alert(other.id).await, Err(HubError::NoAlert { .. })));
}

#[tokio::test]
async fn the_same_key_of_the_same_issuer_is_the_same_alert() {
    let mut house = house().await;
    let keyed = AlertDraft { key: Some("job 7".to_owned()), ..draft(&house, "user:anna", "Disk full") };
    let first = house.hub.send_alert(keyed.clone()).await.unwrap();
    house.restart().await;
    let again = house.hub.send_alert(keyed.clone()).await.unwrap();
    assert_eq!(again.id, first.id);
    let both = tokio::join!(
        house.hub.send_alert(AlertDraft { key: Some("job 8".to_owned()), ..keyed.clone() }),
        house.hub.send_alert(AlertDraft { key: Some("job 8".to_owned()), ..keyed.clone() })
    );
    assert_eq!(both.0.unwrap().id, both.1.unwrap().id);
    let other = AlertDraft { issuer: house.address("second"), ..keyed };
    assert_ne!(house.hub.send_alert(other).await.unwrap().id, first.id);
}

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

#[tokio::test]
async fn a_publisher_sends_to_the_audience_that_was_granted_and_to_nobody_else() {
    let mut house = house().await;
    house.hub.add_group("test", "ward".parse().unwrap()).await.unwrap();
    for name in ["anna", "bert"] {
        house.hub.set_member("test", "ward".parse().unwrap(), name, true).await.unwrap();
    }
    let right: Right = "publish:group:ward:severe".parse().unwrap();
    house.hub.grant("test", "carl", right.clone()).await.unwrap();
    house.restart().await;
    let by_carl =
        |audience: &str| AlertDraft { issuer: house.address("carl"), ..draft(&house, audience, "x") };
    house.hub.send_alert(by_carl("group:ward")).await.unwrap();
    house.hub.send_alert(by_carl("user:bert")).await.unwrap();
    let outside = house.hub.send_alert(by_carl("everyone")).await.unwrap_err();
    assert_eq!(outside, HubError::Refused(Refusal::OutsideAudience));
    let level = Escalation {
        after_seconds: 60,
        fewer_than: Threshold::People(1),
        audience: "user:admin".parse().unwrap(),
    };
    let roundabout = AlertDraft { escalation: vec![level], ..by_carl("user:anna") };
    assert_eq!(house.hub.send_alert(roundabout).await, Err(HubError::Refused(Refusal::OutsideAudience)));
    let everyones = house.hub.send_alert(draft(&house, "everyone", "For all")).await.unwrap();
    let replacing = AlertDraft { updates: Some(everyones.id), ..by_carl("user:anna") };
    assert_eq!(house.hub.send_alert(replacing).await, Err(HubError::Refused(Refusal::NotAdministrator)));
    let extreme = AlertDraft { severity: Severity::Extreme, ..by_carl("user:anna") };
    assert_eq!(house.hub.send_alert(extreme).await, Err(HubError::Refused(Refusal::TooSevere)));
    house.hub.revoke("test", "carl", &right).await.unwrap();
    assert!(house.hub.send_alert(by_carl("user:anna")).await.is_err());
}

#[tokio::test]
async fn the_service_itself_may_tell_people_something() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let by_service =
        AlertDraft { issuer: house.address(hub::ALERTS_NAME), ..draft(&house, "user:anna", "Password") };
    let alert = house.hub.send_alert(by_service).await.unwrap();
    assert_eq!(next_alert(&anna).await.id, alert.id);
}

#[tokio::test]
async fn an_answer_on_one_device_ends_the_question_on_the_others() {
    let house = house().await;
    let (desk, phone) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "anna", "phone").await);
    let bert = Guest::sign_in(&house, "bert", "b").await;
    let alert = house.hub.send_alert(draft(&house, "everyone", "Storm")).await.unwrap();
    for guest in [&desk, &phone, &bert] {
        next_alert(guest).await;
    }
    house.hub.confirm_alert(alert.id, &phone.session, "OK").await.unwrap();
    let answered = desk.next_that(|item| match item {
        Item::AlertAnswered { choice, device, .. } => Some((choice.to_string(), device.to_string())),
        _ => None,
    });
    assert_eq!(answered.await, ("OK".to_owned(), "phone".to_owned()));
    for guest in [&phone, &bert] {
        assert!(!guest.waiting().iter().any(|(_, item)| matches!(item, Item::AlertAnswered { .. })));
    }
}

#[tokio::test]
async fn what_is_only_for_now_reaches_those_who_are_here_and_nobody_later() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let now = AlertDraft { lifetime: Lifetime::NowOnly, ..draft(&house, "everyone", "Cake in the kitchen") };
    let alert = house.hub.send_alert(now).await.unwrap();
    next_alert(&anna).await;
    house.clock.advance(seconds(1));
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    assert!(!has_alert(&bert));
    let report = house.hub.alert_report(alert.id).await.unwrap();
    let bert = report.recipients.iter().find(|row| row.recipient.to_string().contains("bert")).unwrap();
    assert_eq!(bert.reason.as_deref(), Some("not signed in when it was sent"));

    let every = AlertDraft {
        lifetime: Lifetime::EverySignIn,
        must_confirm: false,
        ..draft(&house, "user:carl", "Wear your badge")
    };
    let every = house.hub.send_alert(every).await.unwrap();
    for device in ["one", "two"] {
        let carl = Guest::sign_in(&house, "carl", device).await;
        assert_eq!(next_alert(&carl).await.id, every.id);
        house.hub.alert_received(every.id, &house.address("carl"), true).await.unwrap();
    }
}

#[tokio::test]
async fn an_audience_is_counted_by_expression_and_by_network() {
    let house = house().await;
    let _anna = Guest::sign_in(&house, "anna", "desk").await;
    let count = async |text: &str| house.hub.count_audience(&text.parse().unwrap()).await.unwrap();
    let of = |people, reachable, computers| AudienceCount { people, reachable, computers };
    assert_eq!(count("everyone").await, of(5, 1, 0));
    assert_eq!(count("everyone!(user:admin,user:second)").await, of(3, 1, 0));
    assert_eq!(count("everyone&address:10.0.0.0/24").await, of(1, 1, 0));
    assert_eq!(count("address:10.0.1.0/24,computer:PRESS1@10.0.0.7").await, of(0, 0, 1));
    let wrong = house.hub.count_audience(&"everyone!user:nobody".parse().unwrap()).await.unwrap_err();
    assert_eq!(wrong, HubError::NoAccount { name: "nobody".to_owned() });
}

#[tokio::test]
async fn a_large_alert_is_prepared_in_pieces_and_takes_effect_whole() {
    let mut house = house().await;
    let names: Vec<String> = (0..1_200).map(|number| format!("p{number:04}")).collect();
    house.add_many(&names).await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let alert = house.hub.send_alert(draft(&house, "everyone", "Storm")).await.unwrap();
    assert_eq!(alert.status(house.clock.now()), AlertStatus::InForce);
    assert_eq!(next_alert(&anna).await.id, alert.id);
    let query = ReportQuery { limit: 1_000, ..ReportQuery::default() };
    let page = house.hub.alert_report_page(alert.id, query).await.unwrap();
    assert_eq!(page.report.counts.recipients, 1_205);
    assert_eq!(page.report.recipients.len(), 1_000);
    let rest = ReportQuery { after: page.next, limit: 1_000, ..ReportQuery::default() };
    let rest = house.hub.alert_report_page(alert.id, rest).await.unwrap();
    assert_eq!((rest.report.recipients.len(), rest.next), (205, None));
    house.restart().await;
    let late = Guest::sign_in(&house, "p1100", "desk").await;
    assert_eq!(next_alert(&late).await.id, alert.id);
}

#[tokio::test]
async fn keys_are_rotated_and_what_the_old_one_signed_still_verifies() {
    struct Kept(parking_lot::Mutex<Vec<[u8; 32]>>);
    impl hub::KeyFile for Kept {
        fn add(&self, secret: &[u8; 32], _: jiff::Timestamp) -> std::io::Result<()> {
            self.0.lock().push(*secret);
            Ok(())
        }
    }
    let house = house().await;
    let kept = Arc::new(Kept(parking_lot::Mutex::default()));
    assert!(house.hub.rotate_alert_key("test").await.is_err(), "a key that is kept nowhere is not used");
    house.hub.set_key_file(kept.clone());
    let old = house.hub.send_alert(draft(&house, "user:anna", "Old")).await.unwrap();
    let kid = house.hub.rotate_alert_key("test").await.unwrap();
    let new = house.hub.send_alert(draft(&house, "user:anna", "New")).await.unwrap();
    let keys = house.hub.public_keys();
    assert_eq!((keys.len(), keys[1].kid.as_str(), kept.0.lock().len()), (2, kid.as_str(), 1));
    let verifies = |alert: &Alert, key: usize| verify_signature(alert, &keys[key].bytes().unwrap());
    assert!(verifies(&old, 0) && !verifies(&old, 1) && verifies(&new, 1) && !verifies(&new, 0));

    house.hub.sign_audit_head().await.unwrap();
    let heads = house.hub.store().audit_heads().await.unwrap();
    assert_eq!(heads.len(), 2);
    let mut records = house.hub.store().audit(0, 100).await.unwrap();
    let signed = |head: &domain::AuditHead| house.hub.is_head_signed(head);
    assert_eq!(verify_audit_log(records.clone(), &heads, signed), Ok(records.len() as u64));
    records.pop();
    assert!(verify_audit_log(records, &heads, signed).is_err(), "the end is missing");
}

#[tokio::test]
async fn announcements_stay_on_the_board_when_they_are_over_and_are_found_by_their_words() {
    let house = house().await;
    let announce = |audience: &str, headline: &str, text: &str| AlertDraft {
        kind: domain::AlertKind::Announcement,
        must_confirm: false,
        text: text.to_owned(),
        ..draft(&house, audience, headline)
    };
    let first =
        house.hub.send_alert(announce("everyone", "New canteen", "*Paella* on Fridays")).await.unwrap();
    house.clock.advance(seconds(1));
    house.hub.send_alert(announce("user:bert", "Keys", "Bring them back")).await.unwrap();
    house.hub.cancel_alert(first.id, &house.address("admin")).await.unwrap();
    let found = async |reader: Option<&str>, words: &str| {
        let reader = reader.map(|name| house.address(name));
        let notices = house.hub.notices(reader.as_ref(), words, None, 10).await.unwrap();
        notices.into_iter().map(|notice| (notice.alert.draft.headline, notice.seen)).collect::<Vec<_>>()
    };
    assert_eq!(found(None, "").await.len(), 2);
    assert_eq!(found(Some("anna"), "").await, [("New canteen".to_owned(), Some(false))]);
    house.hub.alert_received(first.id, &house.address("anna"), true).await.unwrap();
    assert_eq!(found(Some("anna"), "PAELLA new").await, [("New canteen".to_owned(), Some(true))]);
    assert_eq!(found(None, "pizza").await, []);
}

#[tokio::test]
async fn confirmations_that_come_at_once_are_all_recorded() {
    let house = house().await;
    let names: Vec<String> = (0..300).map(|number| format!("p{number:04}")).collect();
    house.add_many(&names).await;
    let alert = house.hub.send_alert(draft(&house, "everyone", "Storm")).await.unwrap();
    let mut confirming = tokio::task::JoinSet::new();
    for name in &names {
        let session = house.hub.open_session(Guest::draft(&house, name, Some("desk"))).await.unwrap();
        let (hub, id) = (house.hub.clone(), alert.id);
        confirming.spawn(async move { hub.confirm_alert(id, &session, "OK").await.unwrap().first });
    }
    assert!(confirming.join_all().await.into_iter().all(|first| first));
    let counts = house.hub.alert_report(alert.id).await.unwrap().counts;
    assert_eq!(counts, Counts { recipients: 305, pending: 5, confirmed: 300, ..Counts::default() });
    let report = house.hub.alert_report(alert.id).await.unwrap();
    let confirmed = report.recipients.iter().filter(|row| row.stage == ReceiptStage::Confirmed);
    assert!(confirmed.into_iter().all(|row| row.confirmation.as_ref().unwrap().source == "10.0.0.9"));
}

#[tokio::test]
async fn who_is_erased_is_in_no_report_and_no_record_and_everything_still_verifies() {
    let mut house = house().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let alert = house.hub.send_alert(draft(&house, "user:anna,user:bert", "Storm")).await.unwrap();
    house.hub.confirm_alert(alert.id, &anna.session, "OK").await.unwrap();
    house.hub.sign_audit_head().await.unwrap();
    let mut kinds = Vec::new();
    let mut take = |kept: hub::Kept| {
        kinds.push(serde_json::to_value(&kept).unwrap()["kind"].as_str().unwrap().to_owned());
        true
    };
    house.hub.export_account("test", "anna", &mut take).await.unwrap();
    assert_eq!(
        kinds,
        ["account", "receipt", "audit", "audit"],
        "the confirmation, and that it was asked for"
    );

    let pseudonym = house.hub.erase_account("test", "anna").await.unwrap();
    house.restart().await;
    assert!(house.hub.account_named("anna").is_err());
    let report = house.hub.alert_report(alert.id).await.unwrap();
    let names: Vec<String> = report.recipients.iter().map(|row| row.recipient.to_string()).collect();
    assert!(names.contains(&format!("user:{pseudonym}")) && !names.iter().any(|name| name.contains("anna")));
    assert_eq!(report.counts.confirmed, 1);
    assert!(verify_signature(&report.alert, &house.hub.signing_key().public()));
    let records = house.hub.store().audit(0, 100).await.unwrap();
    assert!(!serde_json::to_string(&records).unwrap().contains("anna@"));
    let heads = house.hub.store().audit_heads().await.unwrap();
    let verdict = verify_audit_log(records.clone(), &heads, |head| house.hub.is_head_signed(head));
    assert_eq!(verdict, Ok(records.len() as u64));
}

/// Waits until everything that is due is done; all alerts.
async fn nothing_due(house: &House) -> Vec<Alert> {
    let done = async {
        loop {
            let (alerts, now) = (house.hub.store().alerts(false, 1_000).await.unwrap(), house.clock.now());
            let due = alerts.iter().any(|alert| alert.next_step().is_some_and(|(at, _)| at <= now));
            if !due && house.hub.schedules().iter().all(|schedule| schedule.next_at.unwrap() > now) {
                return alerts;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), done).await.unwrap()
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
    for step in 0..HOURS * 6 {
        let running = run(&house);
        house.clock.advance(seconds(600));
        let random = u8::from_be_bytes(house.hub.environment().random());
        for _ in 0..random {
            tokio::task::yield_now().await;
        }
        if step % 3 == 0 {
            running.abort();
            house.restart().await;
        } else {
            nothing_due(&house).await;
            running.abort();
        }
    }
    // Whatever was interrupted is done after the last start.
    let running = run(&house);
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
