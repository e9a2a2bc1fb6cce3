use serde_json::json;

use super::browser::{Browser, basic};
use crate::house::{House, get, post};

#[tokio::test]
async fn answers_reactions_corrections_and_retractions_come_as_what_they_are() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    let mut admin = Browser::sign_in(&house, "admin", "desk").await;
    let first = anna.tell("admin", "m1", "Lunch?").await;
    let mark = admin.words().await["mark"].clone();
    assert_eq!(mark, first["message"]);
    admin
        .say(json!({
            "type": "message", "id": "a1", "to": "anna", "text": "At noon",
            "reply": { "of": mark, "from": "anna@office.internal" },
        }))
        .await;
    let answer = anna.words().await;
    assert_eq!(answer["reply"], json!({ "of": mark, "from": "anna@office.internal" }));
    assert_eq!(answer["text"], "At noon");
    assert_eq!(answer["mark"], answer["id"]);

    admin
        .say(json!({ "type": "reaction", "id": "a2", "to": "anna", "of": mark, "emoji": ["👍", "🐢"] }))
        .await;
    admin.expect(|event| event["type"] == "accepted" && event["id"] == "a2").await;
    let reaction = anna.expect(|event| event["content"] == "reaction").await;
    assert_eq!((&reaction["of"], &reaction["emoji"]), (&mark, &json!(["👍", "🐢"])));
    admin
        .say(
            json!({ "type": "correction", "id": "a3", "to": "anna", "of": answer["mark"], "text": "At one" }),
        )
        .await;
    let correction = anna.expect(|event| event["content"] == "correction").await;
    assert_eq!((&correction["of"], &correction["text"]), (&answer["mark"], &json!("At one")));
    admin.say(json!({ "type": "retraction", "id": "a4", "to": "anna", "of": answer["mark"] })).await;
    let retraction = anna.expect(|event| event["content"] == "retraction").await;
    assert_eq!(retraction["of"], answer["mark"]);

    let authorization = format!("Authorization: {}\r\n", basic("anna", "geheim:ü"));
    let mut client = house.connect_plain().await;
    let list = client.ask(&get("/api/v1/conversations", &authorization)).await.json();
    assert_eq!(list[0]["changed"], true, "who shows what was said last asks what became of it");
    let history = client.ask(&get("/api/v1/history?with=admin", &authorization)).await.json();
    let kinds: Vec<&str> = history["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|said| said["content"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["text", "text", "reaction", "correction", "retraction"]);
    let found = client.ask(&get("/api/v1/history?search=noon", &authorization)).await.json();
    assert_eq!(found["messages"][0]["text"], "At noon");
}

#[tokio::test]
async fn a_file_comes_with_what_is_known_of_it_and_only_from_where_files_are() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    let mut admin = Browser::sign_in(&house, "admin", "desk").await;
    let file = json!({
        "url": "https://office.internal:8443/files/1/a.png", "name": "a.png", "size": 7, "media_type": "image/png",
        "width": 640, "height": 480,
    });
    anna.say(json!({ "type": "message", "id": "m1", "to": "admin", "file": file })).await;
    let came = admin.words().await;
    assert_eq!((&came["file"], &came["text"]), (&file, &json!("")));
    for url in ["javascript:alert(1)", "https://a b", "", "data:text/html,x"] {
        let file = json!({ "url": url, "name": "x" });
        anna.say(json!({ "type": "message", "id": "m2", "to": "admin", "text": "x", "file": file })).await;
        let refused = anna.expect(|event| event["type"] == "refused").await;
        assert_eq!(refused["problem"]["status"], 422, "{url}");
    }
    let many: Vec<&str> = vec!["👍"; 21];
    anna.say(json!({ "type": "reaction", "id": "m3", "to": "admin", "of": "x", "emoji": many })).await;
    assert_eq!(anna.expect(|event| event["type"] == "refused").await["id"], "m3");
}

#[tokio::test]
async fn a_suspicious_message_is_shown_to_the_administrators_by_who_has_got_it() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    let mut admin = Browser::sign_in(&house, "admin", "desk").await;
    house.house.add("mallory").await;
    house.house.send("mallory", "anna", "Your password, please").await.unwrap();
    let message = anna.words().await["id"].clone();
    let mut client = house.connect_plain().await;
    let report = |name: &str, password: &str| {
        let authorization = format!("Authorization: {}\r\n", basic(name, password));
        post("/api/v1/me/reports", &authorization, &json!({ "message": message, "why": "phishing" }))
    };
    assert_eq!(client.ask(&report("anna", "geheim:ü")).await.status, 204);
    let shown = admin.words().await;
    assert_eq!(shown["from"], "office.internal");
    let text = shown["text"].as_str().unwrap();
    for part in ["anna@office.internal", "mallory@office.internal", "Your password, please", "phishing"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(client.ask(&report("admin", "secret")).await.status, 404, "it is none of theirs");
}

#[tokio::test]
async fn people_are_found_by_their_names_unless_they_hide() {
    let house = House::open().await;
    house.house.add("bert").await;
    house.house.add("berta").await;
    let authorization = format!("Authorization: {}\r\n", basic("anna", "geheim:ü"));
    let mut client = house.connect_plain().await;
    let find = get("/api/v1/people?search=BERT", &authorization);
    let found = client.ask(&find).await.json();
    assert_eq!(found, json!([{ "address": "bert@office.internal" }, { "address": "berta@office.internal" }]));
    let hidden = domain::Privacy { invisible: true, ..domain::Privacy::default() };
    house.house.hub.set_privacy("test", "berta", hidden).await.unwrap();
    assert_eq!(client.ask(&find).await.json().as_array().unwrap().len(), 1);
    assert_eq!(client.ask(&get("/api/v1/people", &authorization)).await.json(), json!([]));
    let (bert, anna) = (house.house.address("bert"), house.house.address("anna"));
    house.house.hub.subscription(&bert, &anna, domain::SubscriptionAction::Subscribe, None).await.unwrap();
    let asking = client.ask(&get("/api/v1/contacts/requests", &authorization)).await.json();
    assert_eq!(asking, json!([{ "address": "bert@office.internal" }]));
}
