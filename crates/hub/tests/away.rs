//! Who is away, and who is told so: once each, and no program that answers by itself.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use domain::{Answer, Content, Message, MessageKind, Presence, Protocol, Sender, Show};
use hub::{
    ComputerGateway, ComputerMessage, GroupMessage, GroupSent, Hub, HubError, Item, MessageDraft, Sent,
};
use jiff::SignedDuration;
use parking_lot::Mutex;
use store::{Change, Keep};
use testkit::{Guest, House, HouseOptions};
use tokio::sync::Notify;

async fn house_of(people: &[&str]) -> House {
    house_with(people, HouseOptions::default()).await
}

async fn house_with(people: &[&str], options: HouseOptions) -> House {
    let house = House::open_with(options).await;
    for name in people {
        house.add(name).await;
    }
    house
}

async fn leave(house: &House, name: &str, text: &str) {
    house.hub.set_absence("test", name, text, None).await.unwrap();
}

/// The next message that comes, and its words.
async fn next_message(guest: &Guest) -> (Arc<Message>, String) {
    let message = guest.next_that(|item| match item {
        Item::Message(delivery) => Some(delivery.message.clone()),
        _ => None,
    });
    let message = message.await;
    let Content::Text { body, .. } = &message.content else { panic!("{message:?}") };
    let body = body.clone();
    (message, body)
}

#[tokio::test]
async fn whoever_writes_to_somebody_away_is_told_once_also_while_they_are_signed_out() {
    let house = house_of(&["anna", "bert", "carl"]).await;
    leave(&house, "anna", "on leave").await;
    let (bert, carl) =
        (Guest::sign_in(&house, "bert", "desk").await, Guest::sign_in(&house, "carl", "desk").await);
    for text in ["one", "two"] {
        assert_eq!(house.send("bert", "anna", text).await, Ok(Sent::Accepted));
    }
    house.send("carl", "anna", "hello").await.unwrap();
    let (answer, words) = next_message(&bert).await;
    assert_eq!((words.as_str(), answer.automatic, answer.kind), ("on leave", true, MessageKind::Chat));
    assert_eq!(answer.sender, Sender::Account { address: house.address("anna") });
    assert_eq!(next_message(&carl).await.1, "on leave");
    house.send("anna", "bert", "end").await.unwrap();
    assert_eq!(next_message(&bert).await.1, "end", "the second message was not answered");
    assert_eq!(house.pending("anna").await, ["one", "two", "hello"]);
}

#[tokio::test]
async fn another_absence_is_told_anew_and_one_that_is_over_to_nobody() {
    let house = house_of(&["anna", "bert"]).await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    let until = house.clock.now() + SignedDuration::from_hours(1);
    house.hub.set_absence("test", "anna", "lunch", Some(until)).await.unwrap();
    house.send("bert", "anna", "one").await.unwrap();
    assert_eq!(next_message(&bert).await.1, "lunch");
    house.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(house.hub.absence(&house.address("anna")), None);
    house.send("bert", "anna", "two").await.unwrap();
    leave(&house, "anna", "home").await;
    house.send("bert", "anna", "three").await.unwrap();
    assert_eq!(next_message(&bert).await.1, "home");
    house.hub.end_absence("test", "anna").await.unwrap();
    house.send("bert", "anna", "four").await.unwrap();
    house.send("anna", "bert", "end").await.unwrap();
    assert_eq!(next_message(&bert).await.1, "end");
}

#[tokio::test]
async fn two_who_are_away_do_not_answer_each_others_answers() {
    let house = house_of(&["anna", "bert"]).await;
    leave(&house, "anna", "anna is away").await;
    leave(&house, "bert", "bert is away").await;
    let (anna, bert) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "bert", "desk").await);
    house.send("anna", "bert", "hello").await.unwrap();
    assert_eq!(next_message(&bert).await.1, "hello");
    assert_eq!(next_message(&anna).await.1, "bert is away");
    house.send("bert", "anna", "hello").await.unwrap();
    assert_eq!(next_message(&anna).await.1, "hello");
    assert_eq!(next_message(&bert).await.1, "anna is away");
    house.send("bert", "anna", "end").await.unwrap();
    assert_eq!(next_message(&anna).await.1, "end");
    house.send("anna", "bert", "end").await.unwrap();
    assert_eq!(next_message(&bert).await.1, "end", "nothing came in between");
}

#[tokio::test]
async fn what_is_no_conversation_is_not_answered() {
    let house = house_of(&["anna", "bert"]).await;
    leave(&house, "anna", "on leave").await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    let plain = || house.message("bert", "anna", "x");
    for message in [
        Message { automatic: true, ..plain() },
        Message { kind: MessageKind::Headline, ..plain() },
        Message { content: Content::Receipt { of: "1".into(), seen: false }, ..plain() },
        Message { content: Content::Other, ..plain() },
        Message { sender: Sender::Service, ..plain() },
        house.message("anna", "anna", "a note to myself"),
    ] {
        assert_eq!(house.hub.send_and_wait(message).await, Ok(Sent::Accepted));
    }
    house.send("anna", "bert", "end").await.unwrap();
    assert_eq!(next_message(&bert).await.1, "end");
}

