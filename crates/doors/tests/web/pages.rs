//! What stands beside the interface.

use doors::api::Listening;

use crate::house::{House, get};

fn door(setting: &str, address: Option<&str>, problem: Option<&str>) -> Listening {
    Listening {
        door: "xmpp".to_owned(),
        setting: setting.to_owned(),
        purpose: "chat".to_owned(),
        address: address.map(|address| address.parse().unwrap()),
        problem: problem.map(str::to_owned),
        remedy: None,
    }
}

#[tokio::test]
async fn the_interface_is_described_for_programs_and_for_people() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let document = client.ask(&get("/api/openapi.json", "")).await;
    assert_eq!(document.json()["openapi"], "3.1.1");
    assert_eq!(document.json()["info"]["version"], "1.2.3");
    let page = client.ask(&get("/api", "")).await;
    assert!(page.head.contains("content-type: text/html; charset=utf-8"), "{}", page.head);
    assert!(
        page.head.contains("content-security-policy: default-src 'none'; style-src 'self'"),
        "{}",
        page.head
    );
    assert!(page.head.contains("frame-ancestors 'none'"), "{}", page.head);
    assert!(page.body.contains("postAlerts"));
    let style = client.ask(&get("/api/style.css", "")).await;
    assert!(style.head.contains("content-type: text/css"), "{}", style.head);
    assert!(!style.body.contains("url("), "it loads nothing");
}

#[tokio::test]
async fn everything_that_is_described_is_answered_and_needs_what_it_says() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let document = client.ask(&get("/api/openapi.json", "")).await.json();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let path = path.replace(['{', '}'], "");
            let request = get(&path, "").replace("GET", &method.to_uppercase());
            let is_open = operation["security"].as_array().is_some_and(Vec::is_empty);
            let status = client.ask(&request).await.status;
            assert_eq!(status == 401, !is_open, "{method} {path}: {status}");
            assert_ne!(status, 404, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_service_is_ready_while_everything_that_is_to_listen_does() {
    let house = House::open().await;
    let mut client = house.connect().await;
    assert_eq!(client.ask(&get("/health", "")).await.status, 200);
    let listens = door("doors.xmpp.listen", Some("10.0.0.5:5222"), None);
    let off = door("doors.windows.session_listen", None, Some("The door is switched off."));
    house.service.set_listening(vec![listens.clone(), off]);
    assert_eq!(client.ask(&get("/ready", "")).await.status, 200);
    assert!(client.ask(&get("/status", "")).await.body.contains("Everything works."));

    let taken = door("doors.xmpp.listen_tls", None, Some("Port 5223 is taken."));
    house.service.set_listening(vec![listens, taken]);
    let answer = client.ask(&get("/ready", "")).await;
    assert_eq!((answer.status, &answer.json()["not_listening"][0]), (503, &"doors.xmpp.listen_tls".into()));
    assert!(client.ask(&get("/status", "")).await.body.contains("Something does not work."));
}

#[tokio::test]
async fn a_store_that_takes_nothing_makes_the_service_not_ready() {
    let house = House::open().await;
    house.house.close_store();
    let answer = house.ask(&get("/ready", "")).await;
    assert_eq!((answer.status, &answer.json()["store"]), (503, &false.into()));
    assert_eq!(house.ask(&get("/health", "")).await.status, 200, "it lives all the same");
}

#[tokio::test]
async fn what_is_measured_is_for_this_machine_and_counts_what_happens() {
    let house = House::open().await;
    house.house.send("anna", "admin", "hello").await.unwrap();
    let mut client = house.connect_plain().await;
    assert_eq!(client.ask(&get("/nothing/at/all", "")).await.status, 404);
    let metrics = client.ask(&get("/metrics", "")).await;
    assert!(metrics.head.contains("content-type: text/plain; version=0.0.4"), "{}", metrics.head);
    for line in [
        "messngr_accounts 2",
        "messngr_connections 1",
        "messngr_messages_total{verdict=\"allowed\"} 1",
        "messngr_http_answers_total{class=\"4xx\"} 1",
        "# TYPE messngr_sign_ins_failed_total counter",
    ] {
        assert!(metrics.body.lines().any(|other| other == line), "{line} in\n{}", metrics.body);
    }
    let forwarded = client.ask(&get("/metrics", "X-Forwarded-For: 10.0.0.9\r\n")).await;
    assert_eq!(forwarded.status, 403, "what a proxy forwards is not of this machine");
    let forwarded = client.ask(&get("/metrics", "Forwarded: for=10.0.0.9\r\n")).await;
    assert_eq!(forwarded.status, 403);
}
