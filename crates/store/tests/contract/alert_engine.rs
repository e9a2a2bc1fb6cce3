//! What the alert engine keeps: phases, progress, keys, pages of receipts, schedules, signed ends of the log.

use std::sync::Arc;

use domain::{
    Alert, AlertDraft, AlertKind, AlertPhase, AlertProgress, AlertState, AuditHead, Missed, Receipt,
    Recipient, Schedule, Template, Zone, verify_audit_chain,
};
use jiff::civil::date;
use store::{AlertChange, Change, Outcome, ReceiptCounts, ReceiptQuery, ReceiptStep, Store, StoreError};

use super::{
    Engine, address,
    alerts::{alert, confirmation, create, person},
    at, audit, done, is_missing, one,
};

fn in_state(state: AlertState, number: u8) -> Alert {
    Alert { state, ..alert(number, i64::from(number)) }
}

async fn changed(store: &dyn Store, change: AlertChange) -> bool {
    match one(store, Change::Alert(change)).await {
        Ok(Outcome::AlertChanged(changed)) => changed,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn an_alert_goes_from_phase_to_phase_and_no_step_is_taken_twice(engine: &mut dyn Engine) {
    let store = engine.store();
    let draft = in_state(AlertState::Draft, 1);
    done(&*store, create(&draft, &[])).await;
    let planned = Arc::new(Alert { state: AlertState::Planned, ..draft.clone() });
    let plan = || AlertChange::Replace { alert: planned.clone(), from: AlertPhase::Draft };
    assert!(changed(&*store, plan()).await);
    assert!(!changed(&*store, plan()).await, "it is no draft any more");
    assert!(!changed(&*store, AlertChange::DeleteDraft { alert: draft.id }).await);
    let add = AlertChange::AddRecipients {
        level: 0,
        alert: draft.id,
        recipients: vec![person("anna"), person("bert")],
    };
    done(&*store, Change::Alert(add.clone())).await;
    done(&*store, Change::Alert(add)).await;
    assert_eq!(store.open_receipts(&person("anna")).await, Ok(vec![]), "it is not in force");
    assert_eq!(store.alerts_in(AlertPhase::Planned, None, 9).await, Ok(vec![(*planned).clone()]));

    let progress = AlertProgress { repeats: 3, levels: vec![true, false], ..AlertProgress::default() };
    let advance = || AlertChange::Advance { alert: draft.id, progress: progress.clone() };
    assert!(!changed(&*store, advance()).await, "nothing is done with what is not in force");
    let open = Arc::new(Alert { state: AlertState::Sent, ..(*planned).clone() });
    assert!(changed(&*store, AlertChange::Replace { alert: open.clone(), from: AlertPhase::Planned }).await);
    assert!(changed(&*store, advance()).await);
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let expected = Alert { progress, ..(*open).clone() };
    let pending = Receipt::pending(draft.id, person("anna"));
    assert_eq!(store.open_receipts(&person("anna")).await, Ok(vec![(expected.clone(), pending)]));
    assert_eq!(store.alerts(true, 9).await, Ok(vec![expected.clone()]));

    let by = alert(9, 9).id;
    let supersede = || Change::Alert(AlertChange::Supersede { alert: draft.id, at: at(50), by });
    assert_eq!(one(&*store, supersede()).await, Ok(Outcome::AlertEnded(true)));
    assert_eq!(one(&*store, supersede()).await, Ok(Outcome::AlertEnded(false)));
    let state = AlertState::Superseded { at: at(50), by };
    assert_eq!(store.alert(draft.id).await, Ok(Some(Alert { state, ..expected })));
    assert_eq!(store.open_receipts(&person("anna")).await, Ok(vec![]));
}

pub(crate) async fn a_draft_is_deleted_and_nothing_else_is(engine: &mut dyn Engine) {
    let store = engine.store();
    let (draft, open) = (in_state(AlertState::Draft, 1), in_state(AlertState::Sent, 2));
    done(&*store, create(&draft, &[])).await;
    done(&*store, create(&open, &[])).await;
    assert!(changed(&*store, AlertChange::DeleteDraft { alert: draft.id }).await);
    assert!(!changed(&*store, AlertChange::DeleteDraft { alert: open.id }).await);
    assert_eq!(store.alert(draft.id).await, Ok(None));
    let (alert, progress) = (draft.id, AlertProgress::default());
    for change in [
        AlertChange::DeleteDraft { alert },
        AlertChange::Advance { alert, progress },
        AlertChange::AddRecipients { level: 0, alert, recipients: vec![person("anna")] },
        AlertChange::Supersede { alert, at: at(1), by: open.id },
        AlertChange::Replace { alert: Arc::new(draft), from: AlertPhase::Draft },
        AlertChange::RemoveSchedule { name: "siren".parse().unwrap() },
        AlertChange::RemoveTemplate { name: "siren".parse().unwrap() },
    ] {
        is_missing(&*store, Change::Alert(change)).await;
    }
}

pub(crate) async fn a_key_belongs_to_one_alert_of_an_issuer(engine: &mut dyn Engine) {
    let store = engine.store();
    let with_key = |number: u8, issuer: &str| {
        let alert = alert(number, 1);
        let draft = AlertDraft { issuer: address(issuer), key: Some("job 7".into()), ..alert.draft.clone() };
        Alert { draft, ..alert }
    };
    done(&*store, create(&with_key(1, "admin"), &[])).await;
    let again = one(&*store, create(&with_key(2, "admin"), &[])).await;
    assert!(matches!(again, Err(StoreError::Exists { .. })), "{again:?}");
    done(&*store, create(&with_key(3, "other"), &[])).await;
    let known = store.alert_by_key(&address("admin"), "job 7").await;
    assert_eq!(known, Ok(Some(with_key(1, "admin"))));
    assert_eq!(store.alert_by_key(&address("admin"), "job 8").await, Ok(None));
}

pub(crate) async fn receipts_are_counted_and_come_page_by_page(engine: &mut dyn Engine) {
    let store = engine.store();
    let alert = alert(1, 1);
    let press: Recipient = "computer:PRESS1@10.0.0.7".parse().unwrap();
    let people: Vec<Recipient> = (0..700).map(|number| person(&format!("p{number:04}"))).collect();
    done(&*store, create(&alert, &people)).await;
    done(&*store, Change::AddRecipient { alert: alert.id, recipient: press.clone() }).await;
    let steps = [
        (press, ReceiptStep::Delivered(at(2))),
        (people[0].clone(), ReceiptStep::Seen(at(3))),
        (people[1].clone(), ReceiptStep::Confirmed(confirmation("I am safe", 4))),
    ];
    for (recipient, step) in steps {
        one(&*store, Change::AdvanceReceipt { alert: alert.id, recipient, step }).await.unwrap();
    }
    let counts = ReceiptCounts {
        recipients: 701,
        computers: 1,
        pending: 698,
        delivered: 1,
        seen: 1,
        confirmed: 1,
        late: 0,
    };
    assert_eq!(store.receipt_counts(alert.id).await, Ok(counts));
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let query = ReceiptQuery { alert: alert.id, after, unconfirmed: true, limit: 64 };
        let page = store.receipts_page(query).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.recipient.clone());
        seen.extend(page.into_iter().map(|receipt| receipt.recipient));
    }
    assert_eq!(seen.len(), 700);
    assert!(!seen.contains(&people[1]) && seen.is_sorted_by_key(ToString::to_string));
    let one_receipt = store.receipt(alert.id, &people[0]).await.unwrap().unwrap();
    assert_eq!(one_receipt.seen_at, Some(at(3)));

    one(&*store, Change::ExpireAlert { alert: alert.id, at: at(9) }).await.unwrap();
    assert_eq!(store.open_receipts(&people[699]).await, Ok(vec![]), "also before its receipt is closed");
    assert_eq!(store.receipt_counts(alert.id).await, Ok(counts));
}

