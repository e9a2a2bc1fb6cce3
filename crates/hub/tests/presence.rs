//! Who sees whom.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::time::Duration;

use domain::{Presence, SubscriptionAction};
use hub::{CloseReason, Item};
use testkit::{Guest, House, HouseOptions};

async fn house() -> House {
    let house = House::open().await;
    for name in ["anna", "bert", "carl"] {
        house.add(name).await;
    }
    house
}

async fn befriend(house: &House, one: &str, other: &str) {
    let (one, other) = (house.address(one), house.address(other));
    for (actor, target) in [(&one, &other), (&other, &one)] {
        house.hub.subscription(actor, target, SubscriptionAction::Subscribe, None).await.unwrap();
        house.hub.subscription(target, actor, SubscriptionAction::Subscribed, None).await.unwrap();
    }
}

async fn next_presence(guest: &Guest, name: &str) -> (bool, Option<String>) {
    guest
        .next_that(|item| match item {
            Item::Presence(notice) if notice.from.name() == name => {
                Some((notice.available, notice.presence.text.clone()))
            }
            _ => None,
        })
        .await
}

fn said(text: &str) -> Presence {
    Presence { text: Some(text.to_owned()), ..Presence::default() }
}

#[tokio::test]
async fn friends_see_each_other_come_change_and_go_and_strangers_see_nothing() {
    let house = house().await;
    befriend(&house, "anna", "bert").await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let carl = Guest::sign_in(&house, "carl", "desk").await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    assert_eq!(next_presence(&anna, "bert").await, (true, None));
    assert_eq!(next_presence(&bert, "anna").await, (true, None));
    house.hub.set_presence(&bert.session, said("lunch")).await.unwrap();
    assert_eq!(next_presence(&anna, "bert").await, (true, Some("lunch".to_owned())));
    house.hub.end_session(&bert.session).await;
    assert!(!next_presence(&anna, "bert").await.0);
    assert!(
        !carl
            .waiting()
            .iter()
            .any(|(_, item)| matches!(item, Item::Presence(notice) if notice.from.name() == "bert"))
    );
}

#[tokio::test]
async fn a_request_waits_for_who_is_away_and_agreeing_shows_presence_at_once() {
    let mut house = house().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    house
        .hub
        .subscription(anna.session.address(), &house.address("bert"), SubscriptionAction::Subscribe, None)
        .await
        .unwrap();
    house.restart().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    let asked = bert.next_that(|item| match item {
        Item::Subscription { from, action: SubscriptionAction::Subscribe, .. } => {
            Some(from.name().to_owned())
        }
        _ => None,
    });
    assert_eq!(asked.await, "anna");
    house
        .hub
        .subscription(bert.session.address(), &house.address("anna"), SubscriptionAction::Subscribed, None)
        .await
        .unwrap();
    assert!(next_presence(&anna, "bert").await.0);
}

#[tokio::test]
async fn taking_a_contact_off_the_list_ends_seeing_both_ways() {
    let house = house().await;
    befriend(&house, "anna", "bert").await;
    let (anna, bert) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "bert", "desk").await);
    house.hub.set_interested(&anna.session);
    next_presence(&anna, "bert").await;
    assert!(house.hub.remove_contact(anna.session.address(), bert.session.address()).await.unwrap());
    let removed = anna.next_that(|item| {
        if let Item::ContactRemoved { address, .. } = item { Some(address.clone()) } else { None }
    });
    assert_eq!(removed.await.name(), "bert");
    assert!(!next_presence(&anna, "bert").await.0);
    let gone = |item: &Item| matches!(item, Item::Presence(notice) if !notice.available).then_some(());
    bert.next_that(gone).await;
    assert!(!house.hub.remove_contact(anna.session.address(), bert.session.address()).await.unwrap());
}

#[tokio::test]
async fn a_query_reaches_a_device_only_from_who_may_know_of_it() {
    let house = house().await;
    befriend(&house, "anna", "bert").await;
    let (anna, bert, carl) = (
        Guest::sign_in(&house, "anna", "desk").await,
        Guest::sign_in(&house, "bert", "desk").await,
        Guest::sign_in(&house, "carl", "desk").await,
    );
    let bytes = || bytes::Bytes::from_static(b"<iq/>");
    assert!(house.hub.relay(&bert.session, anna.session.address(), "desk", bytes(), false).await.is_ok());
    let stranger = house.hub.relay(&carl.session, anna.session.address(), "desk", bytes(), false).await;
    let absent = house.hub.relay(&carl.session, anna.session.address(), "nowhere", bytes(), false).await;
    assert!(stranger.is_err());
    assert_eq!(stranger, absent);
    // Who shows themselves is no less a stranger.
    house
        .hub
        .direct_presence(&carl.session, anna.session.address(), None, true, Presence::default())
        .unwrap();
    let shown = house.hub.relay(&carl.session, anna.session.address(), "desk", bytes(), false).await;
    assert_eq!(shown, absent);
    house
        .hub
        .direct_presence(&anna.session, carl.session.address(), None, true, Presence::default())
        .unwrap();
    assert!(house.hub.relay(&carl.session, anna.session.address(), "desk", bytes(), false).await.is_ok());
}

