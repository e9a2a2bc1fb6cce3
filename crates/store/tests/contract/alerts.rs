use std::sync::Arc;

use domain::{
    Address, Alert, AlertDraft, AlertId, AlertKind, AlertProgress, AlertState, Confirmation, Protocol,
    Receipt, ReceiptStage, Recipient, Severity,
};
use store::{Change, Outcome, ReceiptStep, Store, StoreError};

use super::{Engine, address, at, done, is_missing, one};

pub(super) fn alert(number: u8, second: i64) -> Alert {
    Alert {
        id: AlertId::from_bytes([number; 16]),
        draft: AlertDraft {
            text: "Zeile 1\n\"Zeile\" 2".to_owned(),
            severity: Severity::Severe,
            choices: vec!["I am safe".to_owned(), "Need help".to_owned()],
            expires_at: Some(at(1_000)),
            ..AlertDraft::new(
                address("admin"),
                "everyone,group:ward".parse().unwrap(),
                format!("Fire drill {number}"),
            )
        },
        effective_at: at(second),
        state: AlertState::Sent,
        progress: AlertProgress::default(),
        signature: "e30..x".to_owned(),
    }
}

pub(super) fn person(name: &str) -> Recipient {
    Recipient::Account(address(name))
}

pub(super) fn create(alert: &Alert, recipients: &[Recipient]) -> Change {
    Change::CreateAlert { alert: Arc::new(alert.clone()), recipients: recipients.to_vec() }
}

pub(super) fn confirmation(choice: &str, second: i64) -> Confirmation {
    Confirmation {
        choice: choice.to_owned(),
        at: at(second),
        protocol: Protocol::Xmpp,
        device: "desk".to_owned(),
        source: "10.0.0.9".to_owned(),
        origin_id: Some("c3190a29".to_owned()),
    }
}