pub(crate) async fn announcements_stay_when_they_are_over(engine: &mut dyn Engine) {
    let store = engine.store();
    let announcement = |number: u8, state| {
        let alert = Alert { state, ..alert(number, i64::from(number)) };
        Alert { draft: AlertDraft { kind: AlertKind::Announcement, ..alert.draft.clone() }, ..alert }
    };
    for number in 1..=3 {
        done(&*store, create(&announcement(number, AlertState::Sent), &[])).await;
    }
    done(&*store, create(&announcement(4, AlertState::Draft), &[])).await;
    done(&*store, create(&alert(5, 5), &[])).await;
    let third = announcement(3, AlertState::Sent);
    one(&*store, Change::ExpireAlert { alert: third.id, at: at(9) }).await.unwrap();
    let ids = |alerts: Vec<Alert>| alerts.iter().map(|alert| alert.id.as_bytes()[0]).collect::<Vec<_>>();
    assert_eq!(ids(store.announcements(None, 2).await.unwrap()), [3, 2]);
    assert_eq!(ids(store.announcements(Some(&announcement(2, AlertState::Sent)), 9).await.unwrap()), [1]);
}

pub(crate) async fn schedules_templates_and_machines_read_back(engine: &mut dyn Engine) {
    let store = engine.store();
    let schedule = |rule: &str| Schedule {
        id: alert(7, 7).id,
        name: "siren".parse().unwrap(),
        draft: alert(1, 1).draft,
        expires_after_seconds: Some(60),
        rule: rule.parse().unwrap(),
        starts_at: date(2026, 11, 20).at(8, 0, 0, 0),
        zone: "Europe/Madrid".parse::<Zone>().unwrap(),
        missed: Missed::Once,
        next_at: Some(at(5)),
        paused: false,
        note: None,
    };
    let template = Template {
        name: "outage".parse().unwrap(),
        variables: ["what".to_owned()].into(),
        draft: alert(1, 1).draft,
        expires_after_seconds: None,
    };
    let put = |schedule: Schedule| Change::Alert(AlertChange::PutSchedule(Arc::new(schedule)));
    done(&*store, put(schedule("0 8 * * *"))).await;
    done(&*store, put(schedule("FREQ=WEEKLY;BYDAY=MO"))).await;
    done(&*store, Change::Alert(AlertChange::PutTemplate(Arc::new(template.clone())))).await;
    for host in ["10.0.0.7", "10.0.0.7", "press.internal"] {
        let computer: domain::Computer = format!("PRESS1@{host}").parse().unwrap();
        done(&*store, Change::Alert(AlertChange::ComputerAnswered { computer, at: at(1) })).await;
    }
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    assert_eq!(store.schedules().await, Ok(vec![schedule("FREQ=WEEKLY;BYDAY=MO")]));
    assert_eq!(store.templates().await, Ok(vec![template.clone()]));
    assert_eq!(store.template(&template.name).await, Ok(Some(template.clone())));
    assert_eq!(store.computers().await.unwrap().len(), 2);
    done(&*store, Change::Alert(AlertChange::RemoveSchedule { name: "siren".parse().unwrap() })).await;
    done(&*store, Change::Alert(AlertChange::RemoveTemplate { name: template.name.clone() })).await;
    assert_eq!(store.schedules().await, Ok(vec![]));
    assert_eq!(store.template(&template.name).await, Ok(None));
}

