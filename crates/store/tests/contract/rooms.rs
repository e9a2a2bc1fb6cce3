use std::sync::Arc;

use domain::{
    Address, Content, MessageId, Native, Protocol,
    room::{Affiliation, Nickname, Room, RoomConfiguration, RoomMessage, RoomSubject},
};
use store::{Change, Outcome, RoomChange, RoomQuery, Store, StoreError};

use super::{Engine, address, at, done, is_missing, one, people};

pub(crate) fn room(name: &str) -> Address {
    Address::new(name, "rooms.x.internal").unwrap()
}

pub(crate) fn said(number: u8, room: &Address, sender: &Address, text: &str) -> RoomMessage {
    RoomMessage {
        id: MessageId::new(at(i64::from(number)), [number; 10]),
        room: room.clone(),
        sender: sender.clone(),
        nickname: Nickname::new(sender.name()).unwrap(),
        content: Content::Text { body: text.to_owned(), subject: None },
        native: None,
        sender_id: Some(format!("own id {number}")),
        accepted_at: at(i64::from(number)),
    }
}

pub(crate) async fn make(store: &dyn Store, name: &str, owner: &Address) -> Address {
    let (room, configuration) = (room(name), RoomConfiguration::default());
    let (owner, created_at) = (owner.clone(), at(0));
    let change = RoomChange::Create { room: room.clone(), configuration, owner, created_at };
    done(store, Change::Room(change)).await;
    room
}

pub(crate) fn accept(message: &RoomMessage, keep: Option<usize>) -> Change {
    Change::Room(RoomChange::Accept { message: Arc::new(message.clone()), keep })
}

async fn texts(store: &dyn Store, query: RoomQuery) -> Vec<String> {
    let page = store.room_messages(query).await.unwrap();
    let text = |message: &Arc<RoomMessage>| match &message.content {
        Content::Text { body, .. } => body.clone(),
        other => format!("{other:?}"),
    };
    page.messages.iter().map(text).collect()
}

pub(crate) async fn a_room_reads_back_with_everything_about_it(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let canteen = make(&*store, "canteen", &anna).await;
    make(&*store, "boiler", &bert).await;
    let configuration = RoomConfiguration {
        title: "Canteen".to_owned(),
        password: Some("sesame".to_owned()),
        members_only: true,
        ..RoomConfiguration::default()
    };
    let subject = RoomSubject { text: "Lunch".to_owned(), by: Nickname::new("Anna").unwrap(), at: at(3) };
    for change in [
        RoomChange::Configure { room: canteen.clone(), configuration: configuration.clone() },
        RoomChange::SetSubject { room: canteen.clone(), subject: Some(subject.clone()) },
        RoomChange::SetAffiliation {
            room: canteen.clone(),
            person: bert.clone(),
            affiliation: Affiliation::Outcast,
        },
        RoomChange::SetAffiliation {
            room: canteen.clone(),
            person: address("carl"),
            affiliation: Affiliation::Member,
        },
        RoomChange::SetAffiliation {
            room: canteen.clone(),
            person: address("carl"),
            affiliation: Affiliation::None,
        },
    ] {
        done(&*store, Change::Room(change)).await;
    }
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let mut expected = Room::new(canteen.clone(), anna.clone(), at(0));
    expected.affiliations.insert(bert.clone(), Affiliation::Outcast);
    (expected.configuration, expected.subject) = (configuration.clone(), Some(subject));
    let boiler = Room::new(room("boiler"), bert.clone(), at(0));
    assert_eq!(store.rooms().await, Ok(vec![boiler, expected]));

    let again = RoomChange::Create { room: canteen, configuration, owner: anna, created_at: at(1) };
    assert!(matches!(one(&*store, Change::Room(again)).await, Err(StoreError::Exists { .. })));
    let nowhere = RoomChange::SetSubject { room: room("nowhere"), subject: None };
    is_missing(&*store, Change::Room(nowhere)).await;
    done(&*store, Change::RemoveAccount { address: bert }).await;
    let rooms = store.rooms().await.unwrap();
    assert!(rooms[0].affiliations.is_empty() && rooms[1].affiliations.len() == 1);
}

