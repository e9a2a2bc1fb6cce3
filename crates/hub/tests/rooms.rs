//! What happens in rooms: everyone reads the same in the same order, and nothing that was said is lost or doubled.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use bytes::Bytes;
use domain::{
    Address, Content, Presence,
    room::{Affiliation, Nickname, Role, RoomConfiguration, RoomRefusal},
};
use hub::{Departure, HistorySearch, HistoryWish, HubError, Item, Origin, RoomDraft, RoomEntry, RoomItem};
use store::{Found, Keep};
use testkit::{Guest, House, HouseOptions};

async fn house_of(people: &[&str]) -> House {
    let house = House::open().await;
    for name in people {
        house.add(name).await;
    }
    house
}

fn room(name: &str) -> Address {
    Address::new(name, "rooms.office.internal").unwrap()
}

fn entry(nickname: &str) -> RoomEntry {
    RoomEntry {
        nickname: Nickname::new(nickname).unwrap(),
        renamed: false,
        password: None,
        history: HistoryWish { messages_max: Some(100), ..HistoryWish::default() },
        presence: Presence::default(),
    }
}

async fn enter(house: &House, guest: &Guest, room: &Address, nickname: &str) -> Result<(), HubError> {
    house.hub.enter_room(&guest.session, room, entry(nickname)).await
}

/// Makes a room of a guest's that is open to all, as they configure it.
async fn open(
    house: &House,
    guest: &Guest,
    room: &Address,
    nickname: &str,
    configuration: RoomConfiguration,
) {
    enter(house, guest, room, nickname).await.unwrap();
    house.hub.configure_room(&guest.session, room, configuration).await.unwrap();
}

async fn say(house: &House, guest: &Guest, room: &Address, text: &str) {
    let number = guest.session.received(guest.connection()).unwrap();
    let session = guest.session.clone();
    let origin = Origin { session, number, copied: false, keep: Keep::NOBODY, now_or_never: false };
    let (id, accepted_at) = house.hub.environment().message_id_and_time();
    let content = Content::Text { body: text.to_owned(), subject: None };
    let draft = RoomDraft { id, content, native: None, sender_id: None, accepted_at };
    let refuse = |result: Result<(), &HubError>| Some(Item::Native(Bytes::from(result.err()?.to_string())));
    house.hub.say_in_room(room, draft, origin, Box::new(refuse)).await;
}

async fn next_said(guest: &Guest) -> String {
    let said = guest.next_that(|item| match item {
        Item::Room(RoomItem::Message { message, .. }) => match &message.content {
            Content::Text { body, .. } => Some(body.clone()),
            _ => None,
        },
        _ => None,
    });
    said.await
}

async fn said_until(guest: &Guest, last: &str) -> Vec<String> {
    let mut all = Vec::new();
    while all.last().is_none_or(|text| text != last) {
        all.push(next_said(guest).await);
    }
    all
}