#[tokio::test]
async fn the_newer_session_of_one_name_replaces_the_older() {
    let house = house().await;
    let older = Guest::sign_in(&house, "anna", "desk").await;
    let newer = Guest::sign_in(&house, "anna", "desk").await;
    assert_eq!(older.session.outbox.closed(), Some(CloseReason::Replaced));
    assert_eq!(newer.session.outbox.closed(), None);
    assert_eq!(house.hub.session_count(), 1);
}

#[tokio::test]
async fn after_a_crash_who_may_come_back_looks_as_before_and_who_does_not_is_seen_to_leave() {
    let options = HouseOptions { resumption: Duration::from_millis(50), ..HouseOptions::default() };
    let mut house = House::open_with(options).await;
    for name in ["anna", "bert"] {
        house.add(name).await;
    }
    befriend(&house, "anna", "bert").await;
    let bert = Guest::connect(&house, "bert", "desk").await;
    let enabled = |_| Item::Uncounted(bytes::Bytes::from_static(b"enabled"));
    house.hub.count_stanzas(&bert.session, true, enabled).await.unwrap();
    house.hub.set_presence(&bert.session, said("here")).await.unwrap();
    house.restart().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    assert_eq!(next_presence(&anna, "bert").await, (true, Some("here".to_owned())));
    let hub = house.hub.clone();
    tokio::spawn(async move { hub.end_old_sessions().await });
    assert!(!next_presence(&anna, "bert").await.0);
    assert_eq!(house.hub.session_count(), 1);
}

#[tokio::test]
async fn one_person_has_so_many_sessions_and_no_more_and_a_broken_one_makes_room() {
    let house = house().await;
    let mut guests = Vec::new();
    for number in 0..house.hub.settings().sessions_max {
        guests.push(Guest::connect(&house, "anna", &format!("desk {number}")).await);
    }
    let refused = house.hub.open_session(Guest::draft(&house, "anna", Some("one more"))).await;
    assert!(matches!(refused, Err(hub::HubError::TooManySessions { .. })));
    let enabled = |_| Item::Uncounted(bytes::Bytes::from_static(b"enabled"));
    house.hub.count_stanzas(&guests[3].session, true, enabled).await.unwrap();
    house.hub.connection_lost(&guests[3].session, guests[3].connection()).await;
    house.hub.open_session(Guest::draft(&house, "anna", Some("one more"))).await.unwrap();
    assert_eq!(guests[3].session.outbox.closed(), Some(CloseReason::Ended));
    assert_eq!(house.hub.session_count(), house.hub.settings().sessions_max);
}

#[tokio::test]
async fn asking_people_fills_the_list_no_further_than_naming_them() {
    let house = house().await;
    let anna = house.address("anna");
    for number in 0..house.hub.settings().contacts_max {
        house.hub.put_contact(&anna, house.address(&format!("p{number}")), None, Vec::new()).await.unwrap();
    }
    let asked =
        house.hub.subscription(&anna, &house.address("bert"), SubscriptionAction::Subscribe, None).await;
    assert!(matches!(asked, Err(hub::HubError::TooManyContacts { .. })));
    house.hub.subscription(&anna, &house.address("p1"), SubscriptionAction::Subscribe, None).await.unwrap();
}

#[tokio::test]
async fn a_client_that_comes_back_after_a_crash_is_told_who_has_left_and_nothing_of_who_came_again() {
    let mut house = house().await;
    befriend(&house, "anna", "bert").await;
    befriend(&house, "bert", "anna").await;
    let phone = Guest::sign_in(&house, "anna", "phone").await;
    let mut stream = None;
    let enabled = |id| {
        stream = id;
        Item::Uncounted(bytes::Bytes::new())
    };
    house.hub.count_stanzas(&phone.session, true, enabled).await.unwrap();
    house.restart().await;
    for device in ["desk", "laptop"] {
        let bert = Guest::sign_in(&house, "bert", device).await;
        house.hub.end_session(&bert.session).await;
    }
    let _again = Guest::sign_in(&house, "bert", "laptop").await;
    let phone =
        Guest::serve(house.hub.resume(Guest::draft(&house, "anna", None), stream.unwrap(), 0).await.unwrap());
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.push(
            phone
                .next_that(|item| match item {
                    Item::Presence(notice) if notice.from.name() == "bert" => {
                        Some((notice.resource.to_string(), notice.available))
                    }
                    _ => None,
                })
                .await,
        );
    }
    seen.sort();
    assert_eq!(seen, [("desk".to_owned(), false), ("laptop".to_owned(), true)]);
}
