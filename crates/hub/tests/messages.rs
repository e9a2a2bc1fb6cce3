//! What happens to messages: nothing accepted is lost, nothing is given twice to who says what it has.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::sync::Arc;

use bytes::Bytes;
use domain::{Message, Presence};
use hub::{HubError, Item, Origin, Sent};
use store::Keep;
use testkit::{Guest, House, HouseOptions};

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

/// Makes a session count and survive, as a client with stream management does.
async fn count(house: &House, guest: &Guest) -> store::StreamId {
    let mut id = None;
    let enabled = |given: Option<store::StreamId>| {
        id = given;
        Item::Uncounted(Bytes::from_static(b"enabled"))
    };
    house.hub.count_stanzas(&guest.session, true, enabled).await.unwrap();
    id.unwrap()
}

#[tokio::test]
async fn every_device_that_is_there_gets_a_message_and_it_waits_until_one_of_them_has_it() {
    let house = house_of(&["anna", "bert"]).await;
    let (desk, phone) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "anna", "phone").await);
    assert_eq!(house.send("bert", "anna", "hello").await, Ok(Sent::Accepted));
    assert_eq!(desk.next_text().await, "hello");
    assert_eq!(phone.next_text().await, "hello");
    assert_eq!(house.pending("anna").await, ["hello"]);
    house.hub.acknowledge(&desk.session, desk.session.outbox.unacknowledged().unwrap());
    wait_for_empty(&house, "anna").await;
}

#[tokio::test]
async fn who_is_away_gets_messages_in_order_at_the_next_sign_in_also_after_a_crash() {
    let mut house = house_of(&["anna", "bert"]).await;
    for text in ["one", "two", "three"] {
        house.send("bert", "anna", text).await.unwrap();
    }
    house.clock.advance(jiff::SignedDuration::from_secs(60));
    house.restart().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let late = anna.next_that(|item| match item {
        Item::Message(delivery) => Some(delivery.late),
        _ => None,
    });
    assert!(late.await);
    assert_eq!(anna.next_text().await, "two");
    house.send("bert", "anna", "four").await.unwrap();
    assert_eq!(anna.next_text().await, "three");
    assert_eq!(anna.next_text().await, "four");
}

#[tokio::test]
async fn a_session_that_turns_messages_away_gets_none_and_catches_up_when_it_takes_them() {
    let house = house_of(&["anna", "bert"]).await;
    let anna = Guest::connect(&house, "anna", "desk").await;
    let away = Presence { priority: -1, ..Presence::default() };
    house.hub.set_presence(&anna.session, away).await.unwrap();
    house.send("bert", "anna", "waits").await.unwrap();
    assert!(!anna.waiting().iter().any(|(_, item)| matches!(item, Item::Message(_))));
    house.hub.set_presence(&anna.session, Presence::default()).await.unwrap();
    assert_eq!(anna.next_text().await, "waits");
}

#[tokio::test]
async fn presence_sent_twice_at_once_brings_nothing_twice() {
    let house = house_of(&["anna", "bert"]).await;
    for text in ["one", "two"] {
        house.send("bert", "anna", text).await.unwrap();
    }
    let anna = Guest::connect(&house, "anna", "desk").await;
    house.hub.set_presence(&anna.session, Presence::default()).await.unwrap();
    house.hub.set_presence(&anna.session, Presence::default()).await.unwrap();
    assert_eq!([anna.next_text().await, anna.next_text().await], ["one", "two"]);
    house.send("bert", "anna", "three").await.unwrap();
    assert_eq!(anna.next_text().await, "three");
}

#[tokio::test]
async fn a_repeat_is_known_by_the_senders_id_and_never_by_its_text() {
    let house = house_of(&["anna", "bert"]).await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let with_id =
        |id: &str| Message { sender_id: Some(id.to_owned()), ..house.message("bert", "anna", "again") };
    assert_eq!(house.hub.send_and_wait(with_id("a")).await, Ok(Sent::Accepted));
    assert_eq!(house.hub.send_and_wait(with_id("a")).await, Ok(Sent::Repeated));
    assert_eq!(house.hub.send_and_wait(with_id("b")).await, Ok(Sent::Accepted));
    let other_words =
        Message { sender_id: Some("a".to_owned()), ..house.message("bert", "anna", "something else") };
    assert_eq!(house.hub.send_and_wait(other_words).await, Ok(Sent::Accepted));
    let to_himself = Message { sender_id: Some("a".to_owned()), ..house.message("bert", "bert", "again") };
    assert_eq!(house.hub.send_and_wait(to_himself).await, Ok(Sent::Accepted));
    assert_eq!(house.send("bert", "anna", "end").await, Ok(Sent::Accepted));
    assert_eq!(
        [anna.next_text().await, anna.next_text().await, anna.next_text().await, anna.next_text().await],
        ["again", "again", "something else", "end"]
    );
}

