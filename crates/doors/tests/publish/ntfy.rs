use domain::Severity;

use crate::house::House;

const TOKEN: (&str, &str) = ("authorization", "Bearer plant-secret");

#[tokio::test]
async fn a_line_of_text_becomes_an_alert_for_the_audience_of_the_topic() {
    let house = House::open().await;
    let answer = house.ask("POST", "/plant", &[TOKEN], "Oven is hot").await.expect(200).json();
    let alert = house.only_alert().await;
    assert_eq!(answer["id"], alert.id.to_string());
    assert_eq!((answer["event"].as_str(), answer["topic"].as_str()), (Some("message"), Some("plant")));
    assert_eq!(answer["message"], "Oven is hot");
    assert_eq!((alert.draft.headline.as_str(), alert.draft.text.as_str()), ("Oven is hot", ""));
    assert_eq!(alert.draft.audience, "group:plant".parse().unwrap());
    assert_eq!(alert.draft.severity, Severity::Minor);
    let receipts = house.testkit.hub.store().receipts(alert.id).await.unwrap();
    assert_eq!(receipts.len(), 1, "anna alone is in the group");
}

#[tokio::test]
async fn headers_say_the_title_how_much_it_matters_and_where_there_is_more() {
    let house = House::open().await;
    let headers = [
        TOKEN,
        ("title", "Ofen zu heiß"),
        ("priority", "urgent"),
        ("tags", "fire,warning"),
        ("click", "https://plant.internal/oven"),
        ("attach", "https://plant.internal/oven.jpg"),
        ("actions", "view, Camera, https://plant.internal/camera"),
    ];
    let answer = house.ask("PUT", "/plant", &headers, "250 °C").await.expect(200).json();
    let alert = house.only_alert().await;
    assert_eq!(alert.draft.headline, "Ofen zu heiß");
    assert_eq!(alert.draft.text, "250 °C");
    assert_eq!(alert.draft.link.as_deref(), Some("https://plant.internal/oven"));
    let others = ["https://plant.internal/camera", "https://plant.internal/oven.jpg"];
    assert_eq!(alert.draft.attachments, others);
    assert_eq!(answer["actions"][0]["label"], "Camera");
    assert_eq!(alert.draft.severity, Severity::Severe, "the topic allows no more");
    assert_eq!(answer["priority"], 4, "the answer says what it was taken as");
    assert_eq!(answer["tags"], serde_json::json!(["fire", "warning"]));
}

#[tokio::test]
async fn json_names_its_topic_and_a_get_says_all_in_its_query() {
    let house = House::open().await;
    let body = r#"{"topic":"plant","title":"Oven","message":"hot","priority":2,"tags":["fire"]}"#;
    house.ask("POST", "/", &[TOKEN], body).await.expect(200);
    let alert = house.only_alert().await;
    assert_eq!((alert.draft.headline.as_str(), alert.draft.severity), ("Oven", Severity::Information));
    for verb in ["publish", "send", "trigger"] {
        let path = format!("/plant/{verb}?message=still+hot&title=Oven%202&p=high");
        house.ask("GET", &path, &[TOKEN], "").await.expect(200);
    }
    assert_eq!(house.alerts().await[0].draft.headline, "Oven 2");
    assert_eq!(house.ask("POST", "/plant", &[TOKEN], "").await.expect(200).json()["message"], "triggered");
}

#[tokio::test]
async fn what_json_leaves_out_may_stand_in_headers_as_apprise_does_it() {
    let house = House::open().await;
    let headers = [TOKEN, ("x-priority", "high"), ("x-tags", "fire"), ("x-title", "not this")];
    let body = r#"{"topic":"plant","title":"Oven","message":"hot"}"#;
    let answer = house.ask("POST", "/", &headers, body).await.expect(200).json();
    assert_eq!((&answer["priority"], &answer["title"]), (&4.into(), &"Oven".into()));
    assert_eq!(answer["tags"], serde_json::json!(["fire"]));
    house.ask("POST", "/", &[TOKEN, ("x-email", "a@b.example")], body).await.expect(400);
}