#[tokio::test]
async fn a_message_that_was_taken_before_or_is_refused_is_not_answered() {
    let house =
        house_with(&["anna", "bert", "carl"], HouseOptions { pending_max: 1, ..HouseOptions::default() })
            .await;
    let (bert, carl) =
        (Guest::sign_in(&house, "bert", "desk").await, Guest::sign_in(&house, "carl", "desk").await);
    let with_id = |from: &str| Message { sender_id: Some("1".into()), ..house.message(from, "anna", "x") };
    assert_eq!(house.hub.send_and_wait(with_id("bert")).await, Ok(Sent::Accepted));
    leave(&house, "anna", "on leave").await;
    assert_eq!(house.hub.send_and_wait(with_id("bert")).await, Ok(Sent::Repeated));
    assert!(matches!(house.hub.send_and_wait(with_id("carl")).await, Err(HubError::Full { .. })));
    let end = || house.message("anna", "bert", "end");
    house.hub.send_and_wait(end()).await.unwrap();
    assert_eq!(next_message(&bert).await.1, "end");
    house.send("anna", "carl", "end").await.unwrap();
    assert_eq!(next_message(&carl).await.1, "end");
}

#[tokio::test]
async fn who_was_told_stays_told_after_a_crash_and_no_answer_is_lost_or_given_twice() {
    let mut house = house_of(&["anna", "bert", "carl"]).await;
    leave(&house, "anna", "on leave").await;
    house.send("bert", "anna", "one").await.unwrap();
    house.restart().await;
    house.hub.give_owed_answers().await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    assert_eq!(next_message(&bert).await.1, "on leave");
    house.send("bert", "anna", "two").await.unwrap();
    house.restart().await;
    house.hub.give_owed_answers().await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    // Nobody has acknowledged the answer: it comes again, and is the only one.
    assert_eq!(next_message(&bert).await.1, "on leave");
    house.send("anna", "bert", "end").await.unwrap();
    assert_eq!(next_message(&bert).await.1, "end");
}

#[tokio::test]
async fn an_answer_that_a_crash_prevented_is_given_at_the_next_start_and_not_at_the_one_after() {
    let mut house = house_of(&["anna", "bert"]).await;
    leave(&house, "anna", "on leave").await;
    // What a service remembers that ends between taking a message and answering it.
    let cause = house.message("bert", "anna", "hello");
    let since = house.hub.absence(&house.address("anna")).unwrap().since;
    let answer = Answer {
        id: house.hub.environment().message_id(),
        from: house.address("anna"),
        to: cause.sender.clone(),
        text: "on leave".into(),
        at: house.clock.now(),
    };
    let (id, correspondent) = (answer.id, house.address("bert").to_string());
    let owe = Change::OweAnswer { correspondent, since, cause: cause.id, answer };
    let take =
        Change::AcceptMessage { message: cause.into(), keep: Keep::BOTH, deliveries: Vec::new(), limit: 10 };
    house.hub.store().commit(vec![take, owe]).await.unwrap();
    for _ in 0..2 {
        house.restart().await;
        house.hub.give_owed_answers().await;
        assert_eq!(house.pending("bert").await, ["on leave"]);
    }
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    assert_eq!(next_message(&bert).await.0.id, id);
}

#[tokio::test]
async fn without_an_archive_the_answer_comes_all_the_same() {
    let house =
        house_with(&["anna", "bert"], HouseOptions { archive: false, ..HouseOptions::default() }).await;
    leave(&house, "anna", "on leave").await;
    let (anna, bert) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "bert", "desk").await);
    house.send("bert", "anna", "hello").await.unwrap();
    assert_eq!(next_message(&anna).await.1, "hello");
    assert_eq!(next_message(&bert).await.1, "on leave");
}

#[tokio::test]
async fn who_may_not_be_written_to_is_not_told() {
    let house = house_of(&["anna", "bert"]).await;
    leave(&house, "anna", "on leave").await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    house.hub.block(&house.address("bert"), vec![house.address("anna").to_string()]).await.unwrap();
    // Who has blocked somebody cannot write to them either.
    assert!(house.send("bert", "anna", "hello").await.is_err());
    assert!(!bert.waiting().iter().any(|(_, item)| matches!(item, Item::Message(_))));
}

