use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::browser::{Browser, basic, open};
use crate::house::{House, get, post};

#[tokio::test]
async fn the_stream_is_opened_by_whoever_may_speak_as_an_account_and_by_nobody_else() {
    let house = House::open().await;
    let chat = format!("Bearer {}", house.token("anna", "chat").await);
    let read = format!("Bearer {}", house.token("anna", "read").await);
    let browser = open(&house, "device=bot", Some(&chat)).await.unwrap();
    assert_eq!(browser.ready["address"], "anna@office.internal");
    assert_eq!(browser.ready["device"], "bot");
    assert_eq!(browser.ready["resumed"], false);
    assert_eq!(open(&house, "", Some(&read)).await.err(), Some(403));
    assert_eq!(open(&house, "", Some(&basic("anna", "wrong"))).await.err(), Some(401));
    assert_eq!(open(&house, "", None).await.err(), Some(401));
    assert_eq!(open(&house, "device=", Some(&chat)).await.err(), Some(422));
    assert_eq!(open(&house, "devise=x", Some(&chat)).await.err(), Some(422));
    let sessions = house.house.hub.sessions();
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    assert_eq!(sessions[0].protocol, Some(domain::Protocol::Web));
    assert!(sessions[0].connected && sessions[0].source == "127.0.0.1");
}

#[tokio::test]
async fn a_request_that_is_for_no_web_socket_is_told_what_is_spoken_here() {
    let house = House::open().await;
    let authorization = format!("Authorization: {}\r\n", basic("anna", "geheim:ü"));
    let answer = house.ask(&get("/api/v1/events", &authorization)).await;
    assert_eq!(answer.status, 426);
    assert!(answer.head.contains("upgrade: websocket"), "{}", answer.head);
    let upgrade = "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n";
    for (key, status) in [("short", 422), ("dGhlIHNhbXBsZSBub25jZQ==", 101)] {
        let headers = format!("{authorization}{upgrade}Sec-WebSocket-Key: {key}\r\n");
        assert_eq!(house.ask(&get("/api/v1/events", &headers)).await.status, status);
    }
    let foreign = format!(
        "{authorization}{upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://evil.example\r\n"
    );
    assert_eq!(house.ask(&get("/api/v1/events", &foreign)).await.status, 403, "a page of another place");
}

#[tokio::test]
async fn a_browser_shows_a_ticket_where_it_cannot_say_who_it_is_and_only_once() {
    let house = House::open().await;
    let authorization = format!("Authorization: {}\r\n", basic("anna", "geheim:ü"));
    let answer = house.ask(&post("/api/v1/events/ticket", &authorization, &json!({}))).await;
    assert_eq!((answer.status, &answer.json()["expires_in_seconds"]), (200, &json!(30)));
    let query = format!("device=page&ticket={}", answer.json()["ticket"].as_str().unwrap());
    let elsewhere = house.ask(&get(&format!("/api/v1/contacts?{query}"), "")).await;
    assert_eq!(elsewhere.status, 401, "it opens the stream and nothing else");
    let browser = open(&house, &query, None).await.unwrap();
    assert_eq!(browser.ready["address"], "anna@office.internal");
    assert_eq!(open(&house, &query, None).await.err(), Some(401));
    assert_eq!(house.ask(&post("/api/v1/events/ticket", "", &json!({}))).await.status, 401);
}

#[tokio::test]
async fn the_stream_is_served_by_the_encrypted_listener_too_and_counts_at_the_gate_until_it_ends() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let headers = format!(
        "Authorization: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        basic("anna", "geheim:ü")
    );
    let answer = client.ask(&get("/api/v1/events?device=page", &headers)).await;
    assert_eq!(answer.status, 101);
    assert!(answer.head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{}", answer.head);
    assert_eq!(house.gate.status().connections, 1);
    drop(client);
    while house.gate.status().connections > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_says_goodbye_is_gone_and_a_page_that_is_loaded_again_may_come_back() {
    let house = House::open().await;
    let browser = Browser::sign_in(&house, "anna", "page").await;
    browser.leave(CloseCode::Away).await;
    assert_eq!(house.house.hub.sessions().len(), 1);
    let browser = Browser::sign_in(&house, "anna", "page").await;
    browser.leave(CloseCode::Normal).await;
    assert_eq!(house.house.hub.sessions().len(), 0);
}

#[tokio::test]
async fn the_service_says_why_it_ends_a_stream() {
    let house = House::open().await;
    let mut first = Browser::sign_in(&house, "anna", "page").await;
    let mut second = Browser::sign_in(&house, "anna", "page").await;
    assert_eq!(first.close_code().await, 4001, "the name is taken");
    let anna = house.house.address("anna");
    assert!(house.house.hub.sign_out(&anna, "page").await);
    assert_eq!(second.close_code().await, 4004);
    let mut third = Browser::sign_in(&house, "anna", "page").await;
    house.house.hub.close_all_sessions();
    assert_eq!(third.close_code().await, 1012);
}

#[tokio::test]
async fn a_ticket_is_worth_nothing_once_what_it_was_given_for_is_gone() {
    let house = House::open().await;
    let hub = &house.house.hub;
    let ticket = async |authorization: &str| {
        let headers = format!("Authorization: {authorization}\r\n");
        let answer = house.ask(&post("/api/v1/events/ticket", &headers, &json!({}))).await;
        format!("device=page&ticket={}", answer.json()["ticket"].as_str().unwrap())
    };
    let secret = format!("Bearer {}", house.token("anna", "chat").await);
    let by_token = ticket(&secret).await;
    hub.remove_api_token("test", hub.api_tokens()[0].id).await.unwrap();
    assert_eq!(open(&house, &by_token, None).await.err(), Some(401));
    let by_password = ticket(&basic("anna", "geheim:ü")).await;
    hub.set_password("test", "anna", "another one").await.unwrap();
    assert_eq!(open(&house, &by_password, None).await.err(), Some(401));
    let disabled = ticket(&basic("anna", "another one")).await;
    hub.set_disabled("test", "anna", true).await.unwrap();
    hub.set_disabled("test", "anna", false).await.unwrap();
    assert_eq!(open(&house, &disabled, None).await.err(), Some(401));
    let good = ticket(&basic("anna", "another one")).await;
    assert!(open(&house, &good, None).await.is_ok());
}

#[tokio::test]
async fn a_new_password_signs_out_whoever_came_in_by_the_old_one() {
    let house = House::open().await;
    let mut browser = Browser::sign_in(&house, "anna", "page").await;
    house.house.hub.set_password("test", "anna", "another one").await.unwrap();
    assert_eq!(browser.close_code().await, 4004);
}
