//! Signing in with a browser.

use auth::{
    Mechanism,
    scram::{Nonce, client},
};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::house::{Answer, Client, House, get, post, put};

/// What browsers say beside each request that is not a link.
const ORIGIN: &str = "Origin: https://office.internal\r\n";

/// Signs in, and returns the answer to the proof.
async fn sign_in<S: AsyncRead + AsyncWrite + Unpin>(
    client: &mut Client<S>,
    name: &str,
    password: &str,
    headers: &str,
) -> Answer {
    let login = client::Login::new(name, password);
    let (proof, first) = client::start(Mechanism::ScramSha256, login, &Nonce::from_random([2; 24])).unwrap();
    let first = json!({ "message": String::from_utf8(first).unwrap() });
    let challenge = client.ask(&post("/api/v1/session/scram", headers, &first)).await;
    assert_eq!(challenge.status, 200, "{challenge:?}");
    let message = challenge.json()["message"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/session/scram/{}", challenge.json()["exchange"].as_str().unwrap());
    let (proof, last) = proof.respond(message.as_bytes()).unwrap();
    let last = json!({ "message": String::from_utf8(last).unwrap(), "remember": true });
    let answer = client.ask(&post(&path, headers, &last)).await;
    if answer.status == 200 {
        let signature = answer.json()["message"].as_str().unwrap().to_owned();
        proof.verify(signature.as_bytes()).expect("the service knows the password too");
    }
    answer
}

/// The cookie that an answer sets, and how.
fn cookie(answer: &Answer) -> (String, String) {
    let line = answer.raw_header("set-cookie").expect("a cookie");
    let (pair, attributes) = line.split_once("; ").unwrap();
    (pair.to_owned(), attributes.to_owned())
}

#[tokio::test]
async fn a_person_signs_in_by_proving_their_password_and_is_known_by_a_cookie() {
    let house = House::open().await;
    let mut client = house.connect().await;
    assert_eq!(client.ask(&get("/api/v1/session", "")).await.status, 401);
    let agent = format!("{ORIGIN}User-Agent: Firefox\r\nAccept-Language: es\r\n");
    let answer = sign_in(&mut client, "anna", "geheim:ü", &agent).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let session = &answer.json()["session"];
    assert_eq!(session["address"], "anna@office.internal");
    assert_eq!(session["roles"], json!([]));
    assert_eq!(session["rooms_domain"], "rooms.office.internal");
    assert_eq!(session["language"], "es");
    assert_eq!(session["must_change_password"], false);
    let (pair, attributes) = cookie(&answer);
    assert!(pair.starts_with("__Host-messngr=messngr_"), "{pair}");
    assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=2592000");

    let shown = format!("Cookie: other=1; {pair}\r\n");
    let known = client.ask(&get("/api/v1/session", &shown)).await;
    assert_eq!((known.status, &known.json()["address"]), (200, &"anna@office.internal".into()));
    let again = known.raw_header("set-cookie").expect("it lasts from now on");
    assert!(again.starts_with(&pair), "{again}");
    assert_eq!(client.ask(&get("/api/v1/contacts", &shown)).await.status, 200);
    assert_eq!(client.ask(&get("/api/v1/accounts", &shown)).await.status, 403, "she administers nothing");
    let authority = session["certificate"]["download"].as_str().unwrap();
    assert!(client.ask(&get(authority, "")).await.body.starts_with("-----BEGIN CERTIFICATE-----"));

    let out = client.ask(&delete("/api/v1/session", &format!("{shown}{ORIGIN}"))).await;
    assert_eq!(out.status, 204);
    assert!(out.raw_header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(client.ask(&get("/api/v1/session", &shown)).await.status, 401);
}

#[tokio::test]
async fn a_password_that_an_administrator_chose_is_to_be_changed_unless_they_say_otherwise() {
    let house = House::open().await;
    let admin = house.token("admin", "administer").await;
    let head = format!("Authorization: Bearer {admin}\r\n");
    let mut client = house.connect().await;
    let new = json!({ "name": "clara", "password": "chosen for her" });
    assert_eq!(client.ask(&post("/api/v1/accounts", &head, &new)).await.status, 201);
    for (password, asked, told) in [
        ("chosen for her", None, true),
        ("chosen anew", Some(json!({ "password": "chosen anew" })), true),
        ("hers to keep", Some(json!({ "password": "hers to keep", "must_change_password": false })), false),
    ] {
        if let Some(asked) = asked {
            let set = client.ask(&put("/api/v1/accounts/clara/password", &head, &asked)).await;
            assert_eq!(set.status, 204, "{set:?}");
        }
        let answer = sign_in(&mut client, "clara", password, ORIGIN).await;
        assert_eq!(answer.json()["session"]["must_change_password"], told, "{password}");
    }
    let (pair, _) = cookie(&sign_in(&mut client, "admin", "secret", ORIGIN).await);
    let shown = format!("{ORIGIN}Cookie: {pair}\r\n");
    let own = json!({ "password": "of my own" });
    assert_eq!(client.ask(&put("/api/v1/accounts/admin/password", &shown, &own)).await.status, 204);
    let answer = sign_in(&mut client, "admin", "of my own", ORIGIN).await;
    assert_eq!(answer.json()["session"]["must_change_password"], false, "nobody else has chosen it");
}

#[tokio::test]
async fn what_changes_something_comes_from_a_page_of_the_service() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let (pair, _) = cookie(&sign_in(&mut client, "admin", "secret", ORIGIN).await);
    let group = |headers: &str, name: &str| {
        post("/api/v1/groups", &format!("Cookie: {pair}\r\n{headers}"), &json!({ "name": name }))
    };
    assert_eq!(client.ask(&group("", "a")).await.status, 403, "no Origin at all");
    assert_eq!(client.ask(&group("Origin: https://evil.example\r\n", "a")).await.status, 403);
    assert_eq!(client.ask(&group("Origin: null\r\n", "a")).await.status, 403);
    let cross = format!("{ORIGIN}Sec-Fetch-Site: cross-site\r\n");
    assert_eq!(client.ask(&group(&cross, "a")).await.status, 403);
    assert_eq!(client.ask(&group(ORIGIN, "a")).await.status, 201, "an administrator administers");
    let stream = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let stream = |headers: &str| get("/api/v1/events", &format!("Cookie: {pair}\r\n{stream}{headers}"));
    assert_eq!(client.ask(&stream("")).await.status, 403);
    assert_eq!(client.ask(&stream(ORIGIN)).await.status, 101);
}

#[tokio::test]
async fn whoever_guesses_learns_nothing_and_has_to_wait() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let wrong = sign_in(&mut client, "anna", "wrong", ORIGIN).await;
    let nobody = sign_in(&mut client, "nobody", "wrong", ORIGIN).await;
    assert_eq!((wrong.status, nobody.status), (401, 401));
    assert_eq!(wrong.body, nobody.body);
    assert!(wrong.raw_header("set-cookie").is_none());
    sign_in(&mut client, "anna", "wrong", ORIGIN).await;
    let first = json!({ "message": "n,,n=anna,r=fyko+d2lbbFgONRv9qkxdawL" });
    let waits = client.ask(&post("/api/v1/session/scram", ORIGIN, &first)).await;
    assert_eq!(waits.status, 429, "also with the right password");
}