pub(crate) async fn an_erased_person_is_nowhere_and_the_log_still_verifies(engine: &mut dyn Engine) {
    let store = engine.store();
    let (alert, anna) = (alert(1, 1), person("anna"));
    done(&*store, create(&alert, &[anna.clone(), person("bert")])).await;
    let step = ReceiptStep::Confirmed(confirmation("I am safe", 4));
    one(&*store, Change::AdvanceReceipt { alert: alert.id, recipient: anna, step }).await.unwrap();
    let mut entries: Vec<_> = (1..=3).map(audit::entry).collect();
    entries[0].actor = address("anna").to_string();
    entries[1].detail = format!("told to {}", address("anna"));
    store.commit(entries.into_iter().map(Change::Audit).collect()).await.unwrap();
    let end = store.audit_end().await.unwrap().unwrap();
    assert_eq!(end.sequence, 3);
    let head = AuditHead { sequence: 3, at: at(9), hash: end.hash, signature: "a.b.c".to_owned() };
    done(&*store, Change::Alert(AlertChange::SignHead(head.clone()))).await;
    assert_eq!(store.audit_heads().await, Ok(vec![head]));

    let erase = AlertChange::ErasePerson { address: address("anna"), pseudonym: address("erased-1") };
    done(&*store, Change::Alert(erase)).await;
    let records = store.audit(0, 9).await.unwrap();
    let kept: Vec<bool> = records.iter().map(|record| record.personal.is_some()).collect();
    assert_eq!(kept, [false, false, true]);
    assert_eq!(verify_audit_chain(records), Ok(3));
    let receipts = store.receipts(alert.id).await.unwrap();
    assert!(receipts.iter().all(|receipt| receipt.recipient != person("anna")));
    let erased = receipts.iter().find(|receipt| receipt.recipient == person("erased-1")).unwrap();
    let confirmation = erased.confirmation.as_ref().unwrap();
    assert_eq!((confirmation.choice.as_str(), confirmation.source.as_str()), ("I am safe", ""));
}

