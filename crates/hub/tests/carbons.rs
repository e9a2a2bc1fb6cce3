//! Copies of what a person's other sessions send and get.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::sync::Arc;

use bytes::Bytes;
use domain::{Address, Content, Presence};
use hub::{CarbonDirection, Item, Origin, ResumeError};
use store::{Keep, StreamId};
use testkit::{Guest, House};

async fn house() -> House {
    let house = House::open().await;
    for name in ["anna", "bert"] {
        house.add(name).await;
    }
    house
}

/// Sends words from a session, copied to the others.
async fn say(house: &House, from: &Guest, to: &str, text: &str) {
    let number = from.session.received(from.connection()).unwrap();
    let origin =
        Origin { session: from.session.clone(), number, copied: true, keep: Keep::BOTH, now_or_never: false };
    let message = Arc::new(house.message(from.session.address().name(), to, text));
    house.hub.send(message, None, origin).await;
}

async fn next_copy(guest: &Guest) -> (CarbonDirection, String) {
    guest
        .next_that(|item| match item {
            Item::Carbon { message, direction, .. } => Some((*direction, format!("{:?}", message.content))),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn how_far_somebody_has_read_in_a_room_is_told_to_their_other_sessions_alone() {
    let house = house().await;
    let (desk, phone, bert) = (
        Guest::sign_in(&house, "anna", "desk").await,
        Guest::sign_in(&house, "anna", "phone").await,
        Guest::sign_in(&house, "bert", "desk").await,
    );
    for guest in [&desk, &phone, &bert] {
        house.hub.set_carbons(&guest.session, true);
    }
    let (room, message) =
        (Address::parse("canteen@rooms.x.internal").unwrap(), house.message("bert", "anna", "hello").id);
    house.hub.tell_read(&desk.session, &room, message);
    let told = |guest: &Guest| guest.waiting().iter().any(|(_, item)| matches!(item, Item::Carbon { .. }));
    let seen = Content::Receipt { of: message.to_string(), seen: true };
    assert_eq!(next_copy(&phone).await, (CarbonDirection::Sent, format!("{seen:?}")));
    assert!(!told(&desk) && !told(&bert));
}

#[tokio::test]
async fn copies_come_in_the_order_of_the_messages_and_count_as_stanzas() {
    let house = house().await;
    let (desk, phone) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "anna", "phone").await);
    house.hub.set_carbons(&phone.session, true);
    for number in 0..50 {
        say(&house, &desk, "bert", &format!("n{number}.")).await;
    }
    for number in 0..50 {
        let (direction, text) = next_copy(&phone).await;
        assert_eq!(direction, CarbonDirection::Sent);
        assert!(text.contains(&format!("n{number}.")), "{text}");
    }
    house.hub.set_carbons(&phone.session, false);
    say(&house, &desk, "bert", "unseen").await;
    say(&house, &desk, "anna", "to myself").await;
    let next =
        phone.next_that(|item| matches!(item, Item::Message(_) | Item::Carbon { .. }).then(|| item.clone()));
    assert!(matches!(next.await, Item::Message(_)));
}

#[tokio::test]
async fn a_client_that_resumes_after_a_crash_is_given_copies_as_before() {
    let mut house = house().await;
    let phone = Guest::connect(&house, "anna", "phone").await;
    house.hub.set_carbons(&phone.session, true);
    let mut stream = None;
    let enabled = |id| {
        stream = id;
        Item::Uncounted(Bytes::from_static(b"enabled"))
    };
    house.hub.count_stanzas(&phone.session, true, enabled).await.unwrap();
    let remembered = async {
        while house.hub.store().data(phone.session.address(), "session-wishes:").await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), remembered).await.unwrap();
    house.restart().await;
    let draft = Guest::draft(&house, "anna", None);
    let phone = Guest::serve(house.hub.resume(draft, stream.unwrap(), 0).await.unwrap());
    house.hub.set_presence(&phone.session, Presence::default()).await.unwrap();
    let desk = Guest::sign_in(&house, "anna", "desk").await;
    say(&house, &desk, "bert", "hello").await;
    assert_eq!(next_copy(&phone).await.0, CarbonDirection::Sent);
    house.hub.end_session(&phone.session).await;
    let forgotten = async {
        while !house.hub.store().data(desk.session.address(), "session-wishes:").await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), forgotten).await.unwrap();
}