async fn next_departure(guest: &Guest, nickname: &str) -> Departure {
    let departure = guest.next_that(|item| match item {
        Item::Room(RoomItem::Presence { presence, .. }) if presence.nickname.as_str() == nickname => {
            presence.departure.clone()
        }
        _ => None,
    });
    departure.await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everyone_reads_what_many_say_at_once_in_the_same_order() {
    let house = house_of(&["anna", "bert", "carl"]).await;
    let canteen = room("canteen");
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    let carl = Guest::sign_in(&house, "carl", "desk").await;
    open(&house, &anna, &canteen, "Anna", RoomConfiguration::default()).await;
    for (guest, nickname) in [(&bert, "Bert"), (&carl, "Carl")] {
        enter(&house, guest, &canteen, nickname).await.unwrap();
    }
    let talk = |guest, name: &'static str| {
        let (house, canteen) = (&house, &canteen);
        async move {
            for number in 0..50 {
                say(house, guest, canteen, &format!("{name} {number}")).await;
            }
        }
    };
    tokio::join!(talk(&anna, "anna"), talk(&bert, "bert"), talk(&carl, "carl"));
    say(&house, &anna, &canteen, "end").await;
    let read = said_until(&anna, "end").await;
    assert_eq!(read.len(), 151);
    assert_eq!(said_until(&bert, "end").await, read);
    assert_eq!(said_until(&carl, "end").await, read);
    let query = store::RoomQuery::of(canteen, 500);
    assert_eq!(house.hub.room_messages(query).await.unwrap().messages.len(), 151);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_in_while_something_is_said_misses_nothing_and_gets_nothing_twice() {
    let house = house_of(&["anna", "bert"]).await;
    let canteen = room("canteen");
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    open(&house, &anna, &canteen, "Anna", RoomConfiguration::default()).await;
    for round in 0..20 {
        let bert = Guest::sign_in(&house, "bert", &format!("desk {round}")).await;
        let talk = async {
            for number in 0..10 {
                say(&house, &anna, &canteen, &format!("{round}:{number}")).await;
            }
        };
        let come = async { enter(&house, &bert, &canteen, "Bert").await.unwrap() };
        tokio::join!(talk, come);
        let last = format!("{round}:9");
        let read = said_until(&bert, &last).await;
        let expected = said_until(&anna, &last).await;
        let of_this_round: Vec<_> =
            read.iter().filter(|text| text.starts_with(&format!("{round}:"))).cloned().collect();
        assert_eq!(of_this_round, expected);
        house.hub.leave_room(&bert.session, &canteen, Presence::default()).await;
    }
}

#[tokio::test]
async fn a_persistent_room_is_there_after_a_crash_with_its_rules_and_what_was_said() {
    let mut house = house_of(&["anna", "bert"]).await;
    let canteen = room("canteen");
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let configuration =
        RoomConfiguration { persistent: true, members_only: true, ..RoomConfiguration::default() };
    open(&house, &anna, &canteen, "Anna", configuration).await;
    say(&house, &anna, &canteen, "still here").await;
    assert_eq!(next_said(&anna).await, "still here");
    house.restart().await;
    let bert = Guest::sign_in(&house, "bert", "desk").await;
    assert_eq!(enter(&house, &bert, &canteen, "Bert").await, Err(RoomRefusal::MembersOnly.into()));
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    enter(&house, &anna, &canteen, "Anna").await.unwrap();
    assert_eq!(next_said(&anna).await, "still here");
    let hub = &house.hub;
    hub.set_affiliation(&anna.session, &canteen, &house.address("bert"), Affiliation::Member, None)
        .await
        .unwrap();
    enter(&house, &bert, &canteen, "Bert").await.unwrap();
    assert_eq!(next_said(&bert).await, "still here");
}

#[tokio::test]
async fn a_temporary_room_ends_with_the_last_who_leaves_and_its_name_is_free() {
    let house = house_of(&["anna", "bert"]).await;
    let canteen = room("canteen");
    let (anna, bert) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "bert", "desk").await);
    open(&house, &anna, &canteen, "Anna", RoomConfiguration::default()).await;
    enter(&house, &bert, &canteen, "Bert").await.unwrap();
    say(&house, &anna, &canteen, "of the first").await;
    house.hub.end_session(&anna.session).await;
    assert_eq!(next_departure(&bert, "Anna").await, Departure::Left);
    assert_eq!(house.hub.room(&canteen, &bert.session).unwrap().nicknames, ["Bert"]);
    house.hub.clear_presence(&bert.session, Presence::default()).await;
    assert!(matches!(house.hub.room(&canteen, &bert.session), Err(HubError::Room(RoomRefusal::NoSuchRoom))));
    enter(&house, &bert, &canteen, "Bert").await.unwrap();
    assert_eq!(house.hub.room(&canteen, &bert.session).unwrap().affiliation, Affiliation::Owner);
    let query = store::RoomQuery::of(canteen, 10);
    assert_eq!(house.hub.room_messages(query).await.unwrap().messages.len(), 0);
}

#[tokio::test]
async fn a_temporary_room_of_the_process_before_waits_for_its_people_and_no_longer() {
    let options = HouseOptions { resumption: std::time::Duration::from_secs(60), ..HouseOptions::default() };
    let mut house = House::open_with(options).await;
    house.add("anna").await;
    let (kept, deserted) = (room("kept"), room("deserted"));
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    open(&house, &anna, &kept, "Anna", RoomConfiguration::default()).await;
    open(&house, &anna, &deserted, "Anna", RoomConfiguration::default()).await;
    house.restart().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    enter(&house, &anna, &kept, "Anna").await.unwrap();
    // Not before: a clock that is held runs ahead whenever only the store works.
    tokio::time::pause();
    while house.hub.room(&deserted, &anna.session).is_ok() {
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
    }
    assert!(house.hub.room(&kept, &anna.session).is_ok());
}

#[tokio::test]
async fn nobody_can_be_taken_for_an_administrator_but_themselves() {
    let house = house_of(&["anna"]).await;
    house.add_administrator("boss").await;
    let (anna, boss) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "boss", "desk").await);
    let canteen = room("canteen");
    for name in ["boss", "BOSS", "b0ss", "Alerts"] {
        let refused = enter(&house, &anna, &canteen, name).await;
        assert_eq!(refused, Err(RoomRefusal::NicknameMistakable.into()), "{name}");
    }
    open(&house, &boss, &canteen, "Boss", RoomConfiguration::default()).await;
    enter(&house, &anna, &canteen, "Anna").await.unwrap();
    let nickname = Nickname::new("Boss.").unwrap();
    let changed = house.hub.change_in_room(&anna.session, &canteen, nickname, false, Presence::default());
    assert_eq!(changed, Err(RoomRefusal::NicknameMistakable.into()));
}

