//! What people want to be spared and to keep to themselves.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use domain::{
    Content, Message, Presence, Privacy, Protocol, Sender, StrangerRules, SubscriptionAction, WhoSees,
};
use hub::{HubError, Item, LastActivity, MessageDraft, Sent};
use jiff::SignedDuration;
use testkit::{Guest, House, HouseOptions};

async fn house_of(people: &[&str]) -> House {
    let house = House::open().await;
    for name in people {
        house.add(name).await;
    }
    house
}

async fn want(house: &House, name: &str, privacy: Privacy) {
    house.hub.set_privacy("test", name, privacy).await.unwrap();
}

fn writes(who: &str) -> Privacy {
    Privacy { writes: who.parse().unwrap(), ..Privacy::default() }
}

async fn list(house: &House, owner: &str, contact: &str) {
    house.hub.put_contact(&house.address(owner), house.address(contact), None, Vec::new()).await.unwrap();
}

/// `watcher` sees the presence of `seen`.
async fn befriend(house: &House, watcher: &str, seen: &str) {
    let (watcher, seen) = (house.address(watcher), house.address(seen));
    house.hub.subscription(&watcher, &seen, SubscriptionAction::Subscribe, None).await.unwrap();
    house.hub.subscription(&seen, &watcher, SubscriptionAction::Subscribed, None).await.unwrap();
}

#[tokio::test]
async fn who_is_not_among_those_who_may_write_hears_what_they_hear_of_nobody() {
    let mut house = house_of(&["anna", "bert", "carl"]).await;
    want(&house, "anna", writes("contacts")).await;
    let nobody = house.send("bert", "nobody", "x").await;
    assert!(matches!(nobody, Err(HubError::Refused(_))));
    assert_eq!(house.send("bert", "anna", "x").await, nobody);
    list(&house, "anna", "bert").await;
    assert_eq!(house.send("bert", "anna", "now").await, Ok(Sent::Accepted));
    house.restart().await;
    assert_eq!(house.send("bert", "anna", "still").await, Ok(Sent::Accepted));
    assert_eq!(house.send("carl", "anna", "x").await, nobody);
    assert_eq!(house.send("anna", "anna", "a note").await, Ok(Sent::Accepted));
    house.hub.remove_contact(&house.address("anna"), &house.address("bert")).await.unwrap();
    assert_eq!(house.send("bert", "anna", "x").await, nobody);
    want(&house, "anna", Privacy::default()).await;
    assert_eq!(house.send("carl", "anna", "x").await, Ok(Sent::Accepted));
}

#[tokio::test]
async fn who_reserves_themselves_is_not_found_and_is_asked_as_nobody_is() {
    let house = house_of(&["anna", "bert"]).await;
    let bert = house.address("bert");
    let found = || house.hub.find_people(&bert, "ann", 10).len();
    assert_eq!(found(), 1);
    want(&house, "anna", writes("contacts")).await;
    assert_eq!(found(), 0);
    for name in ["anna", "nobody"] {
        let other = house.address(name);
        house.hub.subscription(&bert, &other, SubscriptionAction::Subscribe, None).await.unwrap();
    }
    let contacts = house.hub.contacts(&bert).await.unwrap();
    let seen: Vec<_> = contacts.iter().map(|one| (one.address.name(), one.asked, one.to)).collect();
    assert_eq!(seen, [("anna", true, false), ("nobody", true, false)]);
    list(&house, "anna", "bert").await;
    assert_eq!(found(), 1);
}

#[tokio::test]
async fn groups_count_as_they_are_now() {
    let house = house_of(&["anna", "bert", "carl"]).await;
    for group in ["ward", "night"] {
        house.hub.add_group("test", group.parse().unwrap()).await.unwrap();
    }
    let join = |name: &'static str, group: &str, member| {
        let (hub, group) = (house.hub.clone(), group.parse().unwrap());
        async move { hub.set_member("test", group, name, member).await.unwrap() }
    };
    join("anna", "ward", true).await;
    join("bert", "ward", true).await;
    join("carl", "night", true).await;
    let reaches = async |name: &str| house.send(name, "anna", "x").await.is_ok();
    want(&house, "anna", writes("contacts-and-my-groups")).await;
    assert!(reaches("bert").await && !reaches("carl").await);
    join("anna", "night", true).await;
    assert!(reaches("carl").await);
    want(&house, "anna", writes("groups:night")).await;
    assert!(!reaches("bert").await && reaches("carl").await);
    join("carl", "night", false).await;
    assert!(!reaches("carl").await);
    let unknown = house.hub.set_privacy("test", "anna", writes("groups:day")).await;
    assert!(matches!(unknown, Err(HubError::NoGroup { .. })));
}