#[tokio::test]
async fn an_exchange_is_good_once_and_malformed_messages_are_told_so() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let first = json!({ "message": "n,,n=anna,r=fyko+d2lbbFgONRv9qkxdawL" });
    let challenge = client.ask(&post("/api/v1/session/scram", "", &first)).await.json();
    let path = format!("/api/v1/session/scram/{}", challenge["exchange"].as_str().unwrap());
    let last = json!({ "message": "nonsense" });
    assert_eq!(client.ask(&post(&path, "", &last)).await.status, 422);
    assert_eq!(client.ask(&post(&path, "", &last)).await.status, 401);
    for message in ["", "y", "p=tls-exporter,,n=anna,r=abc", "n,a=bert,n=anna,r=fyko+d2lbbFgONRv9qkxdawL"] {
        let answer = client.ask(&post("/api/v1/session/scram", "", &json!({ "message": message }))).await;
        assert!([403, 422].contains(&answer.status), "{message}: {answer:?}");
    }
}

#[tokio::test]
async fn on_this_machine_the_cookie_works_without_encryption_and_only_there() {
    let house = House::open().await;
    let mut client = house.connect_plain().await;
    let (pair, attributes) =
        cookie(&sign_in(&mut client, "anna", "geheim:ü", "Origin: http://office.internal\r\n").await);
    assert!(pair.starts_with("messngr=messngr_"), "{pair}");
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000");
    let shown = format!("Cookie: {pair}\r\n");
    assert_eq!(client.ask(&get("/api/v1/session", &shown)).await.status, 200);
    assert_eq!(house.ask(&get("/api/v1/session", &shown)).await.status, 401);
}

#[tokio::test]
async fn people_see_where_they_are_signed_in_and_sign_out_there() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let agent = |agent: &str| format!("{ORIGIN}User-Agent: {agent}\r\n");
    let (here, _) = cookie(&sign_in(&mut client, "anna", "geheim:ü", &agent("Here")).await);
    let (there, _) = cookie(&sign_in(&mut client, "anna", "geheim:ü", &agent("There")).await);
    let desk = testkit::Guest::sign_in(&house.house, "anna", "desk").await;
    house.token("anna", "chat").await;
    let (here, there) = (format!("Cookie: {here}\r\n{ORIGIN}"), format!("Cookie: {there}\r\n{ORIGIN}"));
    let devices = client.ask(&get("/api/v1/me/sessions", &here)).await.json();
    let of_kind = |kind: &str| {
        let devices = devices.as_array().unwrap().iter();
        devices.filter(|device| device["kind"] == kind).cloned().collect::<Vec<Value>>()
    };
    assert_eq!(of_kind("browser").len(), 2);
    let current: Vec<Value> =
        of_kind("browser").into_iter().filter(|device| device["current"] == true).collect();
    assert_eq!((current.len(), &current[0]["name"]), (1, &"Here".into()));
    assert_eq!(of_kind("session")[0]["id"], "session:desk");
    assert_eq!(of_kind("token")[0]["name"], "t0");

    assert_eq!(client.ask(&delete("/api/v1/me/sessions/session:desk", &here)).await.status, 204);
    assert!(desk.session.outbox.closed().is_some());
    assert_eq!(client.ask(&delete("/api/v1/me/sessions/session:desk", &here)).await.status, 404);
    assert_eq!(client.ask(&delete("/api/v1/me/sessions", &here)).await.status, 204);
    assert_eq!(client.ask(&get("/api/v1/session", &there)).await.status, 401);
    assert_eq!(client.ask(&get("/api/v1/session", &here)).await.status, 200);
}

#[tokio::test]
async fn a_page_is_not_answered_so_that_the_browser_asks_for_a_password_by_itself() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let page = client.ask(&get("/api/v1/session", "Sec-Fetch-Mode: cors\r\n")).await;
    assert!(!page.head.contains("basic") && page.head.contains("www-authenticate: bearer"), "{}", page.head);
    let program = client.ask(&get("/api/v1/session", "")).await;
    assert!(program.head.contains("www-authenticate: basic"), "{}", program.head);
}

fn delete(path: &str, headers: &str) -> String {
    get(path, headers).replacen("GET", "DELETE", 1)
}
