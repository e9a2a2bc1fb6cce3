//! Who may publish and read, whatever interface they use.

use crate::house::House;

const XML: &str = "<alert/>";

/// Every way to publish to the topic `plant`.
const PUBLISH: [(&str, &str, &str, &str); 6] = [
    ("POST", "/plant", "text/plain", "x"),
    ("POST", "/", "application/json", r#"{"topic":"plant","message":"x"}"#),
    ("GET", "/plant/publish?message=x", "text/plain", ""),
    ("POST", "/plant/message", "application/json", r#"{"message":"x"}"#),
    ("POST", "/alertmanager/plant", "application/json", r#"{"version":"4","alerts":[{"status":"firing"}]}"#),
    ("POST", "/cap/plant", "application/cap+xml", XML),
];

/// Every way to read it.
const READ: [&str; 4] = ["/plant/json?poll=1", "/plant/sse?poll=1", "/plant/raw?poll=1", "/plant/auth"];

#[tokio::test]
async fn nobody_publishes_without_a_token_with_a_wrong_one_or_with_one_for_others() {
    let house = House::open().await;
    for (method, path, kind, body) in PUBLISH {
        let kind = ("content-type", kind);
        house.ask(method, path, &[kind], body).await.expect(401);
        house.ask(method, path, &[kind, ("authorization", "Bearer nonsense")], body).await.expect(401);
        house.ask(method, path, &[kind, ("authorization", "Bearer often")], body).await.expect(429);
        house.ask(method, path, &[kind, ("authorization", "Bearer read-secret")], body).await.expect(403);
        let elsewhere = [kind, ("authorization", "Bearer plant-secret")];
        let to_disk = |text: &str| text.replace("plant", "disk");
        house.ask(method, &to_disk(path), &elsewhere, &to_disk(body)).await.expect(403);
    }
    assert!(house.alerts().await.is_empty());
}

#[tokio::test]
async fn a_token_stands_wherever_publishers_put_it() {
    let house = House::open().await;
    // "any user:plant-secret", and "Bearer plant-secret".
    let basic = ("authorization", "Basic YW55IHVzZXI6cGxhbnQtc2VjcmV0");
    house.ask("POST", "/plant", &[basic], "one").await.expect(200);
    house.ask("POST", "/plant?auth=QmVhcmVyIHBsYW50LXNlY3JldA", &[], "two").await.expect(200);
    let basic_in_query = "QmFzaWMgWVc1NUlIVnpaWEk2Y0d4aGJuUXRjMlZqY21WMA==";
    house.ask("POST", &format!("/plant?auth={basic_in_query}"), &[], "three").await.expect(200);
    house.ask("POST", "/plant?token=plant-secret", &[], "four").await.expect(200);
    house.ask("POST", "/plant", &[("x-gotify-key", "plant-secret")], "five").await.expect(200);
    assert_eq!(house.alerts().await.len(), 5);
    house.ask("POST", "/plant?auth=nonsense", &[], "six").await.expect(401);
    assert_eq!(house.alerts().await.len(), 5);
}

#[tokio::test]
async fn reading_needs_the_right_to_read() {
    let house = House::open().await;
    for path in READ {
        house.ask("GET", path, &[], "").await.expect(401);
        house.ask("GET", path, &[("authorization", "Bearer nonsense")], "").await.expect(401);
        house.ask("GET", path, &[("authorization", "Bearer publish-secret")], "").await.expect(403);
        house.ask("GET", path, &[("authorization", "Bearer read-secret")], "").await.expect(200);
        let both = path.replace("plant", "coffee,plant");
        house.ask("GET", &both, &[], "").await.expect(401);
    }
}

#[tokio::test]
async fn anybody_may_publish_to_an_open_topic_and_read_it_but_not_very_often() {
    let house = House::open().await;
    let answer = house.ask("POST", "/coffee", &[("priority", "max")], "ready").await.expect(200).json();
    assert_eq!(answer["priority"], 2, "what nobody has proven matters least");
    let alert = house.only_alert().await;
    assert_eq!(alert.draft.issuer.as_str(), "coffee@open.office.internal");
    assert!(alert.draft.text.contains("Unverified"), "{}", alert.draft.text);
    assert!(house.ask("GET", "/coffee/raw?poll=1", &[], "").await.expect(200).text.contains("ready"));
    for _ in 1..30 {
        house.ask("POST", "/coffee", &[], "ready").await.expect(200);
    }
    house.ask("POST", "/coffee", &[], "ready").await.expect(429);
    house.ask("POST", "/coffee", &[("authorization", "Bearer all-secret")], "ready").await.expect(200);
}

#[tokio::test]
async fn whoever_has_proven_nothing_learns_nothing_of_what_topics_there_are() {
    let house = House::open().await;
    for verb in ["", "/json?poll=1", "/auth", "/publish"] {
        let method = if verb.is_empty() { "POST" } else { "GET" };
        let known = house.ask(method, &format!("/plant{verb}"), &[], "").await;
        let unknown = house.ask(method, &format!("/nothing{verb}"), &[], "").await;
        assert_eq!((known.status, known.text), (unknown.status, unknown.text), "{verb}");
    }
}

#[tokio::test]
async fn an_account_that_may_not_alert_may_not_publish_whatever_its_token_says() {
    let house = House::open().await;
    house.ask("POST", "/plant", &[("authorization", "Bearer wrong-account")], "x").await.expect(403);
    assert!(house.alerts().await.is_empty());
}
