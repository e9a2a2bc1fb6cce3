use serde_json::{Value, json};

use super::browser::{Browser, basic};
use crate::house::{Answer, House, get, post};

fn authorization(name: &str) -> String {
    let password = if name == "anna" { "geheim:ü" } else { "secret" };
    format!("Authorization: {}\r\n", basic(name, password))
}

async fn ask(house: &House, method: &str, path: &str, name: &str) -> Answer {
    let request = get(path, &format!("{}Content-Length: 0\r\n", authorization(name)));
    house.connect_plain().await.ask(&request.replacen("GET", method, 1)).await
}

async fn make(house: &House, room: &Value) -> Answer {
    house.connect_plain().await.ask(&post("/api/v1/rooms", &authorization("anna"), room)).await
}

const PRESS: &str = "press@rooms.office.internal";

#[tokio::test]
async fn a_room_is_made_others_are_asked_in_and_all_read_the_same() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    let mut admin = Browser::sign_in(&house, "admin", "desk").await;
    let room = json!({ "name": "press", "title": "Press hall", "members": ["admin"] });
    let made = make(&house, &room).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!((&made.json()["address"], &made.json()["title"]), (&json!(PRESS), &json!("Press hall")));
    assert_eq!(make(&house, &room).await.status, 409, "twice");
    let invitation = admin.expect(|event| event["content"] == "invitation").await;
    assert_eq!(invitation["room"], PRESS);
    let path = format!("/api/v1/rooms/{PRESS}/membership");
    assert_eq!(ask(&house, "PUT", &path, "admin").await.status, 204);
    admin.expect(|event| event["type"] == "room-presence" && event["own"] == true).await;
    anna.expect(|event| event["type"] == "room-presence" && event["nickname"] == "admin").await;

    anna.say(json!({ "type": "message", "id": "m1", "to": PRESS, "text": "Paper is out" })).await;
    let accepted = anna.expect(|event| event["type"] == "accepted").await;
    let came = admin.words().await;
    assert_eq!(
        (&came["room"], &came["nickname"], &came["text"]),
        (&json!(PRESS), &json!("anna"), &json!("Paper is out"))
    );
    assert_eq!((&came["id"], &came["from"]), (&accepted["message"], &json!("anna@office.internal")));
    assert_eq!(came.get("own"), None);
    admin
        .say(json!({ "type": "reaction", "id": "a1", "to": PRESS, "of": came["mark"], "emoji": ["👍"] }))
        .await;
    let reaction = anna.expect(|event| event["content"] == "reaction").await;
    assert_eq!((&reaction["room"], &reaction["of"]), (&json!(PRESS), &came["mark"]));
    admin.say(json!({ "type": "typing", "to": PRESS, "composing": true })).await;
    assert_eq!(anna.expect(|event| event["content"] == "typing").await["room"], PRESS);

    let shown = ask(&house, "GET", &format!("/api/v1/rooms/{PRESS}"), "admin").await.json();
    assert_eq!(shown["joined"], true);
    assert_eq!(shown["members"].as_array().unwrap().len(), 2);
    let history = ask(&house, "GET", &format!("/api/v1/history?with={PRESS}"), "admin").await.json();
    assert_eq!(history["messages"][0]["text"], "Paper is out");
    let list = ask(&house, "GET", "/api/v1/conversations", "admin").await.json();
    assert_eq!((&list[0]["with"], &list[0]["changed"]), (&json!(PRESS), &json!(true)));
    assert_eq!(ask(&house, "DELETE", &path, "admin").await.status, 204);
    let gone = anna.expect(|event| event["type"] == "room-presence" && event["show"] == json!(null)).await;
    assert_eq!(gone["nickname"], "admin");
}

#[tokio::test]
async fn what_came_after_a_message_of_a_room_is_read_page_by_page() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    assert_eq!(make(&house, &json!({ "name": "press", "title": "Press hall" })).await.status, 201);
    for number in 0..5 {
        let said = json!({ "type": "message", "id": format!("m{number}"), "to": PRESS, "text": format!("words {number}") });
        anna.say(said).await;
        anna.expect(|event| event["type"] == "accepted").await;
    }
    let first = ask(&house, "GET", &format!("/api/v1/history?with={PRESS}"), "anna").await.json();
    let mut after = first["messages"][0]["id"].as_str().unwrap().to_owned();
    let mut pages = Vec::new();
    for _ in 0..2 {
        let path = format!("/api/v1/history?with={PRESS}&limit=2&after={after}");
        let page = ask(&house, "GET", &path, "anna").await.json();
        let messages = page["messages"].as_array().unwrap();
        after = messages[1]["id"].as_str().unwrap().to_owned();
        pages.push((messages[0]["text"].clone(), messages[1]["text"].clone(), page["complete"] == true));
    }
    let page = |one: &str, other: &str, complete| (json!(one), json!(other), complete);
    assert_eq!(pages, [page("words 1", "words 2", false), page("words 3", "words 4", true)]);
}

#[tokio::test]
async fn a_browser_that_comes_later_is_in_the_rooms_of_its_person() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    assert_eq!(make(&house, &json!({ "name": "press", "open": true })).await.status, 201);
    let mut phone = Browser::sign_in(&house, "anna", "phone").await;
    anna.say(json!({ "type": "message", "id": "m1", "to": PRESS, "text": "hello" })).await;
    let came = phone.words().await;
    assert_eq!((&came["room"], &came["own"]), (&json!(PRESS), &json!(true)));
}

#[tokio::test]
async fn who_does_not_belong_to_a_room_neither_sees_nor_enters_it() {
    let house = House::open().await;
    house.house.hub.add_account("test", "mallory", "secret", false).await.unwrap();
    let _anna = Browser::sign_in(&house, "anna", "page").await;
    let mut mallory = Browser::sign_in(&house, "mallory", "page").await;
    assert_eq!(make(&house, &json!({ "name": "press" })).await.status, 201);
    assert_eq!(ask(&house, "GET", "/api/v1/rooms", "mallory").await.json(), json!([]));
    for path in [format!("/api/v1/rooms/{PRESS}"), format!("/api/v1/history?with={PRESS}")] {
        let status = ask(&house, "GET", &path, "mallory").await.status;
        assert!([403, 404].contains(&status), "{path}: {status}");
    }
    let membership = format!("/api/v1/rooms/{PRESS}/membership");
    assert_eq!(ask(&house, "PUT", &membership, "mallory").await.status, 404);
    mallory.say(json!({ "type": "message", "id": "m1", "to": PRESS, "text": "hello" })).await;
    let refused = mallory.expect(|event| event["type"] == "refused").await;
    assert_eq!(refused["id"], "m1");
}
