use domain::Severity;
use serde_json::Value;

use crate::house::House;

const JSON: (&str, &str) = ("content-type", "application/json");

async fn published(house: &House, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let body = format!(r#"{{"title":"Disk","message":"{number}","priority":8}}"#);
        house.ask("POST", "/message?token=all-secret", &[JSON], &body).await.expect(200);
    }
}

#[tokio::test]
async fn a_token_is_enough_to_publish_to_the_topic_of_its_name_or_the_only_one_it_may() {
    let house = House::open().await;
    let body = r#"{"title":"Oven","message":"hot","priority":10}"#;
    let answer =
        house.ask("POST", "/message", &[JSON, ("x-gotify-key", "plant-secret")], body).await.expect(200);
    let alert = house.only_alert().await;
    assert_eq!(alert.draft.audience, "group:plant".parse().unwrap(), "the only one that it may publish to");
    assert_eq!((alert.draft.headline.as_str(), alert.draft.severity), ("Oven", Severity::Severe));
    let answer = answer.json();
    assert_eq!((&answer["id"], &answer["priority"]), (&Value::from(1), &Value::from(9)));
    published(&house, 0..1).await;
    assert_eq!(
        house.alerts().await[0].draft.audience,
        "everyone".parse().unwrap(),
        "the token is called disk"
    );
    house.ask("POST", "/plant/message?token=all-secret", &[JSON], body).await.expect(200);
    assert_eq!(house.alerts().await[0].draft.audience, "group:plant".parse().unwrap());
}

#[tokio::test]
async fn curls_forms_are_taken() {
    let house = House::open().await;
    let form = "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nOven\r\n\
                --b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nhot\r\n--b--\r\n";
    let multipart = ("content-type", "multipart/form-data; boundary=b");
    house.ask("POST", "/message?token=plant-secret", &[multipart], form).await.expect(200);
    let urlencoded = ("content-type", "application/x-www-form-urlencoded");
    house
        .ask("POST", "/message?token=plant-secret", &[urlencoded], "title=Oven&message=hot")
        .await
        .expect(200);
    let alerts = house.alerts().await;
    assert_eq!(alerts.len(), 2);
    assert!(alerts.iter().all(|alert| alert.draft.headline == "Oven" && alert.draft.text == "hot"));
}

#[tokio::test]
async fn what_was_published_is_read_page_by_page_the_newest_first() {
    let house = House::open().await;
    published(&house, 0..5).await;
    let reader = [("x-gotify-key", "read-secret")];
    let messages = |page: &Value| -> Vec<String> {
        let messages = page["messages"].as_array().unwrap().iter();
        messages.map(|message| message["message"].as_str().unwrap().to_owned()).collect()
    };
    let first = house.ask("GET", "/message?limit=2", &reader, "").await.expect(200).json();
    assert_eq!(messages(&first), ["4", "3"]);
    let next = first["paging"]["next"].as_str().unwrap();
    let second = house.ask("GET", next, &reader, "").await.expect(200).json();
    assert_eq!(messages(&second), ["2", "1"]);
    let next = second["paging"]["next"].as_str().unwrap();
    let last = house.ask("GET", next, &reader, "").await.expect(200).json();
    assert_eq!(messages(&last), ["0"]);
    assert_eq!((last["paging"].get("next"), &last["paging"]["since"]), (None, &Value::from(0)));

    let applications = house.ask("GET", "/application", &reader, "").await.expect(200).json();
    let disk =
        applications.as_array().unwrap().iter().find(|application| application["name"] == "disk").unwrap();
    assert_eq!(disk["token"], "", "nobody is told another's token");
    let path = format!("/application/{}/message", disk["id"]);
    assert_eq!(messages(&house.ask("GET", &path, &reader, "").await.expect(200).json()).len(), 5);
    house.ask("GET", "/application/7/message", &reader, "").await.expect(404);
    for wrong in ["limit=0", "limit=201", "limit=x", "since=x"] {
        house.ask("GET", &format!("/message?{wrong}"), &reader, "").await.expect(400);
    }
}

#[tokio::test]
async fn errors_have_the_form_that_gotifys_clients_read() {
    let house = House::open().await;
    let answer = house.ask("POST", "/message?token=nonsense", &[JSON], "{}").await.expect(401).json();
    assert_eq!((answer["error"].as_str(), &answer["errorCode"]), (Some("Unauthorized"), &Value::from(401)));
    house.ask("POST", "/message", &[JSON], "{}").await.expect(401);
    house.ask("GET", "/message", &[], "").await.expect(401);
    house.ask("GET", "/stream", &[], "").await.expect(401);
    house.ask("POST", "/message?token=read-secret", &[JSON], r#"{"message":"x"}"#).await.expect(403);
    house.ask("POST", "/message?token=plant-secret", &[JSON], "{}").await.expect(400);
    assert!(house.alerts().await.is_empty());
    let version = house.ask("GET", "/version", &[], "").await.expect(200).json();
    assert!(version["version"].is_string());
    let user = house.ask("GET", "/current/user?token=read-secret", &[], "").await.expect(200).json();
    assert_eq!(user["name"], "anna@office.internal");
}
