use super::*;
use crate::api::alerts::{AlertView, ReportView};

async fn sent(fixture: &Fixture, body: Value) -> AlertView {
    let (status, alert) = fixture.post("/alerts", body).await;
    assert_eq!(status, 201, "{alert}");
    serde_json::from_value(alert).unwrap()
}

#[tokio::test]
async fn an_alert_is_sent_confirmed_and_reported() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "bert"]).await;
    let new = json!({ "headline": "Drill", "audience": "anna,bert", "choices": ["Yes", "No"], "expires_in_seconds": 60 });
    let alert = sent(&fixture, new).await;
    let lifetime = alert.expires_at.unwrap().duration_since(alert.effective_at).as_secs();
    assert!(alert.must_confirm && (59..=60).contains(&lifetime));

    let session = fixture.sign_in("anna").await;
    fixture.hub.confirm_alert(alert.id, &session, "yes").await.unwrap();
    let (_, report) = fixture.get(&format!("/alerts/{}/report", alert.id)).await;
    let report: ReportView = serde_json::from_value(report).unwrap();
    assert_eq!((report.counts.recipients, report.counts.confirmed, report.counts.pending), (2, 1, 1));
    let confirmation = report.recipients[0].confirmation.as_ref().unwrap();
    assert_eq!((confirmation.choice.as_str(), confirmation.device.as_str()), ("Yes", "desk"));
    assert_eq!(report.recipients[1].reason.as_deref(), Some("not signed in"));
    assert_eq!(serde_json::to_value(report.recipients[1].unreached).unwrap(), "not-signed-in");
}

#[tokio::test]
async fn a_cancelled_alert_is_no_longer_in_force_and_cannot_be_cancelled_again() {
    let fixture = Fixture::new().await;
    let alert = sent(&fixture, json!({ "headline": "Drill", "audience": "everyone" })).await;
    assert_eq!(fixture.get("/alerts").await.1.as_array().unwrap().len(), 1);
    let cancel = format!("/alerts/{}/cancel", alert.id);
    let (status, cancelled) = fixture.call_as("", Method::POST, &cancel, None).await;
    assert_eq!((status.as_u16(), &cancelled["status"]), (200, &json!("cancelled")));
    assert_eq!(cancelled["state"]["by"], "admin@x.internal");
    assert_eq!(fixture.call_as("", Method::POST, &cancel, None).await.0, 409);
    assert_eq!(fixture.get("/alerts").await.1, json!([]));
    assert_eq!(fixture.get("/alerts?all=true").await.1[0]["id"], json!(alert.id));
    assert_eq!(fixture.get(&format!("/alerts/{}", alert.id)).await.1["status"], "cancelled");
}

#[tokio::test]
async fn an_alert_that_breaks_a_rule_or_comes_from_somebody_who_may_not_is_refused() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    let new = json!({ "headline": "Drill", "audience": "everyone" });
    assert_eq!(fixture.call_as("anna", Method::POST, "/alerts", Some(new)).await.0, 403);
    for wrong in [
        json!({ "headline": " ", "audience": "everyone" }),
        json!({ "headline": "Drill", "audience": "everyone", "choices": [] }),
        json!({ "headline": "Drill", "audience": "everyone", "severity": "huge" }),
        json!({ "headline": "Drill", "audience": "everyone", "expires_in_seconds": 0 }),
        json!({ "headline": "Drill", "audience": "everyone", "expires_in_seconds": 9, "expires_at": "2099-01-01T00:00:00Z" }),
    ] {
        let (status, problem) = fixture.post("/alerts", wrong.clone()).await;
        assert_eq!(status, 422, "{wrong}: {problem}");
    }
    assert_eq!(fixture.get("/alerts/nonsense").await.0, 422);
    assert_eq!(fixture.get("/alerts/01997abc-0000-7000-8000-000000000000").await.0, 404);
    assert_eq!(fixture.get("/alerts?limit=0").await.0, 422);
}

#[tokio::test]
async fn a_draft_has_a_version_and_is_sent_only_as_it_was_seen() {
    let fixture = Fixture::new().await;
    let ask = |method: &str, path: String, tag: Option<&str>, body: Value| {
        let request = Request::builder().method(method).uri(format!("/api/v1/alerts{path}"));
        let request = match tag {
            Some(tag) => request.header(header::IF_MATCH, tag),
            None => request,
        };
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap()
    };
    let new = |headline: &str| json!({ "headline": headline, "audience": "everyone", "draft": true });
    let made = fixture.ask(ask("POST", String::new(), None, new("Drill"))).await;
    let seen = made.headers()[header::ETAG].to_str().unwrap().to_owned();
    let made: Value = serde_json::from_slice(&bytes(made).await).unwrap();
    assert_eq!(json!(seen.trim_matches('"')), made["version"]);
    let path = |end: &str| format!("/{}{end}", made["id"].as_str().unwrap());
    let status = async |request| fixture.ask(request).await.status();
    assert_eq!(status(ask("PUT", path(""), Some(&seen), new("Evacuate"))).await, 200);
    assert_eq!(status(ask("POST", path("/send"), Some(&seen), json!({}))).await, 412);
    assert_eq!(status(ask("POST", path("/send"), Some("evacuate"), json!({}))).await, 422);
    let now = fixture.ask(ask("GET", path(""), None, json!({}))).await;
    let now = now.headers()[header::ETAG].to_str().unwrap().to_owned();
    let sent = fixture.ask(ask("POST", path("/send"), Some(&now), json!({}))).await;
    assert_eq!((sent.status().as_u16(), sent.headers().contains_key(header::ETAG)), (200, false));
}
