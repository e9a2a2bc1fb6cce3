//! What one client may take.

use std::time::Duration;

use doors::{network::GateLimits, web::Patience};
use serde_json::json;

use crate::house::{House, REQUESTS_PER_MINUTE_MAX, get, post};

#[tokio::test]
async fn a_connection_is_used_again_and_the_listener_of_this_machine_answers_alike() {
    let house = House::open().await;
    let secret = house.token("admin", "read").await;
    let request = get("/api/v1/status", &format!("Authorization: Bearer {secret}\r\n"));
    let (mut tls, mut plain) = (house.connect().await, house.connect_plain().await);
    for _ in 0..3 {
        assert_eq!(tls.ask(&request).await.status, 200);
        assert_eq!(plain.ask(&request).await.status, 200);
    }
    assert_eq!(house.gate.status().connections, 2);
}

#[tokio::test]
async fn a_head_that_is_too_long_gets_nothing_done() {
    let house = House::open().await;
    let request = get("/api/v1/status", &format!("X: {}\r\n", "x".repeat(20_000)));
    let mut client = house.connect().await;
    client.say(&request).await;
    let status = client.answer().await.map(|answer| answer.status);
    assert!(matches!(status, None | Some(431)), "{status:?}");
    assert_eq!(house.ask(&get("/.well-known/host-meta", "")).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_and_who_may_not_ask_is_told_so_before_sending_it() {
    let house = House::open().await;
    let secret = house.token("anna", "chat").await;
    let head = format!("Authorization: Bearer {secret}\r\n");
    // Whoever sends all of it before they listen hears it, too, and goes on by the same connection.
    let mut client = house.connect_plain().await;
    for bytes in [1_100_000, 30_000_000] {
        let long = json!({ "to": "admin", "text": "x".repeat(bytes) });
        assert_eq!(client.ask(&post("/api/v1/messages", &head, &long)).await.status, 413);
    }
    assert_eq!(client.ask(&get("/.well-known/host-meta", "")).await.status, 200);
    let announced =
        get("/api/v1/accounts", &format!("{head}Content-Length: 1000000\r\n")).replace("GET", "POST");
    assert_eq!(house.ask(&announced).await.status, 403);
}

#[tokio::test]
async fn a_client_that_says_nothing_is_hung_up_on() {
    let limits = GateLimits {
        connections_max: 10,
        connections_per_address_max: 10,
        connections_per_account_max: 10,
        sign_in_failures_per_minute_max: 3,
    };
    let patience = Patience { head: Duration::from_millis(500), ..Patience::default() };
    let house = House::open_with(limits, patience).await;
    let mut silent = house.connect_plain().await;
    assert!(silent.answer().await.is_none());
    let mut idle = house.connect_plain().await;
    assert_eq!(idle.ask(&get("/.well-known/host-meta", "")).await.status, 200);
    assert!(idle.answer().await.is_none(), "also between two requests");
    let mut slow = house.connect_plain().await;
    slow.say("GET / HTTP/1.1\r\nHost: office").await;
    assert!(slow.answer().await.is_none_or(|answer| answer.status == 408));
}

#[tokio::test]
async fn who_has_proven_themselves_leaves_room_for_others_of_the_same_address() {
    let limits = GateLimits {
        connections_max: 10,
        connections_per_address_max: 1,
        connections_per_account_max: 10,
        sign_in_failures_per_minute_max: 3,
    };
    let house = House::open_with(limits, Patience::default()).await;
    let secret = house.token("admin", "read").await;
    let request = get("/api/v1/status", &format!("Authorization: Bearer {secret}\r\n"));
    let mut known = house.connect_plain().await;
    assert_eq!(known.ask(&request).await.status, 200);
    let mut stranger = house.connect_plain().await;
    assert_eq!(stranger.ask(&get("/.well-known/host-meta", "")).await.status, 200);
    let mut second = house.connect_plain().await;
    second.say(&get("/.well-known/host-meta", "")).await;
    assert!(second.answer().await.is_none(), "a second stranger of the address is not let in");
    assert_eq!(known.ask(&request).await.status, 200);
}

#[tokio::test]
async fn when_the_service_stops_connections_end() {
    let house = House::open().await;
    let mut waiting = house.connect().await;
    assert_eq!(waiting.ask(&get("/.well-known/host-meta", "")).await.status, 200);
    house.stop.cancel();
    house.tasks.close();
    house.tasks.wait().await;
    assert!(waiting.answer().await.is_none());
    assert_eq!(house.gate.status().connections, 0);
}

#[tokio::test]
async fn behind_a_proxy_each_client_is_who_it_is_and_nobody_gets_in_from_outside() {
    let house = House::open().await;
    let mut proxy = house.connect_plain().await;
    let guess = |source: &str| {
        get("/api/v1/status", &format!("X-Forwarded-For: {source}\r\nAuthorization: Basic YTpi\r\n"))
    };
    for _ in 0..3 {
        assert_eq!(proxy.ask(&guess("10.0.0.7")).await.status, 401);
    }
    assert_eq!(proxy.ask(&guess("10.0.0.7")).await.status, 429, "who guesses waits");
    let noted = loop {
        let audit = house.house.hub.store().audit(0, 1_000).await.unwrap();
        if let Some(record) = audit.into_iter().find(|record| record.action == "sign-in.locked-out") {
            break record.personal.unwrap();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((noted.subject.as_str(), noted.detail.as_str()), ("10.0.0.7", "no account"));
    assert_eq!(proxy.ask(&guess("10.0.0.8")).await.status, 401, "and others of the same proxy do not");
    assert_eq!(proxy.ask(&guess("203.0.113.5")).await.status, 403);
    assert_eq!(
        proxy.ask(&guess("203.0.113.5, 10.0.0.9")).await.status,
        401,
        "what the client says is not believed"
    );
}

#[tokio::test]
async fn whoever_asks_too_much_waits_and_is_told_how_long() {
    let house = House::open().await;
    let (busy, other) = (house.token("admin", "read").await, house.token("admin", "read").await);
    let request = |secret: &str| get("/api/v1/status", &format!("Authorization: Bearer {secret}\r\n"));
    let mut client = house.connect_plain().await;
    let first = client.ask(&request(&busy)).await;
    assert!(first.head.contains("ratelimit-policy: \"minute\";q=200;w=60"), "{first:?}");
    assert!(first.head.contains("ratelimit: \"minute\";r=199;t="), "{first:?}");
    for _ in 1..REQUESTS_PER_MINUTE_MAX {
        assert_eq!(client.ask(&request(&busy)).await.status, 200);
    }
    let refused = client.ask(&request(&busy)).await;
    assert_eq!((refused.status, refused.head.contains("retry-after: ")), (429, true), "{refused:?}");
    assert!(refused.head.contains("ratelimit: \"minute\";r=0;t="), "{refused:?}");
    assert_eq!(client.ask(&request(&other)).await.status, 200, "each token has its own");
}

#[tokio::test]
async fn what_strangers_ask_for_is_not_counted_against_publishers_nor_against_who_looks_after_the_service() {
    let house = House::open().await;
    let secret = house.token("admin", "publish:user:anna").await;
    let mut client = house.connect_plain().await;
    for _ in 0..REQUESTS_PER_MINUTE_MAX {
        assert_eq!(client.ask(&post("/plant", "", &json!({}))).await.status, 401);
    }
    assert_eq!(client.ask(&post("/plant", "", &json!({}))).await.status, 429);
    let publish = |path: &str, headers: &str| post(path, headers, &json!({}));
    let bearer = format!("Authorization: Bearer {secret}\r\n");
    assert_eq!(client.ask(&publish("/plant", &bearer)).await.status, 200);
    assert_eq!(client.ask(&publish(&format!("/plant?token={secret}"), "")).await.status, 200);
    for path in ["/health", "/ready", "/metrics"] {
        assert_ne!(client.ask(&get(path, "")).await.status, 429, "{path}");
    }
}

#[tokio::test]
async fn guesses_made_at_once_at_all_interfaces_are_no_more_than_may_fail() {
    let house = House::open().await;
    let paths = ["/api/v1/status", "/plant/json", "/message"];
    let guesses = (0..9).map(|number| {
        let (house, path) = (&house, paths[number % paths.len()]);
        async move {
            let mut client = house.connect_plain().await;
            client.ask(&get(path, "Authorization: Basic YW5uYTp3cm9uZw==\r\n")).await.status
        }
    });
    let answers = futures_util::future::join_all(guesses).await;
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 3, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 6, "{answers:?}");
}

#[tokio::test]
async fn one_account_does_not_take_all_connections() {
    let limits = GateLimits {
        connections_max: 10,
        connections_per_address_max: 10,
        connections_per_account_max: 2,
        sign_in_failures_per_minute_max: 3,
    };
    let house = House::open_with(limits, Patience::default()).await;
    let request = async |name: &str| {
        get("/api/v1/status", &format!("Authorization: Bearer {}\r\n", house.token(name, "read").await))
    };
    let mut kept = Vec::new();
    for expected in [200, 200, 503] {
        let mut client = house.connect_plain().await;
        assert_eq!(client.ask(&request("anna").await).await.status, expected);
        kept.push(client);
    }
    assert_eq!(house.connect_plain().await.ask(&request("admin").await).await.status, 200);
    kept.remove(0);
    while house.gate.status().connections > 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(kept[1].ask(&request("anna").await).await.status, 200);
}