#[tokio::test]
async fn nobody_and_a_disabled_person_are_refused_alike() {
    let house = house_of(&["anna", "bert"]).await;
    house.hub.set_disabled("test", "anna", true).await.unwrap();
    let nobody = house.send("bert", "nobody", "x").await;
    assert!(matches!(nobody, Err(HubError::Refused(_))));
    assert_eq!(house.send("bert", "anna", "x").await, nobody);
}

#[tokio::test]
async fn past_the_limit_the_sender_is_told() {
    let house =
        house_with(&["anna", "bert"], HouseOptions { pending_max: 2, ..HouseOptions::default() }).await;
    house.send("bert", "anna", "1").await.unwrap();
    house.send("bert", "anna", "2").await.unwrap();
    assert!(matches!(house.send("bert", "anna", "3").await, Err(HubError::Full { .. })));
    assert_eq!(house.pending("anna").await, ["1", "2"]);
}

#[tokio::test]
async fn what_a_lost_session_alone_was_given_goes_to_the_persons_other_session() {
    let house = house_of(&["anna", "bert"]).await;
    let (desk, phone) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "anna", "phone").await);
    house.send("bert", "anna", "ready?").await.unwrap();
    assert_eq!([desk.next_text().await, phone.next_text().await], ["ready?", "ready?"]);
    let message = Arc::new(house.message("bert", "anna", "for the desk"));
    let bert = Guest::connect(&house, "bert", "desk").await;
    let number = bert.session.received(bert.connection()).unwrap();
    let origin =
        Origin { session: bert.session.clone(), number, copied: true, keep: Keep::BOTH, now_or_never: false };
    house.hub.send(message, Some("desk"), origin).await;
    assert_eq!(desk.next_text().await, "for the desk");
    house.hub.end_session(&desk.session).await;
    assert_eq!(phone.next_text().await, "for the desk");
}

#[tokio::test]
async fn a_client_that_counts_gets_after_a_crash_just_what_it_lacks() {
    let mut house = house_of(&["anna", "bert"]).await;
    let anna = Guest::connect(&house, "anna", "desk").await;
    let stream = count(&house, &anna).await;
    house.hub.set_presence(&anna.session, Presence::default()).await.unwrap();
    for text in ["one", "two", "three"] {
        house.send("bert", "anna", text).await.unwrap();
    }
    assert_eq!(anna.next_text().await, "one");
    let (second, _) = anna.next().await;
    house.restart().await;
    house.send("bert", "anna", "four").await.unwrap();

    let draft = Guest::draft(&house, "anna", None);
    let session = house.hub.resume(draft, stream, second).await.unwrap();
    let anna = Guest::serve(session);
    house.hub.set_presence(&anna.session, Presence::default()).await.unwrap();
    let numbered = |item: (u32, Item)| match item {
        (number, Item::Message(delivery)) => Some((number, format!("{:?}", delivery.message.content))),
        _ => None,
    };
    let mut received = Vec::new();
    while received.len() < 2 {
        received.extend(numbered(anna.next().await));
    }
    // The session's own presence, which it is shown too, stands between.
    let last = received[1].0;
    assert!(received[0].0 > second && last > received[0].0, "{second} {received:?}");
    assert!(received[0].1.contains("three") && received[1].1.contains("four"));
    house.hub.acknowledge(&anna.session, last);
    wait_for_empty(&house, "anna").await;
    assert!(!anna.waiting().iter().any(|(_, item)| matches!(item, Item::Message(_))));
}

