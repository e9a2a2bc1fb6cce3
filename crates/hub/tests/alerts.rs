//! What happens to alerts: everyone they are for gets them, and the report says what became of them.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use domain::{AlertDraft, AlertId, Presence, ReceiptStage, Severity, verify_audit_chain};
use hub::{AlertReport, AnswerMessage, Counts, HubError, Item, verify_signature};
use jiff::SignedDuration;
use testkit::{Guest, House};

async fn house() -> House {
    let house = House::open().await;
    house.add_administrator("admin").await;
    for name in ["anna", "bert"] {
        house.add(name).await;
    }
    house
}

fn draft(house: &House, audience: &str, headline: &str) -> AlertDraft {
    AlertDraft {
        severity: Severity::Severe,
        choices: vec!["Safe".to_owned(), "Help".to_owned()],
        ..AlertDraft::new(house.address("admin"), audience.parse().unwrap(), headline)
    }
}

async fn next_alert(guest: &Guest) -> AlertId {
    guest.next_that(|item| if let Item::Alert(alert) = item { Some(alert.id) } else { None }).await
}

async fn next_end(guest: &Guest) -> AlertId {
    guest.next_that(|item| if let Item::AlertEnded(alert) = item { Some(alert.id) } else { None }).await
}

fn stage(report: &AlertReport, name: &str) -> ReceiptStage {
    let row = report
        .recipients
        .iter()
        .find(|row| row.recipient.to_string() == format!("user:{name}@office.internal"));
    row.unwrap().stage
}

#[tokio::test]
async fn people_get_an_alert_answer_it_and_the_report_says_who_when_and_from_where() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let alert = house.hub.send_alert(draft(&house, "user:anna,user:bert", "Fire drill")).await.unwrap();
    assert!(verify_signature(&alert, &house.hub.signing_key().public()));
    assert_eq!(next_alert(&anna).await, alert.id);
    house.hub.alert_received(alert.id, &house.address("anna"), true).await.unwrap();
    let report = house.hub.alert_report(alert.id).await.unwrap();
    assert_eq!(stage(&report, "anna"), ReceiptStage::Seen);
    house.clock.advance(SignedDuration::from_secs(5));
    let confirmed = house.hub.answer_alert(&anna.session, " safe ", AnswerMessage::default()).await.unwrap();
    assert!(confirmed.first && confirmed.choice == "Safe");
    let again = house.hub.confirm_alert(alert.id, &anna.session, "Help").await.unwrap();
    assert!(!again.first && again.choice == "Safe");
    let report = house.hub.alert_report(alert.id).await.unwrap();
    assert_eq!(report.counts, Counts { recipients: 2, pending: 1, confirmed: 1, ..Counts::default() });
    let row = report.recipients.iter().find(|row| row.confirmation.is_some()).unwrap();
    let confirmation = row.confirmation.as_ref().unwrap();
    assert_eq!((confirmation.device.as_str(), confirmation.source.as_str()), ("desk", "10.0.0.9"));
    assert_eq!(confirmation.at, house.clock.now());
    let missing = report.recipients.iter().find(|row| row.stage == ReceiptStage::Pending).unwrap();
    assert_eq!(missing.reason.as_deref(), Some("not signed in"));
    assert_eq!(missing.unreached, Some(domain::Unreached::NotSignedIn));
}

#[tokio::test]
async fn who_signs_in_later_or_on_another_device_is_told_until_they_have_confirmed() {
    let mut house = house().await;
    let alert = house.hub.send_alert(draft(&house, "everyone", "Storm")).await.unwrap();
    house.restart().await;
    let desk = Guest::sign_in(&house, "bert", "desk").await;
    assert_eq!(next_alert(&desk).await, alert.id);
    let phone = Guest::sign_in(&house, "bert", "phone").await;
    assert_eq!(next_alert(&phone).await, alert.id);
    house.hub.answer_alert(&phone.session, "help", AnswerMessage::default()).await.unwrap();
    let tablet = Guest::sign_in(&house, "bert", "tablet").await;
    assert!(!tablet.waiting().iter().any(|(_, item)| matches!(item, Item::Alert(_))));
}

#[tokio::test]
async fn a_client_that_resumes_after_crashes_is_not_told_again_what_it_has_acknowledged() {
    let mut house = house().await;
    let mut guest = Guest::connect(&house, "anna", "desk").await;
    let mut stream = None;
    let enabled = |id| {
        stream = id;
        Item::Uncounted(bytes::Bytes::new())
    };
    house.hub.count_stanzas(&guest.session, true, enabled).await.unwrap();
    let stream = stream.unwrap();
    for headline in ["First", "Second", "Third"] {
        house.hub.set_presence(&guest.session, Presence::default()).await.unwrap();
        let alert = house.hub.send_alert(draft(&house, "user:anna", headline)).await.unwrap();
        let (number, given) = loop {
            if let (number, Item::Alert(alert)) = guest.next().await {
                break (number, alert.id);
            }
        };
        assert_eq!(given, alert.id, "{headline}");
        house.hub.acknowledge(&guest.session, number);
        house.hub.store().settled().await.unwrap();
        house.restart().await;
        let draft = Guest::draft(&house, "anna", None);
        guest = Guest::serve(house.hub.resume(draft, stream, number).await.unwrap());
    }
}

#[tokio::test]
async fn who_joins_the_audience_while_it_is_in_force_is_told_too() {
    let house = house().await;
    house.hub.add_group("test", "ward".parse().unwrap()).await.unwrap();
    house.hub.set_member("test", "ward".parse().unwrap(), "anna", true).await.unwrap();
    let alert = house.hub.send_alert(draft(&house, "group:ward", "Power")).await.unwrap();
    house.hub.set_member("test", "ward".parse().unwrap(), "bert", true).await.unwrap();
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    assert_eq!(next_alert(&bert).await, alert.id);
    assert_eq!(house.hub.alert_report(alert.id).await.unwrap().counts.recipients, 2);
}

