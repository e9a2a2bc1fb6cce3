use super::*;

#[tokio::test]
async fn a_message_waits_for_everyone_it_is_for_in_the_name_that_was_given() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "bert", "jörg"]).await;
    let body = json!({ "to": "anna,user:bert", "text": "Lunch\u{1b}" });
    let (status, taken) = fixture.call_as("jörg", Method::POST, "/messages", Some(body)).await;
    assert_eq!((status.as_u16(), taken), (200, json!({ "recipients": 2 })));
    assert_eq!(fixture.waiting_for("anna").await, ["Lunch"]);
    assert_eq!(fixture.waiting_for("bert").await, ["Lunch"]);
    let address = &fixture.hub.account_named("anna").unwrap().address;
    let (_, message) = fixture.store.pending(address, 0, 1).await.unwrap().remove(0);
    assert_eq!(message.sender.account().unwrap().as_str(), "jörg@x.internal");
}

#[tokio::test]
async fn speaking_in_a_name_is_in_the_audit_log_with_who_really_spoke() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    fixture.call_as("anna", Method::POST, "/messages", Some(json!({ "to": "admin", "text": "Hi" }))).await;
    let (_, log) = fixture.get("/audit?newest=true&limit=1").await;
    assert_eq!(log[0]["actor"], "administration socket (uid 0)");
    assert_eq!(log[0]["action"], "api.speak-as");
    assert_eq!(log[0]["subject"], "anna@x.internal");
    assert_eq!(log[0]["detail"], "message to user:admin");
}

#[tokio::test]
async fn a_message_sent_again_with_its_id_is_there_once() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    let body = json!({ "to": "anna", "text": "Once", "id": "order-7" });
    assert_eq!(fixture.post("/messages", body.clone()).await.0, 200);
    assert_eq!(fixture.post("/messages", body).await.0, 200);
    assert_eq!(fixture.waiting_for("anna").await, ["Once"]);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_its_reason() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    fixture.post("/groups", json!({ "name": "empty" })).await;
    for (to, text, status) in [
        ("nobody", "x", 404),
        ("group:unknown", "x", 404),
        ("group:empty", "x", 422),
        ("computer:PRESS1@10.0.0.7", "x", 422),
        ("anna", " \u{7} ", 422),
        ("", "x", 422),
    ] {
        let (answer, problem) = fixture.post("/messages", json!({ "to": to, "text": text })).await;
        assert_eq!(answer.as_u16(), status, "{to}: {problem}");
    }
    let long = json!({ "to": "anna", "text": "x".repeat(65_537) });
    assert_eq!(fixture.post("/messages", long).await.0, 422);
    let unknown_sender =
        fixture.call_as("eve", Method::POST, "/messages", Some(json!({ "to": "anna", "text": "x" })));
    assert_eq!(unknown_sender.await.0, 404);
    assert!(fixture.waiting_for("anna").await.is_empty());
}

#[tokio::test]
async fn more_messages_than_may_wait_are_refused() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    for _ in 0..3 {
        assert_eq!(fixture.post("/messages", json!({ "to": "anna", "text": "x" })).await.0, 200);
    }
    assert_eq!(fixture.post("/messages", json!({ "to": "anna", "text": "x" })).await.0, 507);
}

#[tokio::test]
async fn net_send_finds_a_person_by_name_or_by_netbios_spelling() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["jörg"]).await;
    for name in ["jörg", "jorg"] {
        let (status, taken) = fixture.post("/net-messages", json!({ "name": name, "text": name })).await;
        assert_eq!((status.as_u16(), &taken["recipient"]), (200, &json!("user:jörg@x.internal")));
    }
    assert_eq!(fixture.waiting_for("jörg").await, ["jörg", "jorg"]);
    assert_eq!(fixture.post("/net-messages", json!({ "name": "nobody", "text": "x" })).await.0, 404);
}

struct Press;

#[async_trait::async_trait]
impl hub::ComputerGateway for Press {
    async fn send(&self, message: hub::ComputerMessage) -> Result<Vec<char>, String> {
        match message.computer.host.as_str() {
            "10.0.0.7" if message.from == "ADMIN" => Ok(vec!['日']),
            host => Err(format!("{host} does not answer")),
        }
    }

    async fn send_to_group(&self, message: hub::GroupMessage) -> Result<hub::GroupSent, String> {
        let (own, group) = (message.group.is_none(), message.group.unwrap_or("OFFICE".to_owned()));
        Ok(hub::GroupSent { group, own, segments: 1, replaced: Vec::new() })
    }
}

#[tokio::test]
async fn net_send_to_a_computer_says_whether_it_arrived() {
    let fixture = Fixture::new().await;
    let message = |host| json!({ "name": "press1", "host": host, "text": "日" });
    assert_eq!(fixture.post("/net-messages", message("10.0.0.7")).await.0, 503);
    fixture.hub.set_computer_gateway(Arc::new(Press));
    let (_, taken) = fixture.post("/net-messages", message("10.0.0.7:1139")).await;
    assert_eq!(taken, json!({ "recipient": "computer:PRESS1@10.0.0.7:1139", "replaced": ["日"] }));
    let (status, problem) = fixture.post("/net-messages", message("10.0.0.8")).await;
    assert_eq!((status.as_u16(), &problem["detail"]), (502, &json!("10.0.0.8 does not answer")));
    assert_eq!(fixture.post("/net-messages", message("")).await.0, 422);
}

#[tokio::test]
async fn net_send_to_many_says_whom_it_was_for() {
    let fixture = Fixture::new().await;
    fixture.hub.set_computer_gateway(Arc::new(Press));
    let sent = async |name: &str| fixture.post("/net-messages", json!({ "name": name, "text": "x" })).await.1;
    assert_eq!(sent("*").await, json!({ "workgroup": "OFFICE", "people": 0, "replaced": [] }));
    assert_eq!(sent("/domain:plant").await, json!({ "workgroup": "PLANT", "replaced": [] }));
    assert_eq!(sent("/USERS").await, json!({ "people": 0, "replaced": [] }));
    fixture.add_people(&["jörg"]).await;
    for name in ["*", "/DOMAIN:PLANT", "/USERS"] {
        let message = Some(json!({ "name": name, "text": "x" }));
        let (status, problem) = fixture.call_of("jörg", Method::POST, "/net-messages", message).await;
        assert_eq!(status, 403, "{name}: {problem}");
    }
}

#[tokio::test]
async fn message_names_are_added_listed_and_deleted() {
    let fixture = Fixture::new().await;
    let path = "/message-names/helpdesk";
    let (status, added) = fixture.put(path, json!({ "to": "group:it" })).await;
    assert_eq!((status.as_u16(), added["name"].as_str()), (200, Some("HELPDESK")));
    assert_eq!(fixture.put(path, json!({})).await.0, 409);
    assert_eq!(fixture.put("/message-names/SIXTEENCHARACTER", json!({})).await.0, 422);
    let (_, names) = fixture.get("/message-names").await;
    assert_eq!(names[0], json!({ "name": "HELPDESK", "to": "group:it", "computer": false }));
    assert_eq!(names[1]["computer"], json!(true));
    assert_eq!(fixture.delete(path).await, 204);
    assert_eq!(fixture.delete(path).await, 404);
}