#[tokio::test]
async fn a_sender_who_asks_is_answered_also_when_its_messages_are_refused() {
    let options = HouseOptions { pending_max: 1, ..HouseOptions::default() };
    let house = house_with(&["anna", "bert"], options).await;
    let bert = Guest::connect(&house, "bert", "desk").await;
    count(&house, &bert).await;
    // The question comes before the refusal or after it, as it happens.
    for _ in 0..50 {
        let number = bert.session.received(bert.connection()).unwrap();
        let origin = Origin {
            session: bert.session.clone(),
            number,
            copied: true,
            keep: Keep::BOTH,
            now_or_never: false,
        };
        house.hub.send(Arc::new(house.message("bert", "anna", "one")), None, origin).await;
        house.hub.want_acknowledgement(&bert.session);
        let acknowledged = bert.next_that(|item| match item {
            Item::Acknowledgement(number) => Some(*number),
            _ => None,
        });
        assert_eq!(acknowledged.await, number);
    }
}

#[tokio::test]
async fn a_sender_learns_after_a_crash_what_it_need_not_send_again() {
    let mut house = house_of(&["anna", "bert"]).await;
    let bert = Guest::connect(&house, "bert", "desk").await;
    let stream = count(&house, &bert).await;
    for text in ["one", "two"] {
        let number = bert.session.received(bert.connection()).unwrap();
        let origin = Origin {
            session: bert.session.clone(),
            number,
            copied: true,
            keep: Keep::BOTH,
            now_or_never: false,
        };
        house.hub.send(Arc::new(house.message("bert", "anna", text)), None, origin).await;
    }
    house.hub.want_acknowledgement(&bert.session);
    let acknowledged = bert.next_that(|item| match item {
        Item::Acknowledgement(number) => Some(*number),
        _ => None,
    });
    assert_eq!(acknowledged.await, 2);
    house.restart().await;
    let session = house.hub.resume(Guest::draft(&house, "bert", None), stream, 0).await.unwrap();
    assert_eq!(session.received_count(), 2);
    assert_eq!(house.pending("anna").await, ["one", "two"]);
}

#[tokio::test]
async fn somebody_elses_stream_cannot_be_resumed() {
    let house = house_of(&["anna", "bert"]).await;
    let anna = Guest::connect(&house, "anna", "desk").await;
    let stream = count(&house, &anna).await;
    let stolen = house.hub.resume(Guest::draft(&house, "bert", None), stream, 0).await;
    assert_eq!(stolen.unwrap_err(), hub::ResumeError::Unknown);
    let bold = house.hub.resume(Guest::draft(&house, "anna", None), stream, 5).await;
    assert_eq!(bold.unwrap_err(), hub::ResumeError::Impossible { sent: 0 });
}

#[tokio::test]
async fn without_an_archive_what_is_acknowledged_in_time_is_never_stored() {
    let house =
        house_with(&["anna", "bert"], HouseOptions { archive: false, ..HouseOptions::default() }).await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let sending = house.send("bert", "anna", "quick");
    let receiving = async {
        assert_eq!(anna.next_text().await, "quick");
        assert!(house.pending("anna").await.is_empty());
        house.hub.acknowledge(&anna.session, anna.session.outbox.unacknowledged().unwrap());
    };
    let (sent, ()) = tokio::join!(sending, receiving);
    assert_eq!(sent, Ok(Sent::Accepted));
    assert!(house.pending("anna").await.is_empty());
}

#[tokio::test]
async fn without_an_archive_what_nobody_acknowledges_is_stored_before_the_sender_is_told() {
    let mut house =
        house_with(&["anna", "bert"], HouseOptions { archive: false, ..HouseOptions::default() }).await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    assert_eq!(house.send("bert", "anna", "slow").await, Ok(Sent::Accepted));
    assert_eq!(anna.next_text().await, "slow");
    assert_eq!(house.pending("anna").await, ["slow"]);
    house.restart().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    assert_eq!(anna.next_text().await, "slow");
    house.hub.acknowledge(&anna.session, anna.session.outbox.unacknowledged().unwrap());
    wait_for_empty(&house, "anna").await;
}

async fn wait_for_empty(house: &House, name: &str) {
    let emptied = async {
        while !house.pending(name).await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), emptied)
        .await
        .expect("what was acknowledged is gone");
}
