//! What waits for somebody's release, and drills: what publishers and readers see of them.

use domain::AlertStatus;
use serde_json::{Value, json};

use super::house::House;

const TOKEN: (&str, &str) = ("authorization", "Bearer all-secret");

const EXERCISE: &str = r#"<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>siren-1</identifier><sender>x</sender><sent>2026-11-30T08:00:00-00:00</sent><status>Exercise</status><msgType>Alert</msgType><scope>Public</scope><info><category>Fire</category><event>Fire</event><urgency>Immediate</urgency><severity>Minor</severity><certainty>Observed</certainty><headline>Practice</headline><description>Walk out</description></info></alert>"#;

async fn get(house: &House, path: &str) -> (u16, String) {
    let answer = house.ask("GET", path, &[TOKEN], "").await;
    (answer.status.as_u16(), answer.text)
}

async fn releasing(house: &House) {
    house.testkit.add_administrator("second").await;
    let alert = house.only_alert().await;
    house.testkit.hub.release_alert(alert.id, &house.testkit.address("second")).await.unwrap();
}

#[tokio::test]
async fn what_waits_for_a_release_is_read_by_nobody_before_it_and_its_publisher_is_told_that_it_waits() {
    let house = House::open().await;
    let answer = house.ask("POST", "/siren", &[TOKEN, ("priority", "5")], "Evacuate").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["messngr-alert-status"]),
        (200, &"waiting".parse().unwrap())
    );
    let alert = house.only_alert().await;
    assert_eq!(alert.status(house.testkit.clock.now()), AlertStatus::Waiting);
    assert_eq!(get(&house, "/siren/json?poll=1&since=all").await.1, "");
    assert_eq!(get(&house, &format!("/cap/siren/{}", alert.id)).await.0, 404);
    let page: Value = serde_json::from_str(&get(&house, "/message").await.1).unwrap();
    assert_eq!(page["messages"], json!([]));
    let watch = house.testkit.hub.watch_publications();
    releasing(&house).await;
    assert!(watch.has_changed().unwrap(), "those who follow the topic are given it now");
    assert!(get(&house, "/siren/json?poll=1&since=all").await.1.contains("Evacuate"));
    assert_eq!(get(&house, &format!("/cap/siren/{}", alert.id)).await.0, 200);
    let page: Value = serde_json::from_str(&get(&house, "/message").await.1).unwrap();
    assert_eq!(page["messages"][0]["message"], "Evacuate");
}

#[tokio::test]
async fn every_interface_says_that_it_waits() {
    let house = House::open().await;
    let gotify = house
        .ask(
            "POST",
            "/siren/message",
            &[TOKEN, ("content-type", "application/json")],
            r#"{"message":"Evacuate","priority":10}"#,
        )
        .await;
    assert_eq!(gotify.headers["messngr-alert-status"], "waiting");
    let cap = house.ask("POST", "/cap/siren", &[TOKEN], &EXERCISE.replace("Minor", "Extreme")).await;
    let taken: Value = serde_json::from_str(&cap.text).unwrap();
    assert_eq!((cap.status.as_u16(), &taken["status"]), (201, &json!("waiting")));
    let body = json!({ "version": "4", "status": "firing", "alerts": [{
        "status": "firing", "labels": { "alertname": "Fire", "severity": "extreme" }, "annotations": {},
        "startsAt": "2026-11-30T08:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "f",
    }], "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "", "receiver": "x", "groupKey": "k" });
    let manager = house.ask("POST", "/alertmanager/siren", &[TOKEN], &body.to_string()).await;
    let taken: Value = serde_json::from_str(&manager.text).unwrap();
    assert_eq!(taken["waiting"], 1, "{}", manager.text);
    let now = house.ask("POST", "/plant", &[("authorization", "Bearer plant-secret")], "Oven").await;
    assert_eq!(now.headers["messngr-alert-status"], "in-force");
}

#[tokio::test]
async fn a_drill_is_one_for_every_reader() {
    let house = House::open().await;
    let taken = house.ask("POST", "/cap/siren", &[TOKEN], EXERCISE).await;
    assert_eq!(taken.status.as_u16(), 201, "{}", taken.text);
    let alert = house.only_alert().await;
    let (_, document) = get(&house, &format!("/cap/siren/{}", alert.id)).await;
    assert!(document.contains("<status>Exercise</status>"), "{document}");
    let (_, line) = get(&house, "/siren/json?poll=1&since=all").await;
    let message: Value = serde_json::from_str(line.trim()).unwrap();
    assert_eq!(message["title"], "DRILL / SIMULACRO - Practice");
    assert!(message["tags"].as_array().unwrap().contains(&json!("drill")));
    assert_eq!(get(&house, "/siren/raw?poll=1&since=all").await.1, "DRILL / SIMULACRO - Walk out\n");
    let page: Value = serde_json::from_str(&get(&house, "/message").await.1).unwrap();
    assert_eq!(page["messages"][0]["title"], "DRILL / SIMULACRO - Practice");
}
