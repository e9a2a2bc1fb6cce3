//! Sessions of the event stream: what their clients are told, and what they go on with.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::sync::Arc;

use domain::{MessageKind, Presence, Protocol};
use hub::{Item, Origin, ResumeError, SessionDraft};
use store::StreamId;
use testkit::{Guest, House};

fn draft(house: &House, name: &str, protocol: Protocol) -> SessionDraft {
    SessionDraft { protocol, ..Guest::draft(house, name, Some("page")) }
}

/// Somebody whose session is one of the event stream, and what it can be resumed by.
async fn open(house: &House, name: &str) -> (Guest, StreamId) {
    let session = house.hub.open_session(draft(house, name, Protocol::Web)).await.unwrap();
    let mut stream = None;
    let nothing = |id| {
        stream = id;
        Item::Uncounted(bytes::Bytes::new())
    };
    house.hub.count_stanzas(&session, true, nothing).await.unwrap();
    house.hub.set_presence(&session, Presence::default()).await.unwrap();
    (Guest::serve(session), stream.unwrap())
}

async fn house() -> House {
    let house = House::open().await;
    for name in ["anna", "bert"] {
        house.add(name).await;
    }
    house
}

/// Says words from a session.
async fn say(house: &House, guest: &Guest, id: Option<&str>, to: &str) {
    let mut message = house.message("anna", to, "hello");
    message.sender_id = id.map(str::to_owned);
    message.kind = MessageKind::Chat;
    let number = guest.session.received(guest.connection()).unwrap();
    let keep = house.hub.keep(&guest.session, &message.recipient, None);
    let session = guest.session.clone();
    let origin = Origin { session, number, copied: true, keep, now_or_never: false };
    house.hub.send(Arc::new(message), None, origin).await;
}

#[tokio::test]
async fn a_client_is_told_of_each_message_by_its_own_id_and_again_when_it_repeats_it() {
    let house = house().await;
    let (anna, _) = open(&house, "anna").await;
    for id in ["m1", "m2", "m1"] {
        say(&house, &anna, Some(id), "bert").await;
        let accepted = |item: &Item| match item {
            Item::Accepted(message) => message.sender_id.clone(),
            _ => None,
        };
        assert_eq!(anna.next_that(accepted).await, id);
    }
    assert_eq!(house.pending("bert").await.len(), 2);
    say(&house, &anna, Some("m3"), "nobody").await;
    let refused = |item: &Item| match item {
        Item::Refused { message, .. } => message.sender_id.clone(),
        _ => None,
    };
    assert_eq!(anna.next_that(refused).await, "m3");
}

#[tokio::test]
async fn what_tells_of_a_message_has_no_number_so_that_what_has_one_is_all_that_can_come_again() {
    let house = house().await;
    let (anna, _) = open(&house, "anna").await;
    let before = anna.session.outbox.written_count();
    say(&house, &anna, Some("m1"), "bert").await;
    anna.next_that(|item| matches!(item, Item::Accepted(_)).then_some(())).await;
    let waiting = anna.session.outbox.written_count().wrapping_sub(before);
    let own_presence = 1;
    assert!(waiting <= own_presence, "{waiting}");
}

#[tokio::test]
async fn a_stream_is_gone_on_with_in_a_new_process_and_by_no_client_of_another_protocol_in_the_same() {
    let mut house = house().await;
    let (anna, stream) = open(&house, "anna").await;
    let other = house.hub.resume(draft(&house, "anna", Protocol::Xmpp), stream, 0).await;
    assert_eq!(other.map(drop), Err(ResumeError::Unknown));
    house.send("bert", "anna", "before").await.unwrap();
    anna.next_text().await;
    let has = anna.session.outbox.written_count();
    house.send("bert", "anna", "after").await.unwrap();
    house.restart().await;
    let session = house.hub.resume(draft(&house, "anna", Protocol::Web), stream, has).await.unwrap();
    assert_eq!((session.protocol(), session.resource().as_ref()), (Protocol::Web, "page"));
    let anna = Guest::serve(session);
    assert_eq!(anna.next_text().await, "after");
}
