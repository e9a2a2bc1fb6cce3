//! What time brings to an alert.

use domain::{
    AlertDraft, AlertError, AlertState, AlertStatus, Escalation, Lifetime, Refusal, Right, Threshold,
};
use hub::{HubError, Item, verify_signature};
use testkit::Guest;

use super::{draft, has_alert, house, next_again, next_alert, run, seconds, status, until};

#[tokio::test]
async fn a_planned_alert_reaches_people_at_its_time_also_after_a_restart() {
    let mut house = house().await;
    let begins_at = house.clock.now() + seconds(3_600);
    let planned = AlertDraft { begins_at: Some(begins_at), ..draft(&house, "user:anna", "Maintenance") };
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
    assert_eq!(given.effective_at, begins_at);
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
async fn an_issuer_tells_those_again_who_have_not_confirmed_and_nobody_else_does() {
    let house = house().await;
    let (anna, bert) = (Guest::sign_in(&house, "anna", "a").await, Guest::sign_in(&house, "bert", "b").await);
    let alert = house.hub.send_alert(draft(&house, "user:anna,user:bert", "Answer me")).await.unwrap();
    next_alert(&anna).await;
    next_alert(&bert).await;
    house.hub.confirm_alert(alert.id, &anna.session, "ok").await.unwrap();
    assert!(house.hub.say_alert_again(alert.id, &house.address("bert")).await.is_err());
    house.hub.say_alert_again(alert.id, &alert.draft.issuer).await.unwrap();
    assert_eq!(next_again(&bert).await, 1);
    assert!(!anna.waiting().iter().any(|(_, item)| matches!(item, Item::AlertAgain { .. })));
    house.hub.cancel_alert(alert.id, &alert.draft.issuer).await.unwrap();
    assert!(house.hub.say_alert_again(alert.id, &alert.draft.issuer).await.is_err());
}

#[tokio::test]
async fn repetitions_by_hand_and_by_time_have_numbers_of_their_own_and_a_while_between_them() {
    let house = house().await;
    let running = run(&house);
    let bert = Guest::sign_in(&house, "bert", "b").await;
    let repeated = AlertDraft { repeat_seconds: Some(60), ..draft(&house, "user:bert", "Answer me") };
    let alert = house.hub.send_alert(repeated).await.unwrap();
    let again = async || house.hub.say_alert_again(alert.id, &alert.draft.issuer).await;
    again().await.unwrap();
    assert_eq!(next_again(&bert).await, 1);
    assert_eq!(again().await, Err(HubError::SaidJustNow));
    house.clock.advance(seconds(60));
    assert_eq!(next_again(&bert).await, 2);
    house.clock.advance(seconds(29));
    assert_eq!(again().await, Err(HubError::SaidJustNow), "also after one that came by itself");
    house.clock.advance(seconds(1));
    again().await.unwrap();
    assert_eq!(next_again(&bert).await, 3);
    let progress = house.hub.alert(alert.id).await.unwrap().progress;
    assert_eq!((progress.repeats, progress.said_again), (1, 2));
    running.abort();
    let quiet = AlertDraft { must_confirm: false, ..draft(&house, "user:bert", "For your information") };
    let quiet = house.hub.send_alert(quiet).await.unwrap();
    let refused = house.hub.say_alert_again(quiet.id, &quiet.draft.issuer).await;
    assert!(matches!(refused, Err(HubError::Alert(AlertError::Repeat { .. }))), "{refused:?}");
}

#[tokio::test]
async fn an_issuer_who_may_not_send_it_any_more_does_not_say_it_again_and_an_administrator_does() {
    let house = house().await;
    let (carl, right) = (house.address("carl"), "publish:user:bert".parse().unwrap());
    house.hub.grant("test", "carl", right).await.unwrap();
    let by_carl = AlertDraft { issuer: carl.clone(), ..draft(&house, "user:bert", "Answer me") };
    let alert = house.hub.send_alert(by_carl).await.unwrap();
    let bert = Guest::sign_in(&house, "bert", "b").await;
    house.hub.revoke("test", "carl", &"publish:user:bert".parse().unwrap()).await.unwrap();
    let refused = house.hub.say_alert_again(alert.id, &carl).await;
    assert!(matches!(refused, Err(HubError::Refused(_))), "{refused:?}");
    house.hub.grant("test", "carl", "publish:user:anna".parse().unwrap()).await.unwrap();
    let outside = house.hub.say_alert_again(alert.id, &carl).await;
    assert_eq!(outside, Err(HubError::Refused(Refusal::OutsideAudience)));
    house.hub.say_alert_again(alert.id, &house.address("admin")).await.unwrap();
    assert_eq!(next_again(&bert).await, 1);
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
    house.hub.confirm_alert(alert.id, &anna.session, "OK").await.unwrap();
    house.hub.confirm_alert(alert.id, &carl.session, "OK").await.unwrap();
    let report = house.hub.alert_report(alert.id).await.unwrap();
    assert_eq!((report.counts.confirmed, report.counts.late), (3, 1));
    let late = report.recipients.iter().filter(|row| row.late).map(|row| row.recipient.to_string());
    let expected = format!("user:{}", house.address("anna"));
    assert_eq!(late.collect::<Vec<_>>(), [expected], "the others were told by the level before their answer");
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
async fn an_alert_does_not_go_on_without_its_issuers_right_and_administrators_are_told() {
    let house = house().await;
    let running = run(&house);
    let right: Right = "publish:everyone".parse().unwrap();
    house.hub.grant("test", "carl", right.clone()).await.unwrap();
    let by_carl =
        |headline: &str| AlertDraft { issuer: house.address("carl"), ..draft(&house, "user:anna", headline) };
    let begins_at = Some(house.clock.now() + seconds(60));
    let planned = AlertDraft { begins_at, ..by_carl("Planned") };
    let planned = house.hub.send_alert(planned).await.unwrap();
    let level = Escalation {
        after_seconds: 60,
        fewer_than: Threshold::People(1),
        audience: "user:bert".parse().unwrap(),
    };
    let escalating = AlertDraft { escalation: vec![level], repeat_seconds: Some(60), ..by_carl("In force") };
    let escalating = house.hub.send_alert(escalating).await.unwrap();
    house.hub.revoke("test", "carl", &right).await.unwrap();
    let anna = Guest::sign_in(&house, "anna", "a").await;
    assert_eq!(next_alert(&anna).await.id, escalating.id);
    let admin = Guest::sign_in(&house, "admin", "a").await;
    house.clock.advance(seconds(60));
    let told = [next_alert(&admin).await, next_alert(&admin).await];
    for held in [&planned, &escalating] {
        assert!(told.iter().any(|told| told.draft.text.contains(&held.id.to_string())));
    }
    until(&house, planned.id, |alert| alert.state == AlertState::Waiting).await;
    until(&house, escalating.id, |alert| alert.progress.levels == [false] && alert.progress.repeats == 1)
        .await;
    let bert = Guest::sign_in(&house, "bert", "b").await;
    assert!(!has_alert(&anna) && !has_alert(&bert));
    assert!(!anna.waiting().iter().any(|(_, item)| matches!(item, Item::AlertAgain { .. })));
    running.abort();
}