pub(crate) async fn an_answer_is_late_after_the_first_level_and_after_the_end(engine: &mut dyn Engine) {
    let store = engine.store();
    let level = domain::Escalation {
        after_seconds: 60,
        fewer_than: "1".parse().unwrap(),
        audience: "everyone".parse().unwrap(),
    };
    let first = alert(1, 1);
    let draft = AlertDraft { expires_at: None, ..first.draft.clone() };
    let escalated = Alert {
        draft: AlertDraft { escalation: vec![level.clone()], expires_at: Some(at(1_000)), ..draft.clone() },
        ..first.clone()
    };
    let ending = Alert { draft: AlertDraft { expires_at: Some(at(61)), ..draft.clone() }, ..alert(2, 1) };
    let endless = Alert { draft, ..alert(3, 1) };
    let people: Vec<Recipient> = (0..4).map(|number| person(&format!("p{number}"))).collect();
    let millis = |millis| jiff::Timestamp::from_millisecond(at(61).as_millisecond() + millis).unwrap();
    for (alert, expected) in [(&escalated, 2), (&ending, 2), (&endless, 0)] {
        done(&*store, create(alert, &people)).await;
        for (recipient, when) in people.iter().zip([at(2), millis(-1), millis(0), at(90)]) {
            let answer = domain::Confirmation { at: when, ..confirmation("I am safe", 1) };
            let (alert, recipient) = (alert.id, recipient.clone());
            let step = ReceiptStep::Confirmed(answer);
            one(&*store, Change::AdvanceReceipt { alert, recipient, step }).await.unwrap();
        }
        let counts = store.receipt_counts(alert.id).await.unwrap();
        assert_eq!((counts.confirmed, counts.late), (4, expected), "{:?}", alert.id);
    }
}

pub(crate) async fn counts_are_what_the_receipts_say_whatever_has_happened(engine: &mut dyn Engine) {
    let store = engine.store();
    let alert = alert(1, 1);
    let people: Vec<Recipient> = (0..40).map(|number| person(&format!("p{number}"))).collect();
    done(&*store, create(&alert, &people)).await;
    let mut random = 1_u64;
    for round in 0..200_i64 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let recipient = people[(random >> 33) as usize % people.len()].clone();
        let step = match (random >> 20) % 4 {
            0 => ReceiptStep::Delivered(at(round)),
            1 => ReceiptStep::Seen(at(round)),
            2 => ReceiptStep::Failed("away".to_owned()),
            _ => ReceiptStep::Confirmed(confirmation("I am safe", round)),
        };
        one(&*store, Change::AdvanceReceipt { alert: alert.id, recipient, step }).await.unwrap();
        let mut expected = ReceiptCounts { recipients: people.len(), ..ReceiptCounts::default() };
        for receipt in store.receipts(alert.id).await.unwrap() {
            *match receipt.stage {
                domain::ReceiptStage::Pending => &mut expected.pending,
                domain::ReceiptStage::Delivered => &mut expected.delivered,
                domain::ReceiptStage::Seen => &mut expected.seen,
                domain::ReceiptStage::Confirmed => &mut expected.confirmed,
            } += 1;
        }
        assert_eq!(store.receipt_counts(alert.id).await, Ok(expected));
    }
}