#[tokio::test]
async fn an_answer_goes_to_the_newest_open_alert_that_offers_it() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let first = house.hub.send_alert(draft(&house, "everyone", "First")).await.unwrap();
    house.clock.advance(SignedDuration::from_secs(1));
    let second = house.hub.send_alert(draft(&house, "everyone", "Second")).await.unwrap();
    house.clock.advance(SignedDuration::from_secs(1));
    let other = AlertDraft { choices: vec!["OK".to_owned()], ..draft(&house, "everyone", "Third") };
    house.hub.send_alert(other).await.unwrap();
    let said = AnswerMessage { origin_id: Some("one"), number: None };
    for _ in 0..2 {
        let confirmed = house.hub.answer_alert(&anna.session, "safe", said).await.unwrap();
        assert_eq!((confirmed.alert.id, confirmed.first), (second.id, true), "the same message says no more");
    }
    let confirmed = house.hub.answer_alert(&anna.session, "safe", AnswerMessage::default()).await.unwrap();
    assert_eq!(confirmed.alert.id, first.id);
    let nothing = house.hub.answer_alert(&anna.session, "safe", AnswerMessage::default()).await.unwrap_err();
    assert_eq!(nothing, HubError::NothingToAnswer { answer: "safe".to_owned() });
    let wrong = house.hub.confirm_alert(first.id, &anna.session, "maybe").await.unwrap_err();
    assert!(wrong.to_string().contains("Safe, Help"), "{wrong}");
}

#[tokio::test]
async fn calling_it_off_tells_who_has_it_and_ends_answering() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let alert = house.hub.send_alert(draft(&house, "everyone", "Drill")).await.unwrap();
    next_alert(&anna).await;
    house.hub.cancel_alert(alert.id, &house.address("admin")).await.unwrap();
    assert_eq!(next_end(&anna).await, alert.id);
    let late = house.hub.confirm_alert(alert.id, &anna.session, "Safe").await.unwrap_err();
    assert_eq!(late, HubError::AlertOver { status: "cancelled".to_owned() });
    let twice = house.hub.cancel_alert(alert.id, &house.address("admin")).await.unwrap_err();
    assert_eq!(twice, HubError::AlertOver { status: "cancelled".to_owned() });
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    assert!(!bert.waiting().iter().any(|(_, item)| matches!(item, Item::Alert(_))));
}

#[tokio::test]
async fn its_time_ends_it_and_people_are_told() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let expires_at = Some(house.clock.now() + SignedDuration::from_secs(60));
    let brief = AlertDraft { expires_at, ..draft(&house, "everyone", "Brief") };
    let alert = house.hub.send_alert(brief).await.unwrap();
    next_alert(&anna).await;
    house.clock.advance(SignedDuration::from_secs(60));
    let hub = house.hub.clone();
    let ending = tokio::spawn(async move { hub.run_alerts().await });
    assert_eq!(next_end(&anna).await, alert.id);
    ending.abort();
    let report = house.hub.alert_report(alert.id).await.unwrap();
    assert_eq!(report.status.to_string(), "expired");
    // An answer counts also then, and the report says that it was late.
    house.hub.confirm_alert(alert.id, &anna.session, "Safe").await.unwrap();
    let report = house.hub.alert_report(alert.id).await.unwrap();
    assert_eq!((report.counts.confirmed, report.counts.late), (1, 1));
    let bert = report.recipients.iter().find(|row| row.stage == ReceiptStage::Pending).unwrap();
    assert_eq!(bert.reason.as_deref(), Some("not signed in until the alert was expired"));
}

#[tokio::test]
async fn only_administrators_alert_and_nobody_alerts_nobody() {
    let house = house().await;
    let by_anna = AlertDraft { issuer: house.address("anna"), ..draft(&house, "everyone", "x") };
    assert!(matches!(house.hub.send_alert(by_anna).await, Err(HubError::Refused(_))));
    let unknown = house.hub.send_alert(draft(&house, "user:nobody", "x")).await.unwrap_err();
    assert_eq!(unknown, HubError::NoAccount { name: "nobody".to_owned() });
    let group = house.hub.send_alert(draft(&house, "group:nobody", "x")).await.unwrap_err();
    assert_eq!(group, HubError::NoGroup { name: "nobody".to_owned() });
}

#[tokio::test]
async fn a_session_with_negative_priority_is_not_alerted_and_the_report_says_so() {
    let house = house().await;
    let anna = Guest::connect(&house, "anna", "desk").await;
    house.hub.set_presence(&anna.session, Presence { priority: -1, ..Presence::default() }).await.unwrap();
    let alert = house.hub.send_alert(draft(&house, "user:anna", "x")).await.unwrap();
    assert!(!anna.waiting().iter().any(|(_, item)| matches!(item, Item::Alert(_))));
    assert_eq!(house.hub.alert_report(alert.id).await.unwrap().counts.pending, 1);
}

#[tokio::test]
async fn everything_done_stands_in_a_chain_that_verifies() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let alert = house.hub.send_alert(draft(&house, "everyone", "x")).await.unwrap();
    house.hub.answer_alert(&anna.session, "Safe", AnswerMessage::default()).await.unwrap();
    house.hub.cancel_alert(alert.id, &house.address("admin")).await.unwrap();
    let records = house.hub.store().audit(0, 100).await.unwrap();
    let actions: Vec<&str> = records.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(actions, ["alert.send", "alert.start", "alert.confirm", "alert.cancel"]);
    assert_eq!(verify_audit_chain(records), Ok(4));
}
