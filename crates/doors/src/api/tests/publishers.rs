use super::*;

impl Fixture {
    /// People in two groups: anna and dora may send to the ward, bert is in it, carl is outside.
    async fn with_publishers() -> Self {
        let fixture = Self::new().await;
        fixture.add_people(&["anna", "bert", "carl", "dora"]).await;
        for (group, member) in [("ward", "bert"), ("board", "carl"), ("mixed", "bert"), ("mixed", "carl")] {
            let _ = fixture.hub.add_group("test", group.parse().unwrap()).await;
            fixture.hub.set_member("test", group.parse().unwrap(), member, true).await.unwrap();
        }
        fixture.hub.add_group("test", "empty".parse().unwrap()).await.unwrap();
        for name in ["anna", "dora"] {
            fixture.hub.grant("test", name, "publish:group:ward".parse().unwrap()).await.unwrap();
        }
        fixture
    }

    async fn seen(&self, name: &str, path: &str) -> (u16, Value) {
        let (status, body) = self.call_of(name, Method::GET, path, None).await;
        (status.as_u16(), body)
    }

    async fn made(&self, name: &str, body: Value) -> String {
        let (status, alert) = self.call_of(name, Method::POST, "/alerts", Some(body)).await;
        assert_eq!(status, 201, "{alert}");
        alert["id"].as_str().unwrap().to_owned()
    }

