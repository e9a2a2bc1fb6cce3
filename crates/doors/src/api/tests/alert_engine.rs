use super::*;
use crate::api::{alerts::AlertView, keys::WELL_KNOWN_PATH};

impl Fixture {
    pub(super) async fn put(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call_as("", Method::PUT, path, Some(body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> StatusCode {
        self.call_as("", Method::DELETE, path, None).await.0
    }
}

#[tokio::test]
async fn everything_an_alert_can_be_is_taken_and_shown_as_it_was_given() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "bert"]).await;
    let new = json!({
        "headline": "Water leak", "text": "Leave the cellar.", "severity": "severe", "audience": "anna!bert",
        "choices": ["Yes", "No"], "language": "en",
        "translations": { "es": { "headline": "Fuga de agua", "text": "Salid del sótano.", "choices": ["Sí", "No"] } },
        "lifetime": "every-sign-in", "repeat_seconds": 300, "drill": true, "link": "https://x.internal/leak",
        "escalation": [{ "after_seconds": 900, "fewer_than": "80%", "audience": "bert" }],
        "attachments": ["https://x.internal/plan.pdf"], "key": "leak 1", "expires_in_seconds": 3600,
    });
    let (status, alert) = fixture.post("/alerts", new.clone()).await;
    assert_eq!(status, 201, "{alert}");
    let view: AlertView = serde_json::from_value(alert.clone()).unwrap();
    assert_eq!(alert["translations"]["es"]["choices"], json!(["Sí", "No"]));
    assert_eq!((alert["escalation"][0]["fewer_than"].as_str(), &alert["drill"]), (Some("80%"), &json!(true)));
    assert_eq!(
        (view.status.to_string(), view.audience.to_string()),
        ("in force".into(), "user:anna!user:bert".into())
    );
    let keys = fixture.hub.public_keys();
    assert!(hub::verify_signature(&view.clone().into_alert(), &keys[0].bytes().unwrap()));
    let (_, again) = fixture.post("/alerts", new).await;
    assert_eq!(again["id"], alert["id"], "the same key is the same alert");
}

#[tokio::test]
async fn a_draft_goes_its_way_by_several_hands() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    fixture.hub.add_account("service", "chief", "secret", true).await.unwrap();
    let new = |headline: &str| json!({ "headline": headline, "audience": "anna", "severity": "extreme" });
    let mut draft = new("Evacuate");
    draft["draft"] = json!(true);
    let (_, saved) = fixture.post("/alerts", draft).await;
    assert_eq!((&saved["status"], &saved["signature"]), (&json!("draft"), &json!("")));
    let path = format!("/alerts/{}", saved["id"].as_str().unwrap());
    assert_eq!(fixture.put(&path, new("Evacuate building 2")).await.0, 200);
    assert_eq!(fixture.get("/alerts?phase=draft").await.1.as_array().unwrap().len(), 1);
    assert_eq!(fixture.get("/alerts").await.1, json!([]));
    let (_, waiting) = fixture.post(&format!("{path}/send"), Value::Null).await;
    assert_eq!(
        (&waiting["status"], &waiting["headline"]),
        (&json!("waiting"), &json!("Evacuate building 2"))
    );
    let release = format!("{path}/release");
    assert_eq!(fixture.call_as("", Method::POST, &release, None).await.0, 403, "the same person");
    let (status, released) = fixture.call_as("chief", Method::POST, &release, None).await;
    assert_eq!((status.as_u16(), &released["status"]), (200, &json!("in-force")));
    assert_eq!(fixture.put(&path, new("x")).await.0, 409);
    assert_eq!(fixture.delete(&path).await, 409);
    let mut other = new("Never");
    other["draft"] = json!(true);
    let (_, other) = fixture.post("/alerts", other).await;
    assert_eq!(fixture.delete(&format!("/alerts/{}", other["id"].as_str().unwrap())).await, 204);
}