#[tokio::test]
async fn a_person_stands_as_their_devices_and_their_absence_say() {
    let house = house_of(&["anna"]).await;
    let own = house.address("anna");
    assert_eq!(house.hub.standing(&own).show, None);
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    assert_eq!(house.hub.standing(&own).show, Some(Show::Available));
    let idle = Presence { idle_since: Some(house.clock.now()), ..Presence::default() };
    house.hub.set_presence(&anna.session, idle).await.unwrap();
    assert_eq!(house.hub.standing(&own).show, Some(Show::Available));
    house.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(house.hub.standing(&own).show, Some(Show::Away));
    leave(&house, "anna", "on leave").await;
    let standing = house.hub.standing(&own);
    assert_eq!((standing.show, standing.text.as_deref()), (Some(Show::ExtendedAway), Some("on leave")));
}

#[tokio::test]
async fn what_many_are_told_and_what_is_for_the_machine_itself_is_not_answered() {
    let house = house_of(&["anna", "bert", "carl"]).await;
    let machine = Arc::new(Answering {
        hub: Arc::downgrade(&house.hub),
        sent: Mutex::default(),
        answered: Notify::new(),
    });
    house.hub.set_computer_gateway(machine.clone());
    leave(&house, "anna", "on leave").await;
    leave(&house, "carl", "on leave").await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    let draft = |sender| MessageDraft { sender, text: "hello".into(), sender_id: None };
    let own = || draft(Sender::Account { address: house.address("bert") });
    house.hub.send_to_audience(&"anna,carl".parse().unwrap(), own()).await.unwrap();
    // An answer would tell a stranger who is appointed.
    house.hub.send_to_appointed(&"anna".parse().unwrap(), draft(stranger())).await.unwrap();
    house.hub.send_to_audience(&"anna".parse().unwrap(), own()).await.unwrap();
    assert_eq!(next_message(&bert).await.1, "on leave");
    house.send("anna", "bert", "end").await.unwrap();
    assert_eq!(next_message(&bert).await.1, "end", "it was answered once, though three came");
    assert!(machine.sent.lock().is_empty());
}

/// A machine whose messenger answers every message by itself, whatever it says.
struct Answering {
    hub: Weak<Hub>,
    sent: Mutex<Vec<ComputerMessage>>,
    answered: Notify,
}

#[async_trait]
impl ComputerGateway for Answering {
    async fn send(&self, message: ComputerMessage) -> Result<Vec<char>, String> {
        self.sent.lock().push(message.clone());
        let hub = self.hub.upgrade().unwrap();
        let recipient = hub.reachable_by_netbios(&message.from, &stranger()).unwrap();
        let answer = Message {
            id: hub.environment().message_id(),
            sender: stranger(),
            recipient,
            kind: MessageKind::Chat,
            content: Content::Text { body: "PRESS1 is not attended.".into(), subject: None },
            automatic: false,
            native: None,
            sender_id: None,
            accepted_at: hub.environment().now(),
        };
        hub.send_and_wait(answer).await.unwrap();
        self.answered.notify_one();
        Ok(Vec::new())
    }

    async fn send_to_group(&self, _: GroupMessage) -> Result<GroupSent, String> {
        Err("there is no network".to_owned())
    }
}

fn stranger() -> Sender {
    Sender::Unverified { name: "PRESS1".into(), source: [10, 0, 0, 7].into(), protocol: Protocol::Windows }
}

#[tokio::test]
async fn a_person_away_and_a_machine_that_answers_everything_stop_after_one_answer_each() {
    let house = house_of(&["anna"]).await;
    let machine = Arc::new(Answering {
        hub: Arc::downgrade(&house.hub),
        sent: Mutex::default(),
        answered: Notify::new(),
    });
    let from_machine = || Message { sender: stranger(), ..house.message("anna", "anna", "the paper is out") };
    leave(&house, "anna", "on leave").await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    // Without a way out nobody is owed an answer that cannot be given.
    house.hub.send_and_wait(from_machine()).await.unwrap();
    assert_eq!(next_message(&anna).await.1, "the paper is out");
    house.hub.set_computer_gateway(machine.clone());
    house.hub.send_and_wait(from_machine()).await.unwrap();
    machine.answered.notified().await;
    assert_eq!(next_message(&anna).await.1, "the paper is out");
    assert_eq!(next_message(&anna).await.1, "PRESS1 is not attended.");
    house.hub.send_and_wait(Message { automatic: true, ..from_machine() }).await.unwrap();
    assert_eq!(next_message(&anna).await.1, "the paper is out");
    house.hub.store().settled().await.unwrap();
    let sent = machine.sent.lock();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!((sent[0].from.as_str(), sent[0].text.as_str()), ("ANNA", "Automatic reply: on leave"));
    assert_eq!((sent[0].computer.name.as_str(), sent[0].computer.host.as_str()), ("PRESS1", "10.0.0.7"));
}
