use super::*;

#[tokio::test]
async fn conversations_say_what_was_said_last_and_how_far_it_was_read() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "bert", "carl"]).await;
    let say = async |name: &str, to: &str, text: &str| {
        let message = json!({ "to": to, "text": text });
        assert_eq!(fixture.call_of(name, Method::POST, "/messages", Some(message)).await.0, 200);
    };
    say("anna", "bert", "Is the canteen open?").await;
    say("bert", "anna", "Not yet").await;
    say("carl", "anna", "Hello").await;
    let (status, list) = fixture.call_of("anna", Method::GET, "/conversations", None).await;
    let list = list.as_array().unwrap();
    let said: Vec<_> = list.iter().map(|one| (&one["with"], &one["last"]["text"], &one["unread"])).collect();
    let row = |with: &str, text: &str| (json!(with), json!(text), json!(1));
    let (carl, bert) = (row("carl@x.internal", "Hello"), row("bert@x.internal", "Not yet"));
    assert_eq!((status.as_u16(), said.len()), (200, 2));
    assert_eq!(said[0], (&carl.0, &carl.1, &carl.2));
    assert_eq!(said[1], (&bert.0, &bert.1, &bert.2));
    assert_eq!((list[0]["read_at"].is_null(), list[1]["read_at"].is_string()), (true, true));
    let (_, one) = fixture.call_of("anna", Method::GET, "/conversations?limit=1", None).await;
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!(fixture.call_of("anna", Method::GET, "/conversations?limit=0", None).await.0, 422);
}
