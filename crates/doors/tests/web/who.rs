//! Who asks, and from where.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::house::{Answer, House, get, post};

fn bearer(secret: &str) -> String {
    format!("Authorization: Bearer {secret}\r\n")
}

fn basic(name: &str, password: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{name}:{password}")))
}

#[tokio::test]
async fn a_program_is_known_by_its_token_and_does_what_its_scopes_say() {
    let house = House::open().await;
    let secret = house.token("admin", "read").await;
    let mut client = house.connect().await;
    let status = client.ask(&get("/api/v1/status", &bearer(&secret))).await;
    assert_eq!((status.status, &status.json()["domain"]), (200, &json!("office.internal")));
    let refused = client.ask(&get("/api/v1/accounts", &bearer(&secret))).await;
    assert_eq!((refused.status, &refused.json()["missing_scope"]), (403, &json!("administer")));
    // The place of the password does as well.
    assert_eq!(client.ask(&get("/api/v1/status", &basic("", &secret))).await.status, 200);

    let id = house.house.hub.api_tokens()[0].id;
    house.house.hub.remove_api_token("test", id).await.unwrap();
    assert_eq!(client.ask(&get("/api/v1/status", &bearer(&secret))).await.status, 401);
}

#[tokio::test]
async fn a_person_is_known_by_their_password_and_speaks_as_themselves() {
    let house = House::open().await;
    let message = json!({ "to": "admin", "text": "good morning" });
    for name in ["anna", "anna@office.internal"] {
        let answer = house.ask(&post("/api/v1/messages", &basic(name, "geheim:ü"), &message)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(house.house.pending("admin").await, ["good morning", "good morning"]);
    assert_eq!(house.ask(&get("/api/v1/accounts", &basic("anna", "geheim:ü"))).await.status, 403);
    assert_eq!(house.ask(&get("/api/v1/accounts", &basic("admin", "secret"))).await.status, 200);
}

#[tokio::test]
async fn whoever_is_not_known_is_told_how_to_say_who_they_are() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let unknown = [
        "",
        "Authorization: Digest x\r\n",
        "Authorization: Bearer messngr_x\r\n",
        "Authorization: Basic ?\r\n",
    ];
    for headers in unknown {
        let answer = client.ask(&get("/api/v1/status", headers)).await;
        assert_eq!(answer.status, 401, "{headers}");
        assert!(answer.head.contains("www-authenticate: bearer realm"), "{answer:?}");
        assert!(answer.head.contains("www-authenticate: basic realm"), "{answer:?}");
        assert!(answer.head.contains("content-type: application/problem+json"), "{answer:?}");
    }
    let secret = house.token("admin", "read").await;
    let twice = bearer(&secret).repeat(2);
    assert_eq!(client.ask(&get("/api/v1/status", &twice)).await.status, 401);
}

#[tokio::test]
async fn whoever_guesses_passwords_waits_and_learns_nothing_of_who_exists() {
    let house = House::open().await;
    let guess = async |name: &str| house.ask(&get("/api/v1/status", &basic(name, "guess"))).await;
    let (anna, nobody) = (guess("anna").await, guess("nobody").await);
    assert_eq!((anna.status, &anna.body), (401, &nobody.body));
    assert_eq!(guess("a b/c").await.status, 401);
    let waits = |answer: &Answer| answer.status == 429 && answer.head.contains("retry-after: 60");
    assert!(waits(&guess("anna").await));
    let right = house.ask(&get("/api/v1/status", &basic("admin", "secret"))).await;
    assert!(waits(&right), "also the right one: {right:?}");
    assert_eq!(house.gate.status().failed_sign_ins, 3);
    let secret = house.token("admin", "read").await;
    assert_eq!(
        house.ask(&get("/api/v1/status", &bearer(&secret))).await.status,
        200,
        "a token is not guessed"
    );
}

#[tokio::test]
async fn guesses_that_come_all_at_once_are_no_way_around_the_waiting() {
    let house = House::open().await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(house.connect_plain().await);
    }
    for client in &mut clients {
        client.say(&get("/api/v1/status", &basic("anna", "guess"))).await;
    }
    let mut looked_at = 0;
    for client in &mut clients {
        looked_at += u32::from(client.answer().await.unwrap().status == 401);
    }
    assert!((3..=6).contains(&looked_at), "{looked_at} guesses were looked at");
}

#[tokio::test]
async fn a_disabled_account_is_told_so_only_with_its_password_and_its_tokens_are_useless() {
    let house = House::open().await;
    let secret = house.token("anna", "read").await;
    house.house.hub.set_disabled("test", "anna", true).await.unwrap();
    assert_eq!(house.ask(&get("/api/v1/ca", &basic("anna", "geheim:ü"))).await.status, 403);
    assert_eq!(house.ask(&get("/api/v1/ca", &basic("anna", "guess"))).await.status, 401);
    assert_eq!(house.ask(&get("/api/v1/ca", &bearer(&secret))).await.status, 401);
}

#[tokio::test]
async fn pages_and_names_of_others_reach_nothing_not_even_what_is_not_there() {
    let house = House::open().await;
    let secret = house.token("admin", "read").await;
    let mut client = house.connect().await;
    for path in ["/api/v1/status", "/api/v1/nothing", "/nothing"] {
        for headers in
            ["Origin: https://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: same-site\r\n"]
        {
            let answer = client.ask(&get(path, &(bearer(&secret) + headers))).await;
            assert_eq!(answer.status, 403, "{path} {headers}");
            assert!(!answer.head.contains("access-control"), "{answer:?}");
        }
        let rebound = get(path, &bearer(&secret)).replace("Host: office.internal", "Host: evil.example");
        assert_eq!(client.ask(&rebound).await.status, 421, "{path}");
    }
    let preflight =
        get("/api/v1/status", "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n");
    assert_eq!(client.ask(&preflight.replace("GET", "OPTIONS")).await.status, 403);
    for host in ["alerts.office.internal", "127.0.0.1", "localhost"] {
        let request = get("/api/v1/status", &bearer(&secret)).replace("office.internal", host);
        assert_eq!(client.ask(&request).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_to_keep_it_to_themselves() {
    let house = House::open().await;
    for path in ["/api/v1/status", "/nothing", "/.well-known/host-meta"] {
        let head = house.ask(&get(path, "")).await.head;
        for line in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "content-security-policy: default-src 'none'; frame-ancestors 'none'",
        ] {
            assert!(head.contains(line), "{path}: {head}");
        }
    }
}
