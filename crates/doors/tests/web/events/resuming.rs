use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::browser::{Browser, basic, open};
use crate::house::House;

fn resume(browser: &Browser, after: u64) -> String {
    format!("resume={}&after={after}", browser.ready["stream"].as_str().unwrap())
}

#[tokio::test]
async fn who_comes_back_gets_exactly_what_they_lack() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    for text in ["one", "two", "three"] {
        house.house.send("admin", "anna", text).await.unwrap();
    }
    let first = anna.words().await;
    let (after, query) = (first["seq"].as_u64().unwrap(), resume(&anna, first["seq"].as_u64().unwrap()));
    anna.leave(CloseCode::Away).await;
    house.house.send("admin", "anna", "four").await.unwrap();
    let mut anna = Browser::connect(&house, "anna", &query).await;
    assert_eq!((&anna.ready["resumed"], &anna.ready["device"]), (&json!(true), &json!("page")));
    let mut seq = after;
    for text in ["two", "three", "four"] {
        let event = anna.next().await;
        seq += 1;
        assert_eq!((&event["text"], &event["seq"]), (&json!(text), &json!(seq)));
    }
    // The presence is as it was: what comes now comes at once.
    house.house.send("admin", "anna", "five").await.unwrap();
    assert_eq!(anna.words().await["text"], "five");
}

#[tokio::test]
async fn what_was_acknowledged_is_not_kept_and_what_was_not_waits_for_a_new_stream() {
    let house = House::open().await;
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    for text in ["one", "two"] {
        house.house.send("admin", "anna", text).await.unwrap();
    }
    anna.words().await;
    anna.acknowledge().await;
    anna.settle().await;
    assert_eq!(house.house.pending("anna").await, ["two"]);
    anna.leave(CloseCode::Normal).await;
    house.house.clock.advance(jiff::SignedDuration::from_secs(1));
    let mut again = Browser::sign_in(&house, "anna", "page").await;
    let waited = again.words().await;
    assert_eq!((&waited["text"], &waited["late"]), (&json!("two"), &json!(true)));
    assert!(again.is_quiet());
}

#[tokio::test]
async fn a_stream_is_resumed_by_nobody_else_and_not_with_a_number_that_cannot_be() {
    let house = House::open().await;
    let anna = Browser::sign_in(&house, "anna", "page").await;
    let stream = resume(&anna, 0);
    let other = Browser::connect(&house, "admin", &stream).await;
    assert_eq!(other.ready["resumed"], false);
    assert_ne!(other.ready["stream"], anna.ready["stream"]);
    let password = basic("anna", "geheim:ü");
    assert_eq!(open(&house, &resume(&anna, 999), Some(&password)).await.err(), Some(422));
    assert_eq!(house.house.hub.sessions_of(&house.house.address("anna")).len(), 1, "it goes on");
    let lost = open(&house, "resume=nonsense&after=3", Some(&password)).await.unwrap();
    assert_eq!(lost.ready["resumed"], false);
}

#[tokio::test]
async fn a_second_connection_takes_the_stream_over_and_the_first_is_told() {
    let house = House::open().await;
    let mut first = Browser::sign_in(&house, "anna", "page").await;
    let query = resume(&first, first.seq);
    let mut second = Browser::connect(&house, "anna", &query).await;
    assert_eq!(first.close_code().await, 4002);
    house.house.send("admin", "anna", "hello").await.unwrap();
    assert_eq!(second.words().await["text"], "hello");
}