#[tokio::test]
async fn templates_are_filled_in_and_what_is_missing_is_said() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    let template = json!({
        "variables": ["what"],
        "alert": { "headline": "{what} is down", "audience": "anna", "expires_in_seconds": 60 }
    });
    assert_eq!(fixture.put("/templates/outage", template).await.0, 200);
    let (status, problem) = fixture.post("/templates/outage/alerts", json!({ "values": {} })).await;
    assert_eq!(status, 422);
    assert!(problem["detail"].as_str().unwrap().contains("\"what\""), "{problem}");
    let filled = json!({ "values": { "what": "Mail" }, "severity": "minor" });
    let (status, alert) = fixture.post("/templates/outage/alerts", filled).await;
    assert_eq!(
        (status.as_u16(), &alert["headline"], &alert["severity"]),
        (201, &json!("Mail is down"), &json!("minor"))
    );
    assert!(alert["expires_at"].is_string());
    let undeclared = json!({ "alert": { "headline": "{what}", "audience": "anna" } });
    assert_eq!(fixture.put("/templates/wrong", undeclared).await.0, 422);
    let once = json!({ "alert": { "headline": "x", "audience": "anna", "key": "k" } });
    assert_eq!(fixture.put("/templates/wrong", once).await.0, 422);
    assert_eq!(fixture.get("/templates").await.1.as_array().unwrap().len(), 1);
    assert_eq!(fixture.delete("/templates/outage").await, 204);
    assert_eq!(fixture.get("/templates/outage").await.0, 404);
}

#[tokio::test]
async fn schedules_are_put_paused_resumed_and_removed() {
    let fixture = Fixture::new().await;
    let new = json!({
        "alert": { "headline": "Siren", "audience": "everyone", "drill": true },
        "rule": "FREQ=MONTHLY;BYDAY=1MO;BYHOUR=12;BYMINUTE=0", "zone": "Europe/Madrid", "missed": "once"
    });
    let (status, schedule) = fixture.put("/schedules/siren", new.clone()).await;
    assert_eq!(status, 200, "{schedule}");
    assert!(schedule["next_at"].is_string() && schedule["zone"] == "Europe/Madrid");
    let (_, paused) = fixture.post("/schedules/siren/pause", Value::Null).await;
    assert_eq!(paused["paused"], true);
    let (_, resumed) = fixture.post("/schedules/siren/resume", Value::Null).await;
    assert_eq!((&resumed["paused"], &resumed["next_at"]), (&json!(false), &schedule["next_at"]));
    for (field, wrong) in
        [("rule", "every day"), ("zone", "Moon"), ("missed", "maybe"), ("rule", "0 0 31 feb *")]
    {
        let mut new = new.clone();
        new[field] = json!(wrong);
        let (status, problem) = fixture.put("/schedules/other", new).await;
        assert_eq!(status, 422, "{field}: {problem}");
    }
    assert_eq!(fixture.delete("/schedules/siren").await, 204);
    assert_eq!(fixture.get("/schedules").await.1, json!([]));
    assert_eq!(fixture.post("/schedules/siren/pause", Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_report_comes_in_pages_and_as_a_table() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "bert", "carl"]).await;
    let (_, alert) = fixture.post("/alerts", json!({ "headline": "x", "audience": "anna,bert,carl" })).await;
    let id = alert["id"].as_str().unwrap();
    let session = fixture.sign_in("bert").await;
    fixture.hub.confirm_alert(id.parse().unwrap(), &session, "OK").await.unwrap();
    let (_, first) = fixture.get(&format!("/alerts/{id}/report?limit=2")).await;
    let after = first["next"].as_str().unwrap();
    assert_eq!((after, &first["counts"]["recipients"]), ("user:bert@x.internal", &json!(3)));
    let (_, rest) = fixture.get(&format!("/alerts/{id}/report?limit=2&after={after}")).await;
    assert_eq!((rest["recipients"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    let (_, open) = fixture.get(&format!("/alerts/{id}/report?unconfirmed=true")).await;
    assert_eq!(open["recipients"].as_array().unwrap().len(), 2);
    assert_eq!(fixture.get(&format!("/alerts/{id}/report?limit=0")).await.0, 422);

    let request =
        Request::builder().uri(format!("/api/v1/alerts/{id}/report")).header(header::ACCEPT, "text/csv");
    let answer = fixture.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    let table = String::from_utf8(bytes(answer).await.to_vec()).unwrap();
    let lines: Vec<&str> = table.split("\r\n").collect();
    assert_eq!(lines.len(), 5, "{table}");
    assert!(lines[0].ends_with(",reason,late"), "{table}");
    assert!(
        lines[2].starts_with("user:bert@x.internal,confirmed,")
            && lines[2].contains(",OK,xmpp,desk,10.0.0.9,")
    );
}

#[tokio::test]
async fn an_alert_asked_for_again_with_its_key_is_the_one_that_was_sent() {
    let fixture = Fixture::new().await;
    let send = async |key: &str| {
        let request = Request::post("/api/v1/alerts").header(header::CONTENT_TYPE, "application/json");
        let body = json!({ "headline": "x", "audience": "everyone" }).to_string();
        let answer =
            fixture.ask(request.header("Idempotency-Key", key).body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status(), 201);
        let alert: AlertView = serde_json::from_slice(&bytes(answer).await).unwrap();
        alert.id
    };
    let first = send("a").await;
    assert_eq!(send("a").await, first);
    assert_ne!(send("b").await, first);
}

#[tokio::test]
async fn rights_audiences_and_notices_are_asked_for() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "bert"]).await;
    let (_, count) = fixture.get("/audience?expression=everyone!anna").await;
    assert_eq!(count, json!({ "people": 2, "reachable": 0, "computers": 0 }));
    assert_eq!(fixture.get("/audience?expression=everyone!").await.0, 422);
    let right = json!({ "right": "publish:user:bert:minor" });
    let (_, rights) = fixture.post("/accounts/anna/rights", right.clone()).await;
    assert_eq!(rights, json!({ "administrator": false, "rights": ["publish:user:bert:minor"] }));
    let new = |audience: &str| Some(json!({ "headline": "x", "audience": audience, "kind": "announcement" }));
    assert_eq!(fixture.call_as("anna", Method::POST, "/alerts", new("bert")).await.0, 201);
    assert_eq!(fixture.call_as("anna", Method::POST, "/alerts", new("everyone")).await.0, 403);
    let (_, notices) = fixture.get("/notices?reader=bert&words=X").await;
    assert_eq!((&notices[0]["seen"], &notices[0]["issuer"]), (&json!(false), &json!("anna@x.internal")));
    assert_eq!(fixture.get("/notices?reader=admin").await.1, json!([]));
    fixture.post("/accounts/anna/rights/revoke", right).await;
    assert_eq!(fixture.call_as("anna", Method::POST, "/alerts", new("bert")).await.0, 403);
}