#[tokio::test]
async fn what_is_delayed_becomes_an_alert_that_waits() {
    let house = House::open().await;
    house.ask("POST", "/plant", &[TOKEN, ("delay", "30m")], "hot").await.expect(200);
    let planned = house.testkit.hub.store().alerts_in(domain::AlertPhase::Planned, None, 9).await.unwrap();
    assert_eq!(planned.iter().map(|alert| &*alert.draft.headline).collect::<Vec<_>>(), ["hot"]);
}

#[tokio::test]
async fn what_is_delayed_is_read_at_its_time_and_before_only_by_who_asks_for_what_is_scheduled() {
    let house = House::open().await;
    let hub = house.testkit.hub.clone();
    let running = tokio::spawn(async move { hub.run_alerts().await });
    let read = async |query: &str| {
        let path = format!("/plant/json?poll=1{query}");
        let text = house.ask("GET", &path, &[TOKEN], "").await.expect(200).text;
        text.lines()
            .map(|line| {
                serde_json::from_str::<serde_json::Value>(line).unwrap()["message"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect::<Vec<String>>()
    };
    let now = house.testkit.clock.now().as_second();
    let delayed = house.ask("POST", "/plant", &[TOKEN, ("delay", "30m")], "later").await.expect(200).json();
    assert_eq!(delayed["time"], now + 1_800, "the time of a message is that of its delivery");
    house.ask("POST", "/plant", &[TOKEN, ("in", "10m")], "soon").await.expect(200);
    let first = house.ask("POST", "/plant", &[TOKEN], "now").await.expect(200).json();
    assert_eq!(read("").await, ["now"]);
    assert_eq!(read("&since=all&scheduled=1").await, ["now", "soon", "later"]);
    assert!(read("&since=none&sched=1").await.is_empty());
    let page = house.ask("GET", "/message", &[TOKEN], "").await.expect(200).json();
    assert_eq!(page["messages"].as_array().unwrap().len(), 1, "Gotify's readers wait too");
    house
        .ask("GET", &format!("/cap/plant/{}", delayed["id"].as_str().unwrap()), &[TOKEN], "")
        .await
        .expect(404);

    let mut news = house.testkit.hub.watch_publications();
    house.testkit.clock.advance(jiff::SignedDuration::from_mins(31));
    let since = format!("&since={}", first["id"].as_str().unwrap());
    while read(&since).await.len() < 2 {
        news.changed().await.unwrap();
    }
    assert_eq!(read(&since).await, ["soon", "later"], "nobody who has read on misses it");
    assert_eq!(read("&since=all&scheduled=1").await, ["now", "soon", "later"]);
    running.abort();
}

#[tokio::test]
async fn what_cannot_be_done_is_said_and_nothing_is_published() {
    let house = House::open().await;
    let long = "x".repeat(20_000);
    for (headers, body, status) in [
        (vec![("email", "a@b.example")], "x", 400),
        (vec![("call", "yes")], "x", 400),
        (vec![("priority", "6")], "x", 400),
        (vec![("delay", "tomorrow, 10am")], "x", 400),
        (vec![("click", "javascript:alert(1)")], "x", 400),
        (vec![("message", "x")], "a file", 400),
        (vec![("title", &"x".repeat(201)[..])], "x", 400),
        (vec![], &long[..4_000], 400),
        (vec![], &long[..], 413),
    ] {
        let headers: Vec<(&str, &str)> = headers.into_iter().chain([TOKEN]).collect();
        let answer = house.ask("POST", "/plant", &headers, body).await.expect(status).json();
        assert_eq!(answer["http"], status);
        assert_eq!(answer["code"], u64::from(status) * 100 + 1);
        assert!(answer["error"].as_str().is_some_and(|error| error.len() > 10), "{answer}");
    }
    house.ask("POST", "/", &[TOKEN], "not json").await.expect(400);
    house.ask("POST", "/nothing", &[TOKEN], "x").await.expect(404);
    house.ask("POST", "/message", &[TOKEN], "x").await.expect(400);
    assert!(house.alerts().await.is_empty());
}
