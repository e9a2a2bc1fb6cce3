use domain::AlertStatus;
use serde_json::{Value, json};

use crate::house::House;

const TOKEN: (&str, &str) = ("authorization", "Bearer plant-secret");

fn document(alerts: &[(&str, &str)]) -> String {
    let alert = |(status, fingerprint): &(&str, &str)| {
        json!({
            "status": status, "fingerprint": fingerprint,
            "labels": { "alertname": "Hot", "instance": fingerprint, "severity": "critical" },
            "annotations": { "summary": format!("Oven {fingerprint} is hot") },
            "startsAt": "2026-11-30T08:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://p/x",
        })
    };
    let alerts: Vec<Value> = alerts.iter().map(alert).collect();
    json!({ "version": "4", "status": "firing", "groupLabels": { "alertname": "Hot" }, "alerts": alerts })
        .to_string()
}

async fn send(house: &House, alerts: &[(&str, &str)]) -> Value {
    house.ask("POST", "/alertmanager/plant", &[TOKEN], &document(alerts)).await.expect(200).json()
}

fn counts(published: u64, repeated: u64, recalled: u64, over_before: u64) -> Value {
    json!({ "published": published, "repeated": repeated, "recalled": recalled, "over_before": over_before })
}

#[tokio::test]
async fn an_alert_is_told_once_however_often_it_is_repeated_and_called_off_when_it_is_resolved() {
    let mut house = House::open().await;
    assert_eq!(send(&house, &[("firing", "a"), ("firing", "b")]).await, counts(2, 0, 0, 0));
    assert_eq!(send(&house, &[("firing", "a"), ("firing", "b"), ("firing", "c")]).await, counts(1, 2, 0, 0));
    assert_eq!(house.alerts().await.len(), 3);
    assert_eq!(send(&house, &[("resolved", "a"), ("firing", "b")]).await, counts(0, 1, 1, 0));
    assert_eq!(send(&house, &[("resolved", "a")]).await, counts(0, 0, 0, 1), "twice is no mistake");
    let now = house.testkit.clock.now();
    let alerts = house.alerts().await;
    let over: Vec<&str> = alerts
        .iter()
        .filter(|alert| alert.status(now) == AlertStatus::Cancelled)
        .map(|alert| alert.draft.headline.as_str())
        .collect();
    assert_eq!(over, ["Oven a is hot"]);
    assert_eq!(send(&house, &[("firing", "a")]).await, counts(1, 0, 0, 0), "it burns again");
    house.testkit.restart().await;
    assert_eq!(house.testkit.hub.store().alerts(true, 9).await.unwrap().len(), 3, "a, b and c are in force");
}

#[tokio::test]
async fn who_may_not_and_what_is_wrong_is_refused_as_a_problem() {
    let house = House::open().await;
    let path = "/alertmanager/plant";
    let body = document(&[("firing", "a")]);
    let answer = house.ask("POST", path, &[], &body).await.expect(401);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    house.ask("POST", path, &[("authorization", "Bearer read-secret")], &body).await.expect(403);
    house.ask("POST", path, &[("authorization", "Bearer wrong-account")], &body).await.expect(403);
    house.ask("POST", "/alertmanager/coffee", &[], &body).await.expect(401);
    house.ask("POST", "/alertmanager/nothing", &[TOKEN], &body).await.expect(404);
    house.ask("POST", path, &[TOKEN], "{}").await.expect(400);
    let resolved = document(&[("resolved", "a")]);
    house.ask("POST", path, &[("authorization", "Bearer read-secret")], &resolved).await.expect(403);
    assert!(house.alerts().await.is_empty());
}
