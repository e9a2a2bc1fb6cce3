use ::cap::Alert;
use domain::{AlertStatus, Severity};

use crate::house::{Answer, House};

const TOKEN: (&str, &str) = ("authorization", "Bearer plant-secret");

fn document(identifier: &str, kind: &str, references: &str) -> String {
    let references = match references {
        "" => String::new(),
        references => format!("<references>{references}</references>"),
    };
    format!(
        "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>{identifier}</identifier>\
         <sender>gate@plant.example</sender><sent>2020-01-01T08:00:00+01:00</sent><status>Actual</status>\
         <msgType>{kind}</msgType><scope>Public</scope>{references}<info><category>Fire</category>\
         <event>Fire</event><urgency>Immediate</urgency><severity>Extreme</severity>\
         <certainty>Observed</certainty><headline>Fire {identifier}</headline></info></alert>"
    )
}

async fn send(house: &House, document: &str) -> Answer {
    let headers = [TOKEN, ("content-type", "application/cap+xml")];
    house.ask("POST", "/cap/plant", &headers, document).await
}

async fn in_force(house: &House) -> Vec<String> {
    let now = house.testkit.clock.now();
    let alerts = house.alerts().await.into_iter();
    alerts
        .filter(|alert| alert.status(now) == AlertStatus::InForce)
        .map(|alert| alert.draft.headline)
        .collect()
}

#[tokio::test]
async fn an_alert_is_told_once_updated_and_cancelled() {
    let house = House::open().await;
    let taken = send(&house, &document("a.1", "Alert", "")).await.expect(201).json();
    assert_eq!(house.only_alert().await.id.to_string(), taken["alert"].as_str().unwrap());
    assert_eq!(house.only_alert().await.draft.severity, Severity::Severe);
    assert_eq!(send(&house, &document("a.1", "Alert", "")).await.expect(200).json()["repeated"], true);
    assert_eq!(in_force(&house).await, ["Fire a.1"]);
    let first = "gate@plant.example,a.1,2020-01-01T08:00:00+01:00";
    let updated = send(&house, &document("a.2", "Update", first)).await.expect(201).json();
    assert_eq!(updated["recalled"], 1);
    assert_eq!(in_force(&house).await, ["Fire a.2"]);
    let second = "gate@plant.example,a.2,2020-01-01T08:00:00+01:00";
    let cancelled = send(&house, &document("a.3", "Cancel", second)).await.expect(200).json();
    assert_eq!((&cancelled["recalled"], cancelled.get("alert")), (&1.into(), None));
    assert!(in_force(&house).await.is_empty());
}

#[tokio::test]
async fn an_acknowledgement_tells_nobody_anything() {
    let house = House::open().await;
    let first = "gate@plant.example,a.1,2020-01-01T08:00:00+01:00";
    let taken = send(&house, &document("a.2", "Ack", first)).await.expect(200).json();
    assert!(taken["nothing"].is_string());
    assert!(house.alerts().await.is_empty());
}

#[tokio::test]
async fn what_was_published_can_be_fetched_as_a_document_also_that_it_was_called_off() {
    let house = House::open().await;
    let taken = send(&house, &document("a.1", "Alert", "")).await.expect(201).json();
    let path = format!("/cap/plant/{}", taken["alert"].as_str().unwrap());
    let answer = house.ask("GET", &path, &[TOKEN], "").await.expect(200);
    assert_eq!(answer.headers["content-type"], "application/cap+xml");
    let given = Alert::read(answer.text.as_bytes()).unwrap();
    assert_eq!(given.infos[0].headline.as_deref(), Some("Fire a.1"));
    let first = "gate@plant.example,a.1,2020-01-01T08:00:00+01:00";
    send(&house, &document("a.2", "Cancel", first)).await.expect(200);
    let over = house.ask("GET", &format!("{path}.xml"), &[TOKEN], "").await.expect(200);
    let over = Alert::read(over.text.as_bytes()).unwrap();
    assert_eq!(over.references, [given.reference()]);
    house.ask("GET", &path, &[], "").await.expect(401);
    house.ask("GET", &path, &[("authorization", "Bearer publish-secret")], "").await.expect(403);
    house.ask("GET", &path.replace("plant", "disk"), &[TOKEN], "").await.expect(404);
    house.ask("GET", "/cap/plant/nonsense", &[TOKEN], "").await.expect(404);
}

#[tokio::test]
async fn a_document_that_breaks_a_rule_is_refused_with_the_rule() {
    let house = House::open().await;
    let wrong_zone = document("a.1", "Alert", "").replace("+01:00", "Z");
    let answer = send(&house, &wrong_zone).await.expect(400).json();
    assert!(answer["detail"].as_str().unwrap().contains("<sent>"), "{answer}");
    let entity = format!("<!DOCTYPE alert [<!ENTITY a \"b\">]>{}", document("a.1", "Alert", ""));
    send(&house, &entity).await.expect(400);
    send(&house, &"x".repeat(::cap::BYTES_MAX + 1)).await.expect(413);
    assert!(house.alerts().await.is_empty());
}
