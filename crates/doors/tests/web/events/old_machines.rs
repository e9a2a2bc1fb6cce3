use std::sync::Arc;

use async_trait::async_trait;
use domain::{Audience, Protocol, Sender, Target};
use hub::{ComputerGateway, ComputerMessage, GroupMessage, GroupSent, MessageDraft};
use serde_json::json;
use tokio::sync::mpsc;

use super::browser::Browser;
use crate::house::House;

/// Machines that take everything that is sent to them.
struct Machines(mpsc::UnboundedSender<ComputerMessage>);

#[async_trait]
impl ComputerGateway for Machines {
    async fn send(&self, message: ComputerMessage) -> Result<Vec<char>, String> {
        self.0.send(message).unwrap();
        Ok(Vec::new())
    }

    async fn send_to_group(&self, _: GroupMessage) -> Result<GroupSent, String> {
        Err("nobody is here".to_owned())
    }
}

async fn hear(house: &House, source: [u8; 4], text: &str) {
    let sender =
        Sender::Unverified { name: "PC7".to_owned(), source: source.into(), protocol: Protocol::Windows };
    let audience = Audience::new(vec![Target::User("anna@office.internal".to_owned())]).unwrap();
    let draft = MessageDraft { sender, text: text.to_owned(), sender_id: None };
    house.house.hub.send_to_audience(&audience, draft).await.unwrap();
}

#[tokio::test]
async fn an_old_machine_is_answered_with_words_where_it_is_meant_to_be_and_it_is_told_that_they_arrived() {
    let house = House::open().await;
    let (sent_by, mut sent) = mpsc::unbounded_channel();
    house.house.hub.set_computer_gateway(Arc::new(Machines(sent_by)));
    let mut anna = Browser::sign_in(&house, "anna", "page").await;
    let mut phone = Browser::sign_in(&house, "anna", "phone").await;
    hear(&house, [10, 0, 0, 7], "Paper?").await;
    let came = anna.words().await;
    assert_eq!((&came["verified"], &came["source"]), (&json!(false), &json!("10.0.0.7")));
    hear(&house, [10, 0, 0, 8], "Somebody of the same name").await;
    anna.words().await;

    let to = "pc7@windows.office.internal";
    let file = json!({ "url": "https://office.internal:8443/files/1/a.png", "name": "a.png" });
    anna.say(json!({
        "type": "message", "id": "m1", "to": to, "text": "Look", "source": "10.0.0.7", "file": file,
    }))
    .await;
    let accepted = anna.expect(|event| event["type"] == "accepted" && event["id"] == "m1").await;
    let message = sent.recv().await.unwrap();
    assert_eq!(message.computer.to_string(), "PC7@10.0.0.7");
    assert_eq!(message.text, "Look\nhttps://office.internal:8443/files/1/a.png");
    let receipt = anna.expect(|event| event["content"] == "receipt").await;
    assert_eq!((&receipt["of"], &receipt["seen"]), (&accepted["message"], &json!(false)));
    // Her other device has it, too.
    let copy =
        phone.expect(|event| event["text"].as_str().is_some_and(|text| text.starts_with("Look"))).await;
    assert_eq!(copy["to"], to);

    anna.say(json!({ "type": "message", "id": "m2", "to": to, "text": "Whoever it is" })).await;
    assert_eq!(sent.recv().await.unwrap().computer.to_string(), "PC7@10.0.0.8");
    for (id, command) in [
        ("c1", json!({ "type": "correction", "id": "c1", "to": to, "of": "x", "text": "y" })),
        ("c2", json!({ "type": "retraction", "id": "c2", "to": to, "of": "x" })),
        ("c3", json!({ "type": "reaction", "id": "c3", "to": to, "of": "x", "emoji": ["👍"] })),
        ("c4", json!({ "type": "message", "id": "c4", "to": "pc8@windows.office.internal", "text": "x" })),
        ("c5", json!({ "type": "message", "id": "c5", "to": to, "text": "x".repeat(8_001) })),
    ] {
        anna.say(command).await;
        let refused = anna.expect(|event| event["type"] == "refused" && event["id"] == id).await;
        let status = if id == "c4" { 404 } else { 422 };
        assert_eq!(refused["problem"]["status"], status, "{refused}");
    }
    assert!(sent.try_recv().is_err());
}
