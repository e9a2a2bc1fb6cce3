use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::browser::Browser;
use crate::house::{House, get};

#[tokio::test]
async fn words_are_told_taken_by_the_id_of_who_says_them_and_come_once() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    let mut admin = Browser::sign_in(&house, "admin", "desk").await;
    let accepted = anna.tell("admin", "m1", "good morning").await;
    let again = anna.tell("admin@office.internal", "m1", "good morning").await;
    assert!(accepted.get("seq").is_none() && again["id"] == "m1");
    let came = admin.words().await;
    assert_eq!(came["text"], "good morning");
    assert_eq!((&came["from"], &came["verified"]), (&json!("anna@office.internal"), &json!(true)));
    assert_eq!(came["mark"], accepted["message"], "what receipts name");
    anna.tell("admin", "m2", "and again").await;
    assert_eq!(admin.words().await["text"], "and again", "the repetition did not come");

    anna.say(json!({ "type": "message", "id": "m3", "to": "nobody", "text": "?" })).await;
    let refused = anna.expect(|event| event["type"] == "refused").await;
    assert_eq!((&refused["id"], &refused["problem"]["status"]), (&json!("m3"), &json!(404)));
    anna.say(json!({ "type": "message", "id": "m4", "to": "admin", "text": "  " })).await;
    let refused = anna.expect(|event| event["type"] == "refused").await;
    assert_eq!((&refused["id"], &refused["problem"]["status"]), (&json!("m4"), &json!(422)));
}

#[tokio::test]
async fn typing_and_what_becomes_of_a_message_go_both_ways_and_other_devices_get_copies() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    let mut other = Browser::sign_in(&house, "anna", "phone").await;
    let mut admin = Browser::sign_in(&house, "admin", "desk").await;
    let accepted = anna.tell("admin", "m1", "hello").await;
    let copy = other.expect(|event| event["type"] == "carbon").await;
    assert_eq!((&copy["direction"], &copy["text"]), (&json!("sent"), &json!("hello")));
    let mark = admin.words().await["mark"].clone();
    admin.say(json!({ "type": "received", "to": "anna", "of": mark, "id": "r1" })).await;
    admin.expect(|event| event["type"] == "accepted" && event["id"] == "r1").await;
    admin.say(json!({ "type": "read", "to": "anna", "of": mark })).await;
    for seen in [false, true] {
        let receipt = anna.expect(|event| event["content"] == "receipt").await;
        assert_eq!((&receipt["of"], &receipt["seen"]), (&accepted["message"], &json!(seen)));
    }
    for composing in [true, false] {
        admin.say(json!({ "type": "typing", "to": "anna", "composing": composing })).await;
        let typing = anna.expect(|event| event["content"] == "typing").await;
        assert_eq!(
            (&typing["from"], &typing["composing"]),
            (&json!("admin@office.internal"), &json!(composing))
        );
    }
}

#[tokio::test]
async fn people_become_contacts_see_each_other_and_are_blocked() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    let mut admin = Browser::sign_in(&house, "admin", "desk").await;
    anna.say(json!({ "type": "subscription", "to": "admin", "action": "subscribe", "id": "s1" })).await;
    anna.expect(|event| event["type"] == "done" && event["id"] == "s1").await;
    let asked = admin.expect(|event| event["type"] == "subscription").await;
    assert_eq!((&asked["from"], &asked["action"]), (&json!("anna@office.internal"), &json!("subscribe")));
    admin.say(json!({ "type": "subscription", "to": "anna", "action": "subscribed" })).await;
    let contact = anna.expect(|event| event["type"] == "contact" && event["to"] == true).await;
    assert_eq!(contact["address"], "admin@office.internal");
    let presence = anna.expect(|event| event["device"] == "desk").await;
    assert_eq!((&presence["type"], &presence["show"]), (&json!("presence"), &json!("available")));
    admin.say(json!({ "type": "presence", "show": "busy", "text": "in a \u{202e}meeting" })).await;
    let presence = anna.expect(|event| event["device"] == "desk").await;
    assert_eq!((&presence["show"], &presence["text"]), (&json!("busy"), &json!("in a meeting")));
    admin.say(json!({ "type": "presence", "show": null })).await;
    assert_eq!(anna.expect(|event| event["device"] == "desk").await["show"], json!(null));

    house
        .house
        .hub
        .block(&house.house.address("anna"), vec!["admin@office.internal".to_owned()])
        .await
        .unwrap();
    let blocks = anna.expect(|event| event["type"] == "blocks").await;
    assert_eq!(blocks["blocked"], json!(["admin@office.internal"]));
}