#[tokio::test]
async fn words_for_many_reach_those_who_let_the_sender_write() {
    let house = house_of(&["anna", "bert", "carl"]).await;
    want(&house, "anna", writes("contacts")).await;
    let send = |audience: &str| {
        let sender = Sender::Account { address: house.address("carl") };
        let draft = MessageDraft { sender, text: "hello".into(), sender_id: None };
        let (hub, audience) = (house.hub.clone(), audience.parse().unwrap());
        async move { hub.send_to_audience(&audience, draft).await }
    };
    assert_eq!(send("anna,bert").await, Ok(1));
    assert_eq!(house.pending("bert").await, ["hello"]);
    assert!(matches!(send("anna").await, Err(HubError::Refused(_))));
    assert!(house.pending("anna").await.is_empty());
}

#[tokio::test]
async fn unverified_senders_do_not_find_who_reserves_themselves_or_is_invisible() {
    let house = house_of(&["anna"]).await;
    let _anna = Guest::sign_in(&house, "anna", "desk").await;
    let stranger =
        Sender::Unverified { name: "WS7".into(), source: [10, 0, 0, 7].into(), protocol: Protocol::Windows };
    let found = || house.hub.reachable_by_netbios("ANNA", &stranger).is_some();
    assert!(found());
    for privacy in [writes("contacts"), Privacy { invisible: true, ..Privacy::default() }] {
        want(&house, "anna", privacy).await;
        assert!(!found());
    }
}

#[tokio::test]
async fn unverified_senders_are_blocked_and_kept_quiet_as_the_administrator_says() {
    let strangers = StrangerRules {
        blocked: vec!["10.0.0.66".parse().unwrap()],
        quiet_hours: vec!["08:30-09:30".parse().unwrap()],
    };
    let house = House::open_with(HouseOptions { strangers, ..HouseOptions::default() }).await;
    house.add("anna").await;
    house.add_administrator("boss").await;
    let _anna = Guest::sign_in(&house, "anna", "desk").await;
    let from = |last: u8| Sender::Unverified {
        name: "WS7".into(),
        source: [10, 0, 0, last].into(),
        protocol: Protocol::Windows,
    };
    let draft = |last| MessageDraft { sender: from(last), text: "hello".into(), sender_id: None };
    let appointed = || "user:anna".parse().unwrap();
    // It is eight in the morning.
    assert!(house.hub.reachable_by_netbios("ANNA", &from(7)).is_some());
    assert!(house.hub.reachable_by_netbios("ANNA", &from(66)).is_none());
    assert!(house.hub.send_to_appointed(&appointed(), draft(66)).await.is_err());
    house.clock.advance(jiff::SignedDuration::from_mins(45));
    assert!(house.hub.reachable_by_netbios("ANNA", &from(7)).is_none());
    assert_eq!(house.hub.send_to_signed_in(from(7), "hello".into()).await, Ok(0));
    assert_eq!(house.hub.send_to_appointed(&appointed(), draft(7)).await, Ok(1));
    house.clock.advance(jiff::SignedDuration::from_mins(45));
    assert!(house.hub.reachable_by_netbios("ANNA", &from(7)).is_some());
}

#[tokio::test]
async fn marks_and_typing_that_are_kept_back_reach_the_own_devices_alone_and_are_taken() {
    let house = house_of(&["anna", "bert", "carl"]).await;
    list(&house, "anna", "bert").await;
    let privacy = Privacy { reading: WhoSees::Contacts, typing: WhoSees::Nobody, ..Privacy::default() };
    want(&house, "anna", privacy).await;
    let (bert, carl) =
        (Guest::sign_in(&house, "bert", "desk").await, Guest::sign_in(&house, "carl", "desk").await);
    let phone = Guest::sign_in(&house, "anna", "phone").await;
    house.hub.set_carbons(&phone.session, true);
    for name in ["bert", "carl"] {
        let said = |content| Message { content, ..house.message("anna", name, "") };
        let read = said(Content::Receipt { of: "1".into(), seen: true });
        assert_eq!(house.hub.send_and_wait(read).await, Ok(Sent::Accepted));
        assert_eq!(
            house.hub.send_and_wait(said(Content::Typing { composing: true })).await,
            Ok(Sent::Accepted)
        );
        house.send("anna", name, "end").await.unwrap();
    }
    assert!(bert.next_text().await.starts_with("Receipt"));
    assert_eq!(bert.next_text().await, "end", "typing was kept back");
    assert_eq!(carl.next_text().await, "end", "both were kept back");
    let copies = || {
        phone.next_that(|item| match item {
            Item::Carbon { message, .. } => Some(message.content.clone()),
            _ => None,
        })
    };
    assert!(matches!(copies().await, Content::Receipt { .. }));
}

