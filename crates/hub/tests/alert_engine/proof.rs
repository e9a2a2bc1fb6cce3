//! Keys, the signed log, and people who are erased.

use std::sync::Arc;

use domain::{Alert, verify_audit_log};
use hub::verify_signature;
use testkit::Guest;

use super::{draft, house};

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
async fn who_is_erased_is_in_no_report_and_no_record_and_everything_still_verifies() {
    let mut house = house().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let alert = house.hub.send_alert(draft(&house, "user:anna,user:bert", "Storm")).await.unwrap();
    house.hub.confirm_alert(alert.id, &anna.session, "OK").await.unwrap();
    house.hub.sign_audit_head().await.unwrap();
    house.hub.note("administration socket (uid 0)", "user.set", "anna@office.internal", "").await.unwrap();
    let mut kinds = Vec::new();
    let mut take = |kept: hub::Kept| {
        kinds.push(serde_json::to_value(&kept).unwrap()["kind"].as_str().unwrap().to_owned());
        true
    };
    house.hub.export_account("test", "anna", &mut take).await.unwrap();
    assert_eq!(
        kinds,
        ["account", "receipt", "audit", "audit", "audit"],
        "the confirmation, what was changed, and that it was asked for"
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
    let erased = records.iter().find(|record| record.action == "user.erase").unwrap();
    let done_by = &erased.personal.as_ref().unwrap().detail;
    assert!(done_by.contains("administration socket (uid 0): "), "{done_by}");
    let heads = house.hub.store().audit_heads().await.unwrap();
    let verdict = verify_audit_log(records.clone(), &heads, |head| house.hub.is_head_signed(head));
    assert_eq!(verdict, Ok(records.len() as u64));
}