pub(crate) async fn what_is_said_in_a_room_is_kept_in_order_and_once(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let (canteen, boiler) = (make(&*store, "canteen", &anna).await, make(&*store, "boiler", &anna).await);
    let bytes = Arc::from(&b"<message></message>"[..]);
    let whole = RoomMessage {
        native: Some(Native { protocol: Protocol::Xmpp, bytes }),
        content: Content::Text { body: String::new(), subject: Some("Lunch".to_owned()) },
        ..said(1, &canteen, &anna, "")
    };
    assert_eq!(one(&*store, accept(&whole, None)).await, Ok(Outcome::Accepted));
    for message in [
        said(2, &canteen, &bert, "two"),
        said(3, &boiler, &anna, "elsewhere"),
        said(4, &canteen, &anna, "four"),
        said(5, &canteen, &bert, "five"),
    ] {
        assert_eq!(one(&*store, accept(&message, None)).await, Ok(Outcome::Accepted));
    }
    let repeated =
        RoomMessage { sender_id: Some("own id 2".to_owned()), ..said(6, &canteen, &bert, "again") };
    assert_eq!(one(&*store, accept(&repeated, None)).await, Ok(Outcome::Repeated));
    is_missing(&*store, accept(&said(7, &room("nowhere"), &anna, "x"), None)).await;
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let all = || RoomQuery::of(canteen.clone(), 10);
    assert_eq!(*store.room_messages(all()).await.unwrap().messages[0], whole);
    assert_eq!(texts(&*store, all()).await, ["", "two", "four", "five"]);
    let end = store.room_messages(RoomQuery { from_end: true, limit: 2, ..all() }).await.unwrap();
    assert_eq!((end.messages.len(), end.complete), (2, false));
    let id = |number| said(number, &canteen, &anna, "").id;
    let after = RoomQuery { after: Some(id(2)), ..all() };
    assert_eq!(texts(&*store, after).await, ["four", "five"]);
    let before = RoomQuery { before: Some(id(5)), from_end: true, limit: 1, ..all() };
    assert_eq!(texts(&*store, before).await, ["four"]);
    assert_eq!(texts(&*store, RoomQuery { sender: Some(bert.clone()), ..all() }).await, ["two", "five"]);
    assert_eq!(
        texts(&*store, RoomQuery { start: Some(at(2)), end: Some(at(4)), ..all() }).await,
        ["two", "four"]
    );
    assert_eq!(texts(&*store, RoomQuery { ids: vec![id(4), id(2)], ..all() }).await, ["two", "four"]);
    let foreign = RoomQuery { after: Some(id(3)), ..all() };
    assert!(matches!(store.room_messages(foreign).await, Err(StoreError::Missing { .. })));
}

pub(crate) async fn a_room_that_goes_takes_what_was_said_along(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    let (canteen, boiler) = (make(&*store, "canteen", &anna).await, make(&*store, "boiler", &anna).await);
    for number in 1..=3 {
        done_accept(&*store, &said(number, &canteen, &anna, "gone"), None).await;
    }
    done_accept(&*store, &said(4, &boiler, &anna, "stays"), None).await;
    let remove = || Change::Room(RoomChange::Remove { room: canteen.clone() });
    done(&*store, remove()).await;
    done(&*store, remove()).await;
    assert_eq!(store.rooms().await.unwrap().len(), 1);
    make(&*store, "canteen", &anna).await;
    assert_eq!(texts(&*store, RoomQuery::of(canteen.clone(), 10)).await, [""; 0]);
    assert_eq!(texts(&*store, RoomQuery::of(boiler, 10)).await, ["stays"]);
    // Whose id it was may be used anew only where nothing of it is left.
    done_accept(&*store, &said(1, &canteen, &anna, "anew"), None).await;
}

pub(crate) async fn a_room_keeps_as_much_as_it_may_and_forgets_what_is_old(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    let (canteen, boiler) = (make(&*store, "canteen", &anna).await, make(&*store, "boiler", &anna).await);
    done_accept(&*store, &said(1, &boiler, &anna, "old"), None).await;
    for number in 2..=6 {
        done_accept(&*store, &said(number, &canteen, &anna, &number.to_string()), Some(3)).await;
    }
    assert_eq!(texts(&*store, RoomQuery::of(canteen.clone(), 10)).await, ["4", "5", "6"]);
    done(&*store, Change::ForgetArchive { before: at(6) }).await;
    store.settled().await.unwrap();
    assert_eq!(texts(&*store, RoomQuery::of(boiler, 10)).await, [""; 0]);
    assert_eq!(texts(&*store, RoomQuery::of(canteen, 10)).await, ["6"]);
}

pub(crate) async fn done_accept(store: &dyn Store, message: &RoomMessage, keep: Option<usize>) {
    assert_eq!(one(store, accept(message, keep)).await, Ok(Outcome::Accepted));
}