fn is_gone(item: &Item) -> Option<bool> {
    match item {
        Item::Presence(notice) => Some(!notice.available),
        _ => None,
    }
}

#[tokio::test]
async fn who_becomes_invisible_is_seen_to_leave_and_seen_again_when_they_no_longer_are() {
    let house = house_of(&["anna", "bert"]).await;
    befriend(&house, "bert", "anna").await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let from_anna = |item: &Item| match item {
        Item::Presence(notice) if notice.from == *anna.session.address() => is_gone(item),
        _ => None,
    };
    assert!(!bert.next_that(from_anna).await);
    let left_at = house.clock.now();
    want(&house, "anna", Privacy { invisible: true, ..Privacy::default() }).await;
    assert!(bert.next_that(from_anna).await);
    house.clock.advance(SignedDuration::from_hours(1));
    // Nothing that anna does shows, not even that she leaves.
    house
        .hub
        .set_presence(&anna.session, Presence { text: Some("psst".into()), ..Presence::default() })
        .await
        .unwrap();
    let address = house.address("anna");
    house.hub.probe(&bert.session, &address, None).await.unwrap();
    assert!(bert.next_that(from_anna).await, "the answer to a probe, and nothing before it");
    let last = house.hub.last_activity(&bert.session, &address).await;
    assert_eq!(last, Ok(LastActivity::Left { at: left_at, status: None }));
    let phone = Guest::sign_in(&house, "anna", "phone").await;
    house.hub.end_session(&phone.session).await;
    let last = house.hub.last_activity(&bert.session, &address).await;
    assert_eq!(last, Ok(LastActivity::Left { at: left_at, status: None }));
    assert!(!bert.waiting().iter().any(|(_, item)| from_anna(item).is_some()));
    let arrived = Message {
        content: Content::Receipt { of: "1".into(), seen: false },
        ..house.message("anna", "bert", "")
    };
    house.hub.send_and_wait(arrived).await.unwrap();
    house.send("anna", "bert", "end").await.unwrap();
    assert_eq!(bert.next_text().await, "end", "that something has arrived would say that she is there");
    want(&house, "anna", Privacy::default()).await;
    assert!(!bert.next_that(from_anna).await);
    assert_eq!(house.hub.last_activity(&bert.session, &address).await, Ok(LastActivity::Here));
}

#[tokio::test]
async fn who_shows_themselves_on_purpose_is_seen_though_invisible() {
    let house = house_of(&["anna", "bert"]).await;
    want(&house, "anna", Privacy { invisible: true, ..Privacy::default() }).await;
    befriend(&house, "bert", "anna").await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let to = house.address("bert");
    house.hub.direct_presence(&anna.session, &to, None, true, Presence::default()).unwrap();
    let from_anna = |item: &Item| match item {
        Item::Presence(notice) if notice.from == *anna.session.address() => is_gone(item),
        _ => None,
    };
    assert!(!bert.next_that(from_anna).await);
    house.hub.end_session(&anna.session).await;
    assert!(bert.next_that(from_anna).await, "and is seen to leave");
}

#[tokio::test]
async fn when_somebody_was_last_there_they_may_keep_to_themselves() {
    let house = house_of(&["anna", "bert", "carl"]).await;
    befriend(&house, "bert", "anna").await;
    let (bert, carl) =
        (Guest::sign_in(&house, "bert", "desk").await, Guest::sign_in(&house, "carl", "desk").await);
    let address = house.address("anna");
    let stranger = house.hub.last_activity(&carl.session, &address).await;
    assert!(stranger.is_err());
    assert_eq!(house.hub.last_activity(&bert.session, &address).await, Ok(LastActivity::Unknown));
    want(&house, "anna", Privacy { last_activity: WhoSees::Nobody, ..Privacy::default() }).await;
    assert_eq!(house.hub.last_activity(&bert.session, &address).await, stranger);
}

#[tokio::test]
async fn an_alert_reaches_whoever_nobody_may_write_to() {
    let house = house_of(&["anna"]).await;
    house.add_administrator("chief").await;
    want(&house, "anna", Privacy { invisible: true, ..writes("contacts") }).await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let draft = domain::AlertDraft::new(house.address("chief"), "everyone".parse().unwrap(), "Fire");
    house.hub.send_alert(draft).await.unwrap();
    anna.next_that(|item| matches!(item, Item::Alert(_)).then_some(())).await;
}