    async fn ids(&self, name: &str, path: &str) -> Vec<String> {
        let (status, body) = self.seen(name, path).await;
        assert_eq!(status, 200, "{body}");
        body.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_publisher_counts_whom_they_may_reach_and_learns_of_nobody_else() {
    let fixture = Fixture::with_publishers().await;
    let count =
        async |audience: &str| fixture.seen("anna", &format!("/audience?expression={audience}")).await;
    let (status, ward) = count("group:ward").await;
    assert_eq!((status, &ward["people"]), (200, &json!(1)));
    assert_eq!(count("user:bert").await.0, 200);
    let (status, outside) = count("user:carl").await;
    assert_eq!(status, 403);
    for audience in
        ["everyone", "group:board", "group:mixed", "group:empty", "group:ward!group:board", "group:ward,carl"]
    {
        assert_eq!(count(audience).await, (403, outside.clone()), "{audience}");
    }
    for nobody in ["user:nobody", "group:nowhere", "group:ward,user:nobody"] {
        assert_eq!(count(nobody).await, (403, outside.clone()), "{nobody} looks like what is there");
    }
    assert_eq!(fixture.seen("anna", "/audience/groups").await, (200, json!({ "groups": ["ward"] })));
    assert_eq!(fixture.seen("admin", "/audience/groups").await.1["groups"].as_array().unwrap().len(), 4);
    for path in ["/audience?expression=group:ward", "/audience/groups", "/alerts", "/templates", "/schedules"]
    {
        assert_eq!(fixture.seen("bert", path).await.0, 403, "{path}");
    }
}

#[tokio::test]
async fn a_publisher_sees_what_they_have_sent_and_its_report_and_no_alert_of_others() {
    let fixture = Fixture::with_publishers().await;
    let own = fixture.made("anna", json!({ "headline": "Rounds", "audience": "group:ward" })).await;
    let doras = fixture.made("dora", json!({ "headline": "Beds", "audience": "group:ward" })).await;
    fixture.made("admin", json!({ "headline": "Canteen", "audience": "everyone" })).await;
    assert_eq!(fixture.ids("anna", "/alerts?all=true").await, [own.as_str()]);
    let (status, report) = fixture.seen("anna", &format!("/alerts/{own}/report")).await;
    assert_eq!((status, &report["recipients"][0]["recipient"]), (200, &json!("user:bert@x.internal")));
    for path in [format!("/alerts/{doras}"), format!("/alerts/{doras}/report")] {
        assert_eq!(fixture.seen("anna", &path).await.0, 404, "{path}");
    }
    let cancel = format!("/alerts/{own}/cancel");
    assert_eq!(fixture.call_of("anna", Method::POST, &cancel, None).await.0, 200);
    assert_eq!(fixture.ids("anna", "/alerts").await, Vec::<String>::new());
    assert_eq!(fixture.ids("anna", "/alerts?phase=ended").await, [own]);

    fixture.hub.grant("test", "carl", "audit".parse().unwrap()).await.unwrap();
    assert_eq!(fixture.ids("carl", "/alerts?all=true").await.len(), 3);
    assert_eq!(fixture.seen("carl", &format!("/alerts/{doras}/report")).await.0, 200);
    assert_eq!(fixture.seen("carl", "/audit").await.0, 200);
    assert_eq!(fixture.seen("anna", "/audit").await.0, 403);
}

#[tokio::test]
async fn a_publisher_sees_and_releases_what_waits_if_they_could_have_sent_it() {
    let fixture = Fixture::with_publishers().await;
    let extreme = |to: &str| json!({ "headline": "Fire", "audience": to, "severity": "extreme" });
    let doras = fixture.made("dora", extreme("group:ward")).await;
    let admins = fixture.made("admin", extreme("everyone")).await;
    assert_eq!(fixture.ids("anna", "/alerts?phase=waiting").await, [doras.as_str()]);
    assert_eq!(fixture.seen("anna", &format!("/alerts/{admins}")).await.0, 404);
    let release = |id: &str| format!("/alerts/{id}/release");
    assert_eq!(fixture.call_of("dora", Method::POST, &release(&doras), None).await.0, 403);
    assert_eq!(fixture.call_of("anna", Method::POST, &release(&admins), None).await.0, 403);
    let (status, released) = fixture.call_of("anna", Method::POST, &release(&doras), None).await;
    assert_eq!((status.as_u16(), &released["status"]), (200, &json!("in-force")));
    let (_, session) = fixture.seen("dora", "/session").await;
    assert_eq!(session["release"], json!(["extreme"]));
    assert_eq!(fixture.seen("bert", "/session").await.1["release"], json!([]));
}

#[tokio::test]
async fn an_alert_is_said_again_by_its_issuer_to_those_who_have_not_confirmed() {
    let fixture = Fixture::with_publishers().await;
    let id = fixture.made("anna", json!({ "headline": "Rounds", "audience": "group:ward" })).await;
    let again = format!("/alerts/{id}/again");
    let (status, said) = fixture.call_of("anna", Method::POST, &again, None).await;
    assert_eq!((status.as_u16(), &said["id"]), (200, &json!(id)));
    assert_eq!(fixture.call_of("dora", Method::POST, &again, None).await.0, 403);
    assert_eq!(fixture.call_of("bert", Method::POST, &again, None).await.0, 403);
    let (_, log) = fixture.seen("admin", "/audit?newest=true&limit=1").await;
    assert_eq!((&log[0]["action"], &log[0]["actor"]), (&json!("alert.again"), &json!("anna@x.internal")));
    fixture.call_of("anna", Method::POST, &format!("/alerts/{id}/cancel"), None).await;
    assert_eq!(fixture.call_of("anna", Method::POST, &again, None).await.0, 409);
}

#[tokio::test]
async fn a_publisher_reads_templates_and_their_own_schedules() {
    let fixture = Fixture::with_publishers().await;
    let template = json!({ "alert": { "headline": "Beds", "audience": "group:ward" } });
    assert_eq!(fixture.call_as("", Method::PUT, "/templates/beds", Some(template)).await.0, 200);
    assert_eq!(fixture.seen("anna", "/templates").await.1[0]["name"], "beds");
    assert_eq!(fixture.seen("anna", "/templates/beds").await.0, 200);
    assert_eq!(fixture.call_of("anna", Method::DELETE, "/templates/beds", None).await.0, 403);
    let schedule = json!({
        "alert": { "headline": "Rounds", "audience": "group:ward" },
        "rule": "FREQ=DAILY;BYHOUR=9;BYMINUTE=0",
        "zone": "Europe/Madrid",
    });
    for (name, path) in [("anna", "/schedules/annas"), ("dora", "/schedules/doras")] {
        assert_eq!(fixture.call_of(name, Method::PUT, path, Some(schedule.clone())).await.0, 200);
    }
    let (_, own) = fixture.seen("anna", "/schedules").await;
    assert_eq!((own.as_array().unwrap().len(), &own[0]["name"]), (1, &json!("annas")));
    assert_eq!(fixture.seen("admin", "/schedules").await.1.as_array().unwrap().len(), 2);
}