#[tokio::test]
async fn an_alert_is_shown_everywhere_and_confirmed_once() {
    let house = House::open().await;
    let mut page = Browser::sign_in(&house, "anna", "page").await;
    let mut phone = Browser::sign_in(&house, "anna", "phone").await;
    let (admin, anna) = (house.house.address("admin"), "user:anna".parse().unwrap());
    let draft = domain::AlertDraft {
        severity: domain::Severity::Severe,
        choices: vec!["Safe".to_owned(), "Help".to_owned()],
        must_confirm: true,
        ..domain::AlertDraft::new(admin, anna, "Fire drill")
    };
    let sent = house.house.hub.send_alert(draft).await.unwrap();
    let alert = page.expect(|event| event["type"] == "alert").await;
    assert_eq!((&alert["headline"], &alert["choices"]), (&json!("Fire drill"), &json!(["Safe", "Help"])));
    assert_eq!(alert["id"], sent.id.to_string());
    phone.expect(|event| event["type"] == "alert").await;

    let mut admin = Browser::sign_in(&house, "admin", "desk").await;
    admin.say(json!({ "type": "report", "alert": sent.id, "watch": true })).await;
    let report = admin.expect(|event| event["type"] == "report").await;
    assert_eq!((&report["counts"]["recipients"], &report["counts"]["confirmed"]), (&json!(1), &json!(0)));
    page.say(json!({ "type": "report", "alert": sent.id, "watch": true, "id": "r1" })).await;
    assert_eq!(page.expect(|event| event["id"] == "r1").await["problem"]["missing_scope"], "read");

    page.say(json!({ "type": "seen", "alert": sent.id, "id": "seen" })).await;
    page.expect(|event| event["type"] == "done" && event["id"] == "seen").await;
    page.say(json!({ "type": "confirm", "alert": sent.id, "choice": "Perhaps", "id": "c0" })).await;
    assert_eq!(page.expect(|event| event["id"] == "c0").await["problem"]["status"], 422);
    page.say(json!({ "type": "confirm", "alert": sent.id, "choice": "safe", "id": "c1" })).await;
    let confirmed = page.expect(|event| event["id"] == "c1").await;
    assert_eq!((&confirmed["type"], &confirmed["choice"]), (&json!("confirmed"), &json!("Safe")));
    admin.expect(|event| event["type"] == "report" && event["counts"]["confirmed"] == 1).await;
    let answered = phone.expect(|event| event["type"] == "alert-answered").await;
    assert_eq!((&answered["choice"], &answered["device"]), (&json!("Safe"), &json!("page")));
    phone.say(json!({ "type": "confirm", "alert": sent.id, "choice": "Help", "id": "c2" })).await;
    let late = phone.expect(|event| event["id"] == "c2").await;
    assert_eq!((&late["choice"], &late["first"]), (&json!("Safe"), &json!(false)));

    house.house.hub.cancel_alert(sent.id, &house.house.address("admin")).await.unwrap();
    admin.expect(|event| event["type"] == "report" && event["status"] == "cancelled").await;
    for browser in [&mut page, &mut phone] {
        let ended = browser.expect(|event| event["type"] == "alert-ended").await;
        assert_eq!((&ended["alert"], &ended["status"]), (&json!(sent.id), &json!("cancelled")));
    }
}

#[tokio::test]
async fn what_is_no_command_is_refused_and_the_stream_goes_on() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    let deep = "[".repeat(10_000);
    for text in [
        "",
        "{}",
        "null",
        "{\"type\":\"shout\"}",
        "{\"type\":\"ack\"}",
        "{\"type\":\"ack\",\"seq\":-1}",
        &deep,
    ] {
        anna.say_text(text).await;
        let refused = anna.expect(|event| event["type"] == "refused").await;
        assert_eq!(refused["problem"]["status"], 422, "{text}");
    }
    let unknown = json!({ "type": "typing", "to": "admin", "composing": true, "colour": "red" });
    anna.say(unknown).await;
    anna.expect(|event| event["type"] == "refused").await;
    let long = json!({ "type": "message", "id": "x".repeat(201), "to": "admin", "text": "hello" });
    anna.say(long).await;
    anna.expect(|event| event["type"] == "refused").await;
    anna.tell("admin", "m1", "still here").await;
    assert_eq!(house.house.pending("admin").await, ["still here"]);
}

#[tokio::test]
async fn what_no_client_does_ends_the_stream_with_a_code_for_it() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    anna.send(Message::binary(b"x".as_slice())).await;
    assert_eq!(anna.close_code().await, 1003);
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    anna.say_text(&"x".repeat(256 * 1_024 + 1)).await;
    assert_eq!(anna.close_code().await, 1009);
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    anna.say(json!({ "type": "ack", "seq": 1_000_000 })).await;
    assert_eq!(anna.close_code().await, 4005);
}

#[tokio::test]
async fn what_was_said_before_is_read_in_the_history() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    for number in 1..=3 {
        anna.tell("admin", &format!("m{number}"), &format!("words {number}")).await;
    }
    let authorization = format!("Authorization: {}\r\n", super::browser::basic("anna", "geheim:ü"));
    let page = house.ask(&get("/api/v1/history?with=admin&limit=2", &authorization)).await.json();
    let texts = |page: &serde_json::Value| {
        let messages = page["messages"].as_array().unwrap().clone();
        messages.iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((texts(&page), &page["complete"]), (vec!["words 2".into(), "words 3".into()], &json!(false)));
    let before = page["messages"][0]["id"].as_str().unwrap();
    let path = format!("/api/v1/history?with=admin&before={before}");
    let page = house.ask(&get(&path, &authorization)).await.json();
    assert_eq!((texts(&page), &page["complete"]), (vec!["words 1".into()], &json!(true)));
}