/// A session with copies that survives a crash, and the id of its stream.
async fn surviving(house: &House) -> (Guest, StreamId) {
    let phone = Guest::sign_in(house, "anna", "phone").await;
    house.hub.set_carbons(&phone.session, true);
    let mut stream = None;
    let enabled = |id| {
        stream = id;
        Item::Uncounted(Bytes::from_static(b"enabled"))
    };
    house.hub.count_stanzas(&phone.session, true, enabled).await.unwrap();
    let remembered = async {
        while house.hub.store().data(phone.session.address(), "session-wishes:").await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), remembered).await.unwrap();
    (phone, stream.unwrap())
}

#[tokio::test]
async fn a_client_that_missed_a_copy_after_a_crash_begins_anew() {
    let mut house = house().await;
    let (_phone, stream) = surviving(&house).await;
    house.restart().await;
    let desk = Guest::sign_in(&house, "anna", "desk").await;
    say(&house, &desk, "bert", "from the desk").await;
    let resumed = house.hub.resume(Guest::draft(&house, "anna", None), stream, 0).await;
    assert!(matches!(resumed, Err(ResumeError::Unknown)), "{resumed:?}");
    // And is not asked to wait for it.
    let again = house.hub.resume(Guest::draft(&house, "anna", None), stream, 0).await;
    assert!(matches!(again, Err(ResumeError::Unknown)), "{again:?}");
}

#[tokio::test]
async fn a_client_that_missed_what_another_device_got_after_a_crash_begins_anew() {
    let mut house = house().await;
    let (_phone, stream) = surviving(&house).await;
    house.restart().await;
    let desk = Guest::sign_in(&house, "anna", "desk").await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    say(&house, &bert, "anna", "to the desk").await;
    desk.next_that(|item| matches!(item, Item::Message(_)).then_some(())).await;
    let resumed = house.hub.resume(Guest::draft(&house, "anna", None), stream, 0).await;
    assert!(matches!(resumed, Err(ResumeError::Unknown)), "{resumed:?}");
}

#[tokio::test]
async fn a_client_that_missed_nothing_but_what_waits_for_it_continues_after_a_crash() {
    let mut house = house().await;
    let (_phone, stream) = surviving(&house).await;
    house.restart().await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    say(&house, &bert, "anna", "nobody else is here").await;
    let phone = Guest::serve(house.hub.resume(Guest::draft(&house, "anna", None), stream, 0).await.unwrap());
    let text = phone.next_that(|item| match item {
        Item::Message(delivery) => Some(format!("{:?}", delivery.message.content)),
        _ => None,
    });
    assert!(text.await.contains("nobody else is here"));
}

#[tokio::test]
async fn a_client_that_was_to_find_what_another_device_then_took_begins_anew() {
    let mut house = house().await;
    let (_phone, stream) = surviving(&house).await;
    house.restart().await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    say(&house, &bert, "anna", "nobody is here").await;
    let desk = Guest::sign_in(&house, "anna", "desk").await;
    loop {
        let (number, item) = desk.next().await;
        house.hub.acknowledge(&desk.session, number);
        if matches!(item, Item::Message(_)) {
            break;
        }
    }
    let resumed = house.hub.resume(Guest::draft(&house, "anna", None), stream, 0).await;
    assert!(matches!(resumed, Err(ResumeError::Unknown)), "{resumed:?}");
}

#[tokio::test]
async fn whoever_gives_up_half_way_into_a_session_leaves_none_that_is_nobodys() {
    for polls in 1..40 {
        let mut house = house().await;
        let (_phone, stream) = surviving(&house).await;
        house.restart().await;
        let bert = Guest::sign_in(&house, "bert", "desk").await;
        say(&house, &bert, "anna", "hello").await;
        let mut half = Box::pin(house.hub.resume(Guest::draft(&house, "anna", None), stream, 0));
        for _ in 0..polls {
            let is_over = tokio::select! {
                biased;
                _ = &mut half => true,
                () = std::future::ready(()) => false,
            };
            if is_over {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(half);
        let draft = Guest::draft(&house, "anna", Some("phone"));
        let guest = match house.hub.resume(Guest::draft(&house, "anna", None), stream, 0).await {
            Ok(session) => Guest::serve(session),
            Err(ResumeError::Unknown) => {
                let session = house.hub.open_session(draft).await.unwrap();
                let guest = Guest::serve(session);
                house.hub.set_presence(&guest.session, Presence::default()).await.unwrap();
                guest
            }
            Err(error) => panic!("{error}"),
        };
        guest.next_that(|item| matches!(item, Item::Message(_)).then_some(())).await;
    }
}