async fn advance(
    store: &dyn Store,
    alert: &Alert,
    recipient: &Recipient,
    step: ReceiptStep,
) -> (Receipt, bool) {
    let change = Change::AdvanceReceipt { alert: alert.id, recipient: recipient.clone(), step };
    match one(store, change).await {
        Ok(Outcome::Receipt { receipt, news }) => (receipt, news),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn an_alert_reads_back_with_a_pending_receipt_for_everyone_once(engine: &mut dyn Engine) {
    let store = engine.store();
    let press: Recipient = "computer:PRESS1@10.0.0.7:1139".parse().unwrap();
    let alert = alert(1, 5);
    done(&*store, create(&alert, &[press.clone(), person("bert"), person("anna"), person("bert")])).await;
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    assert_eq!(store.alert(alert.id).await, Ok(Some(alert.clone())));
    let expected = |recipients: &[Recipient]| -> Vec<Receipt> {
        let mut recipients = recipients.to_vec();
        recipients.sort_unstable();
        recipients.into_iter().map(|recipient| Receipt::pending(alert.id, recipient)).collect()
    };
    let first = [press.clone(), person("bert"), person("anna")];
    assert_eq!(store.receipts(alert.id).await, Ok(expected(&first)));

    advance(&*store, &alert, &person("bert"), ReceiptStep::Seen(at(9))).await;
    for recipient in [person("carl"), person("bert")] {
        done(&*store, Change::AddRecipient { alert: alert.id, recipient }).await;
    }
    let receipts = store.receipts(alert.id).await.unwrap();
    assert_eq!(receipts.len(), 4);
    let bert = receipts.iter().find(|receipt| receipt.recipient == person("bert")).unwrap();
    assert_eq!(bert.stage, ReceiptStage::Seen, "adding somebody again changes nothing");
}

pub(crate) async fn a_receipt_goes_forward_only_and_the_first_answer_counts(engine: &mut dyn Engine) {
    let store = engine.store();
    let (alert, anna) = (alert(1, 5), person("anna"));
    done(&*store, create(&alert, &[anna.clone(), person("bert")])).await;
    let mut expected = Receipt::pending(alert.id, anna.clone());
    let steps = [
        (ReceiptStep::Failed("not signed in".to_owned()), true),
        (ReceiptStep::Failed("not signed in".to_owned()), false),
        (ReceiptStep::Delivered(at(1)), true),
        (ReceiptStep::Delivered(at(2)), false),
        (ReceiptStep::Confirmed(confirmation("I am safe", 3)), true),
        (ReceiptStep::Seen(at(4)), false),
        (ReceiptStep::Confirmed(confirmation("Need help", 5)), false),
    ];
    for (step, news) in steps {
        match step.clone() {
            ReceiptStep::Delivered(at) => expected.deliver(at),
            ReceiptStep::Seen(at) => expected.see(at),
            ReceiptStep::Confirmed(confirmation) => expected.confirm(confirmation),
            ReceiptStep::Failed(why) => expected.fail(why),
        };
        let outcome = advance(&*store, &alert, &anna, step.clone()).await;
        assert_eq!(outcome, (expected.clone(), news), "{step:?}");
        assert_eq!(store.receipts(alert.id).await.unwrap()[0], expected, "{step:?}");
    }
    assert_eq!(expected.confirmation.unwrap().choice, "I am safe");
    assert_eq!(store.receipts(alert.id).await.unwrap()[1], Receipt::pending(alert.id, person("bert")));
}

pub(crate) async fn what_a_person_was_told_is_found_newest_first_also_when_it_is_over(
    engine: &mut dyn Engine,
) {
    let store = engine.store();
    let anna = person("anna");
    let (late, early, others) = (alert(1, 50), alert(2, 40), alert(3, 45));
    let planned = Alert { state: AlertState::Planned, ..alert(4, 60) };
    done(&*store, create(&late, std::slice::from_ref(&anna))).await;
    done(&*store, create(&early, &[anna.clone(), person("bert")])).await;
    done(&*store, create(&others, &[person("bert")])).await;
    done(&*store, create(&planned, std::slice::from_ref(&anna))).await;
    let (confirmed, _) =
        advance(&*store, &early, &anna, ReceiptStep::Confirmed(confirmation("I am safe", 41))).await;
    one(&*store, Change::ExpireAlert { alert: early.id, at: at(70) }).await.unwrap();
    let ids = async |before: Option<&Alert>, limit: usize| {
        let told = store.alerts_for(&anna, before, limit).await.unwrap();
        told.into_iter().map(|(alert, receipt)| (alert.id, receipt)).collect::<Vec<_>>()
    };
    let (first, second) = ((late.id, Receipt::pending(late.id, anna.clone())), (early.id, confirmed));
    assert_eq!(ids(None, 10).await, [first.clone(), second.clone()], "nobody was told of what is planned");
    assert_eq!(ids(None, 1).await, [first]);
    assert_eq!(ids(Some(&late), 10).await, [second]);
    assert_eq!(store.alerts_for(&person("carl"), None, 10).await, Ok(vec![]));
}

pub(crate) async fn nobody_was_told_of_what_ended_before_it_took_effect(engine: &mut dyn Engine) {
    let store = engine.store();
    let anna = person("anna");
    let announcement = |alert: Alert| {
        let draft = AlertDraft { kind: AlertKind::Announcement, ..alert.draft.clone() };
        Alert { draft, ..alert }
    };
    let first = announcement(alert(1, 5));
    done(&*store, create(&first, std::slice::from_ref(&anna))).await;
    // Its receipts may have been written when it is called off: before its time, and when that has come.
    for number in 2..=70 {
        let planned = Alert { state: AlertState::Planned, ..announcement(alert(number, 40)) };
        done(&*store, create(&planned, std::slice::from_ref(&anna))).await;
        let (alert, by) = (planned.id, address("admin"));
        let change = match number % 3 {
            0 => Change::ExpireAlert { alert, at: at(50) },
            1 => Change::CancelAlert { alert, at: at(39), by },
            _ => Change::CancelAlert { alert, at: at(41), by },
        };
        assert_eq!(one(&*store, change).await, Ok(Outcome::AlertEnded(true)));
        let ended = store.alert(alert).await.unwrap().unwrap();
        assert!(!ended.has_taken_effect() && ended.progress.never_began);
    }
    one(&*store, Change::CancelAlert { alert: first.id, at: at(6), by: address("admin") }).await.unwrap();
    let told = store.alerts_for(&anna, None, 10).await.unwrap();
    assert_eq!(told.iter().map(|(alert, _)| alert.id).collect::<Vec<_>>(), [first.id]);
    assert_eq!(store.alerts_for(&anna, Some(&first), 10).await, Ok(vec![]));
    let announced = store.announcements(None, 10).await.unwrap();
    assert_eq!(announced.iter().map(|alert| alert.id).collect::<Vec<_>>(), [first.id]);
}

pub(crate) async fn open_alerts_find_their_people_until_they_end(engine: &mut dyn Engine) {
    let store = engine.store();
    let anna = person("anna");
    let (late, early, others) = (alert(1, 50), alert(2, 40), alert(3, 45));
    done(&*store, create(&late, std::slice::from_ref(&anna))).await;
    done(&*store, create(&early, &[anna.clone(), person("bert")])).await;
    done(&*store, create(&others, &[person("bert")])).await;
    let (seen, _) = advance(&*store, &early, &anna, ReceiptStep::Seen(at(41))).await;
    let pending = Receipt::pending(late.id, anna.clone());
    let found = store.open_receipts(&anna).await;
    assert_eq!(found, Ok(vec![(early.clone(), seen), (late.clone(), pending.clone())]));

    one(&*store, Change::CancelAlert { alert: early.id, at: at(60), by: address("admin") }).await.unwrap();
    done(&*store, Change::AddRecipient { alert: early.id, recipient: person("carl") }).await;
    assert_eq!(store.open_receipts(&anna).await, Ok(vec![(late.clone(), pending)]));
    assert_eq!(store.open_receipts(&person("carl")).await, Ok(vec![]), "an ended alert reaches nobody new");
    one(&*store, Change::ExpireAlert { alert: late.id, at: at(70) }).await.unwrap();
    assert_eq!(store.open_receipts(&anna).await, Ok(vec![]));
    assert_eq!(store.receipts(early.id).await.unwrap().len(), 3, "the report stays");
}

pub(crate) async fn an_alert_ends_once_and_stays_as_it_ended(engine: &mut dyn Engine) {
    let store = engine.store();
    let (cancelled, expired) = (alert(1, 1), alert(2, 2));
    let cancel = |alert: &Alert, by: &str| {
        let by: Address = address(by);
        Change::CancelAlert { alert: alert.id, at: at(7), by }
    };
    let expire = |alert: &Alert| Change::ExpireAlert { alert: alert.id, at: at(8) };
    for alert in [&cancelled, &expired] {
        done(&*store, create(alert, &[])).await;
    }
    assert_eq!(one(&*store, cancel(&cancelled, "admin")).await, Ok(Outcome::AlertEnded(true)));
    assert_eq!(one(&*store, cancel(&cancelled, "other")).await, Ok(Outcome::AlertEnded(false)));
    assert_eq!(one(&*store, expire(&cancelled)).await, Ok(Outcome::AlertEnded(false)));
    assert_eq!(one(&*store, expire(&expired)).await, Ok(Outcome::AlertEnded(true)));
    assert_eq!(one(&*store, cancel(&expired, "admin")).await, Ok(Outcome::AlertEnded(false)));
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let state = AlertState::Cancelled { at: at(7), by: address("admin") };
    assert_eq!(store.alert(cancelled.id).await, Ok(Some(Alert { state, ..cancelled })));
    let state = AlertState::Expired { at: at(8) };
    assert_eq!(store.alert(expired.id).await, Ok(Some(Alert { state, ..expired })));
}

pub(crate) async fn alerts_come_newest_first(engine: &mut dyn Engine) {
    let store = engine.store();
    for (number, second) in [(1, 20), (2, 30), (3, 10), (4, 30)] {
        done(&*store, create(&alert(number, second), &[])).await;
    }
    one(&*store, Change::ExpireAlert { alert: alert(2, 30).id, at: at(99) }).await.unwrap();
    let ids = |alerts: Vec<Alert>| alerts.iter().map(|alert| alert.id.as_bytes()[0]).collect::<Vec<_>>();
    assert_eq!(ids(store.alerts(false, 10).await.unwrap()), [4, 2, 1, 3]);
    assert_eq!(ids(store.alerts(true, 10).await.unwrap()), [4, 1, 3]);
    assert_eq!(ids(store.alerts(false, 2).await.unwrap()), [4, 2]);
    assert_eq!(ids(store.alerts(true, 2).await.unwrap()), [4, 1]);
    let behind = async |open, number, second, limit| {
        store.alerts_before(open, alert(number, second).id, limit).await.map(ids)
    };
    assert_eq!(behind(false, 4, 30, 2).await, Ok(vec![2, 1]));
    assert_eq!(behind(true, 2, 30, 10).await, Ok(vec![1, 3]), "also behind one that is over");
    assert_eq!(behind(false, 3, 10, 10).await, Ok(vec![]));
    assert!(matches!(behind(false, 7, 10, 10).await, Err(StoreError::Missing { .. })));
    let open = async |before: Option<Alert>, limit| {
        store.alerts_in(domain::AlertPhase::Open, before.map(|alert| alert.id), limit).await.map(ids)
    };
    assert_eq!(open(None, 2).await, Ok(vec![4, 1]));
    assert_eq!(open(Some(alert(1, 20)), 2).await, Ok(vec![3]));
    assert_eq!(open(Some(alert(2, 30)), 9).await, Ok(vec![1, 3]), "also behind one that is over");
    assert!(matches!(open(Some(alert(7, 10)), 9).await, Err(StoreError::Missing { .. })));
}

pub(crate) async fn what_is_not_there_is_refused(engine: &mut dyn Engine) {
    let store = engine.store();
    let (known, unknown) = (alert(1, 1), alert(2, 2));
    done(&*store, create(&known, &[])).await;
    let again = one(&*store, create(&known, &[person("anna")])).await;
    assert!(matches!(again, Err(StoreError::Exists { .. })), "{again:?}");
    assert_eq!(store.receipts(known.id).await, Ok(vec![]));
    let step = || ReceiptStep::Delivered(at(3));
    let (alert, recipient) = (unknown.id, person("anna"));
    for change in [
        Change::AddRecipient { alert, recipient: recipient.clone() },
        Change::CancelAlert { alert, at: at(3), by: address("admin") },
        Change::ExpireAlert { alert, at: at(3) },
        Change::AdvanceReceipt { alert, recipient: recipient.clone(), step: step() },
        Change::AdvanceReceipt { alert: known.id, recipient, step: step() },
    ] {
        is_missing(&*store, change).await;
    }
    assert_eq!(store.alert(unknown.id).await, Ok(None));
    assert_eq!(store.receipts(unknown.id).await, Ok(vec![]));
}