#[tokio::test]
async fn who_is_banned_is_out_by_every_session_and_hears_nothing_more() {
    let house = house_of(&["anna", "bert"]).await;
    let canteen = room("canteen");
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let (desk, phone) =
        (Guest::sign_in(&house, "bert", "desk").await, Guest::sign_in(&house, "bert", "phone").await);
    open(&house, &anna, &canteen, "Anna", RoomConfiguration::default()).await;
    enter(&house, &desk, &canteen, "Bert").await.unwrap();
    enter(&house, &phone, &canteen, "Bert").await.unwrap();
    let bert = house.address("bert");
    house.hub.set_affiliation(&anna.session, &canteen, &bert, Affiliation::Outcast, None).await.unwrap();
    for guest in [&desk, &phone] {
        assert_eq!(next_departure(guest, "Bert").await, Departure::Banned);
    }
    say(&house, &anna, &canteen, "among us").await;
    assert_eq!(next_said(&anna).await, "among us");
    for guest in [&desk, &phone] {
        assert!(!guest.waiting().iter().any(|(_, item)| matches!(item, Item::Room(_))));
        assert_eq!(enter(&house, guest, &canteen, "Bert").await, Err(RoomRefusal::Banned.into()));
    }
    say(&house, &desk, &canteen, "let me in").await;
    let refused = desk.next_that(|item| match item {
        Item::Native(bytes) => Some(bytes.clone()),
        _ => None,
    });
    assert_eq!(refused.await, RoomRefusal::NotInRoom.to_string().as_bytes());
    let kicked = house.hub.set_role(&desk.session, &canteen, "Anna", Role::None, None).await;
    assert_eq!(kicked, Err(RoomRefusal::NotInRoom.into()));
}

#[tokio::test]
async fn one_person_owns_so_many_rooms_and_no_more() {
    let house = house_of(&["anna"]).await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let mut made = 0;
    let refused = loop {
        match enter(&house, &anna, &room(&format!("room-{made}")), "Anna").await {
            Ok(()) => made += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused, RoomRefusal::TooManyRooms { limit: made }.into());
    house.hub.leave_room(&anna.session, &room("room-0"), Presence::default()).await;
    enter(&house, &anna, &room("another"), "Anna").await.unwrap();
}

#[tokio::test]
async fn people_find_what_was_said_to_them_and_in_their_rooms_and_see_what_is_new() {
    let house = house_of(&["anna", "bert", "carl"]).await;
    let canteen = room("canteen");
    let (anna, bert) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "bert", "desk").await);
    open(
        &house,
        &anna,
        &canteen,
        "Anna",
        RoomConfiguration { persistent: true, ..RoomConfiguration::default() },
    )
    .await;
    enter(&house, &bert, &canteen, "Bert").await.unwrap();
    house.send("bert", "anna", "the pump is broken").await.unwrap();
    house.clock.advance(jiff::SignedDuration::from_secs(1));
    say(&house, &bert, &canteen, "another pump").await;
    assert_eq!(next_said(&anna).await, "another pump");
    let search = |with| HistorySearch { text: "pump".to_owned(), with, before: None, limit: 10 };
    let found = |person: &'static str, with| {
        let (hub, person) = (house.hub.clone(), house.address(person));
        async move { hub.search_history(&person, search(with)).await.unwrap().found.len() }
    };
    assert_eq!(found("anna", None).await, 2);
    assert_eq!(found("anna", Some(canteen.clone())).await, 1);
    assert_eq!(found("anna", Some(house.address("bert"))).await, 1);
    assert_eq!(found("carl", None).await, 0);
    assert_eq!(found("carl", Some(canteen.clone())).await, 0);

    let own = house.address("anna");
    let views = house.hub.conversations(&own, 10).await.unwrap();
    let said: Vec<_> = views.iter().map(|view| (view.with.clone(), view.is_room, view.unread)).collect();
    assert_eq!(said, [(canteen.clone(), true, 1), (house.address("bert"), false, 1)]);
    let last = views[0].last.as_ref().map(Found::id).unwrap();
    house.hub.mark_read(&own, &canteen, last).await.unwrap();
    let read = house.hub.conversations(&own, 1).await.unwrap().remove(0);
    assert_eq!((views[0].read_at, read.unread), (None, 0));
    let Some(Found::InRoom(message)) = read.last else { panic!() };
    assert_eq!(read.read_at, Some(message.accepted_at));
    let (page, complete) = house.hub.history(&own, &canteen, None, None, 10).await.unwrap();
    assert_eq!((page.len(), complete), (1, true));
    assert!(!views[0].changed && !views[1].changed);
    let refused = house.hub.history(&house.address("carl"), &canteen, None, None, 10).await;
    assert_eq!(refused, Err(RoomRefusal::NotInRoom.into()));
}
