//! Alerts to many, and many answers at once.

use domain::{AlertStatus, ReceiptStage};
use hub::{Counts, ReportQuery};
use testkit::Guest;

use super::{draft, house, next_alert};

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
