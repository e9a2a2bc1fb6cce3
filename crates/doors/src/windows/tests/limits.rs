use std::time::Duration;

use domain::StrangerRules;
use netbios::{receiver::Limits, sender::Step};
use tokio::time::Instant;

use super::{
    house::{House, settings},
    peer::{self, Peer, no_room, through_any_server, to},
};

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed_at_its_deadline() {
    let house = House::open().await;
    let silent = Peer::connect(house.address).await;
    tokio::time::pause();
    let before = Instant::now();
    assert_eq!(silent.rest().await, b"");
    let waited = before.elapsed();
    let deadline = Limits::default().session_request_timeout;
    assert!((deadline..deadline + Duration::from_secs(2)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn a_message_that_never_ends_is_dropped_at_its_deadline() {
    let house = House::open().await;
    let anna = house.add_and_sign_in("anna").await;
    let mut slow = Peer::connect(house.address).await;
    let whole = peer::hasty(&[to("anna", &"x".repeat(128))]);
    slow.write(&whole[..whole.len() - 1]).await;
    slow.read_exactly(4).await;
    tokio::time::pause();
    assert_eq!(slow.rest().await, b"");
    tokio::time::resume();
    assert!(peer::send(house.address, &to("anna", "another")).await.is_ok());
    assert_eq!(house.kept_for("anna").await.len(), 1);
    anna.next_message().await;
}

#[tokio::test]
async fn garbage_ends_its_own_connection_and_harms_nobody_else() {
    let house = House::open().await;
    let anna = house.add_and_sign_in("anna").await;
    let malformed_request = [&b"\x81\0\0\x44"[..], &[b'x'; 0x44]].concat();
    for (garbage, answer) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], &b""[..]),
        (&[0xff; 5_000], b""),
        (b"\0\x01\xff\xff", b""),
        (&malformed_request, b"\x83\0\0\x01\x8f"),
    ] {
        let mut peer = Peer::connect(house.address).await;
        peer.write(garbage).await;
        assert_eq!(peer.rest().await, answer);
    }
    assert!(peer::send(house.address, &to("anna", "hello")).await.is_ok());
    anna.next_message().await;
}

#[tokio::test]
async fn an_address_that_sent_its_messages_of_the_minute_is_told_that_there_is_no_room() {
    let house = House::open_with(Limits::default(), 2).await;
    let _anna = house.add_and_sign_in("anna").await;
    for _ in 0..2 {
        assert!(peer::send(house.address, &to("anna", "hello")).await.is_ok());
    }
    assert_eq!(peer::send(house.address, &to("anna", "hello")).await, no_room(Step::SingleBlock));
    assert_eq!(house.kept_for("anna").await.len(), 2);
}

#[tokio::test]
async fn whoever_tries_out_names_is_soon_told_the_same_of_every_name() {
    let house = House::open_with(Limits::default(), 2).await;
    let _anna = house.add_and_sign_in("anna").await;
    assert!(peer::send(house.address, &to("nobody", "hello")).await.is_err());
    assert!(peer::send(house.address, &through_any_server("nobody", "hello")).await.is_err());
    let mut answers = Vec::new();
    for name in ["anna", "nobody"] {
        let (sent, bytes) =
            peer::send_as(house.address, &to(name, "hello"), netbios::sender::Strategy::MultiBlock).await;
        assert_eq!(sent, no_room(Step::End));
        answers.push(bytes);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn stopping_closes_connections_that_wait() {
    let house = House::open().await;
    let waiting = Peer::connect(house.address).await;
    while house.gate.status().connections == 0 {
        tokio::task::yield_now().await;
    }
    house.stop.cancel();
    house.tasks.close();
    let stopped = async {
        assert_eq!(waiting.rest().await, b"");
        house.tasks.wait().await;
    };
    let sooner = Limits::default().session_request_timeout / 2;
    tokio::time::timeout(sooner, stopped).await.expect("nobody waits for the deadline");
}

#[tokio::test]
async fn who_is_blocked_by_the_address_is_not_read_and_by_the_name_reaches_nobody() {
    let rules =
        |blocked: &str| StrangerRules { blocked: vec![blocked.parse().unwrap()], ..StrangerRules::default() };
    let house = House::open_for(settings(), rules("127.0.0.0/8")).await;
    let _anna = house.add_and_sign_in("anna").await;
    assert_eq!(Peer::connect(house.address).await.rest().await, b"");
    assert_eq!(refused(&house), [("blocked", 1)]);

    let house = House::open_for(settings(), rules("name:ws7")).await;
    let _anna = house.add_and_sign_in("anna").await;
    assert!(peer::send(house.address, &to("anna", "hello")).await.is_err());
    assert!(house.kept_for("anna").await.is_empty());
}

#[tokio::test]
async fn what_is_not_taken_is_counted_by_the_reason() {
    let house = House::open_with(Limits::default(), 3).await;
    let _anna = house.add_and_sign_in("anna").await;
    let mut garbage = Peer::connect(house.address).await;
    garbage.write(b"GET / HTTP/1.1\r\n\r\n").await;
    garbage.rest().await;
    assert!(peer::send(house.address, &to("nobody", "x")).await.is_err());
    for _ in 0..3 {
        drop(peer::send(house.address, &through_any_server("anna", "hello")).await);
    }
    assert_eq!(refused(&house), [("nobody", 1), ("too-many-of-one", 1), ("unreadable", 1)]);
}

fn refused(house: &House) -> Vec<(&'static str, u64)> {
    let all = house.hub.counters().strangers_refused.values().into_iter();
    all.filter(|(_, count)| *count > 0).map(|(why, count)| (why.name(), count)).collect()
}