#[tokio::test]
async fn the_keys_are_public_and_are_not_rotated_where_they_cannot_be_kept() {
    let fixture = Fixture::new().await;
    let (_, keys) = fixture.get("/alert-keys").await;
    assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["crv"]), (&json!("OKP"), &json!("Ed25519")));
    let public = keys::well_known(fixture.hub.clone());
    let request = Request::builder().uri(WELL_KNOWN_PATH).body(Body::empty()).unwrap();
    let answer = public.oneshot(request).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&bytes(answer).await).unwrap(), keys);
    assert_eq!(fixture.post("/alert-keys", Value::Null).await.0, 503);
}

#[tokio::test]
async fn nobody_releases_their_own_alert_by_a_token_that_they_have_made_for_somebody_else() {
    let fixture = Fixture::new().await;
    fixture.hub.add_account("service", "second", "secret", true).await.unwrap();
    let ask = |path: String, body: Value| {
        Request::post(format!("/api/v1{path}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap()
    };
    let alert = json!({ "headline": "x", "audience": "everyone", "severity": "extreme" });
    let sent = fixture.ask_as(fixture.person("admin"), ask("/alerts".into(), alert)).await;
    let sent: Value = serde_json::from_slice(&bytes(sent).await).unwrap();
    let release = format!("/alerts/{}/release", sent["id"].as_str().unwrap());
    let mut answers = Vec::new();
    for maker in ["admin", "second"] {
        let new = json!({ "name": maker, "account": "second", "scopes": ["publish:everyone"] });
        let made = fixture.ask_as(fixture.person(maker), ask("/tokens".into(), new)).await;
        let made: Value = serde_json::from_slice(&bytes(made).await).unwrap();
        let tokens = fixture.hub.api_tokens();
        let token = tokens.iter().find(|token| made["id"] == json!(token.id)).unwrap().clone();
        let (account, source) = (fixture.hub.account_named("second").unwrap(), [10, 0, 0, 9].into());
        let rights = fixture.hub.rights(&account.address);
        let peer = Peer::Token { token, account, rights, source };
        answers.push(fixture.ask_as(peer, ask(release.clone(), json!({}))).await.status().as_u16());
    }
    assert_eq!(answers, [403, 200]);
}
