use std::sync::Arc;

use domain::{Address, Content, Message, Protocol, Sender, room::RoomMessage};
use store::{ArchiveQuery, Change, Found, Keep, SearchQuery, Store, StoreError};

use super::{Engine, at, done, is_missing, message, one, people, rooms};

fn says(number: u32, sender: &Address, recipient: &Address, text: &str) -> Message {
    Message {
        content: Content::Text { body: text.to_owned(), subject: None },
        ..message(number, sender, recipient)
    }
}

async fn take(store: &dyn Store, message: &Message, keep: Keep) {
    let change = Change::AcceptMessage {
        message: Arc::new(message.clone()),
        keep,
        deliveries: Vec::new(),
        limit: 100,
    };
    one(store, change).await.unwrap();
}

fn query(owner: &Address, text: &str) -> SearchQuery {
    SearchQuery {
        owner: owner.clone(),
        text: text.to_owned(),
        with: None,
        rooms: Vec::new(),
        own: true,
        before: None,
        limit: 10,
    }
}

async fn found(store: &dyn Store, query: SearchQuery) -> Vec<String> {
    let page = store.search(query).await.unwrap();
    let text = |found: &Found| match found {
        Found::Message(message) => words(&message.content),
        Found::InRoom(message) => words(&message.content),
    };
    page.found.iter().map(text).collect()
}

fn words(content: &Content) -> String {
    match content {
        Content::Text { body, .. } => body.clone(),
        other => format!("{other:?}"),
    }
}

pub(crate) async fn words_are_found_where_their_reader_may_look_and_nowhere_else(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert, carl] = people(&*store, ["anna", "bert", "carl"]).await;
    let canteen = rooms::make(&*store, "canteen", &anna).await;
    take(&*store, &says(1, &anna, &bert, "The pump in Köln is broken"), Keep::BOTH).await;
    take(&*store, &says(2, &bert, &anna, "Which PUMP?"), Keep::BOTH).await;
    take(&*store, &says(3, &carl, &bert, "A secret pump"), Keep::BOTH).await;
    take(&*store, &says(4, &anna, &bert, "an unkept pump"), Keep::NOBODY).await;
    take(&*store, &says(5, &anna, &carl, "to carl: pump"), Keep { sender: true, recipient: false }).await;
    rooms::done_accept(&*store, &rooms::said(6, &canteen, &carl, "a pump in the canteen"), None).await;
    // The same is found before anything is indexed, and after.
    for _ in 0..2 {
        let store = engine.store();
        let anna_finds = found(&*store, query(&anna, "pump")).await;
        assert_eq!(anna_finds, ["to carl: pump", "Which PUMP?", "The pump in Köln is broken"]);
        assert_eq!(found(&*store, query(&carl, "pump")).await, ["A secret pump"]);
        assert_eq!(found(&*store, query(&anna, "koln pump")).await, ["The pump in Köln is broken"]);
        assert_eq!(found(&*store, query(&anna, "brok")).await, ["The pump in Köln is broken"]);
        assert_eq!(found(&*store, query(&anna, "brok ")).await, [""; 0]);
        assert_eq!(found(&*store, query(&anna, "\"pump in\"")).await, ["The pump in Köln is broken"]);
        assert_eq!(found(&*store, query(&anna, "\"in pump\"")).await, [""; 0]);
        assert_eq!(found(&*store, query(&anna, "\" OR * said:")).await, [""; 0]);
        let with = SearchQuery { with: Some(carl.clone()), ..query(&anna, "pump") };
        assert_eq!(found(&*store, with).await, ["to carl: pump"]);
        let there = SearchQuery { rooms: vec![canteen.clone()], ..query(&carl, "pump") };
        assert_eq!(found(&*store, there.clone()).await, ["a pump in the canteen", "A secret pump"]);
        assert_eq!(found(&*store, SearchQuery { own: false, ..there }).await, ["a pump in the canteen"]);
        drop(store);
        engine.close();
        engine.open();
    }
}

pub(crate) async fn what_is_found_comes_page_by_page_newest_first(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    for number in 1..=5 {
        take(&*store, &says(number, &anna, &bert, &format!("pump {number}")), Keep::BOTH).await;
    }
    let first = store.search(SearchQuery { limit: 2, ..query(&anna, "pump") }).await.unwrap();
    assert_eq!((first.found.len(), first.complete), (2, false));
    let before = first.found.last().map(Found::id);
    let second = SearchQuery { limit: 3, before, ..query(&anna, "pump") };
    let page = store.search(second.clone()).await.unwrap();
    assert!(page.complete);
    assert_eq!(found(&*store, second).await, ["pump 3", "pump 2", "pump 1"]);
}

pub(crate) async fn words_go_with_what_said_them(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let canteen = rooms::make(&*store, "canteen", &anna).await;
    let old = says(1, &anna, &bert, "pump of old");
    take(&*store, &old, Keep::BOTH).await;
    done(&*store, Change::Acknowledge { recipient: bert.clone(), messages: vec![old.id] }).await;
    take(&*store, &says(9, &anna, &bert, "pump of today"), Keep::BOTH).await;
    let gone: RoomMessage = rooms::said(3, &canteen, &anna, "pump in the canteen");
    rooms::done_accept(&*store, &gone, None).await;
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    done(&*store, Change::ForgetArchive { before: at(5) }).await;
    let there = SearchQuery { rooms: vec![canteen], ..query(&anna, "pump") };
    assert_eq!(found(&*store, there).await, ["pump of today"]);
    done(&*store, Change::RemoveAccount { address: anna.clone() }).await;
    people(&*store, ["anna"]).await;
    assert_eq!(
        found(&*store, query(&anna, "pump")).await,
        [""; 0],
        "who has the address anew has nothing of it"
    );
    assert_eq!(found(&*store, query(&bert, "pump")).await, ["pump of today"]);
}

pub(crate) async fn senders_that_are_no_accounts_have_conversations_too(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let heating = Sender::Unverified {
        name: "HEIZUNG 2".to_owned(),
        source: [192, 0, 2, 7].into(),
        protocol: Protocol::Windows,
    };
    let from = |number, sender: &Sender, text: &str| Message {
        sender: sender.clone(),
        ..says(number, &bert, &anna, text)
    };
    let kept = Keep { sender: false, recipient: true };
    take(&*store, &from(1, &heating, "too hot"), kept).await;
    take(&*store, &says(2, &bert, &anna, "indeed"), Keep::BOTH).await;
    take(&*store, &from(3, &Sender::Service, "a report"), kept).await;
    take(&*store, &from(4, &heating, "cold again"), kept).await;
    let (heating, service) =
        (heating.correspondent("x.internal"), Sender::Service.correspondent("x.internal"));
    // The same is known before anything is filed, from the log of a process before this one, and after filing.
    for _ in 0..3 {
        let store = engine.store();
        let list = store.conversations(&anna, 10).await.unwrap();
        let said: Vec<_> =
            list.iter().map(|one| (Some(one.with.clone()), words(&one.last.content), one.unread)).collect();
        let row = |with: &Option<Address>, last: &str, unread| (with.clone(), last.to_owned(), unread);
        let bert = Some(bert.clone());
        assert_eq!(
            said,
            [row(&heating, "cold again", 2), row(&service, "a report", 1), row(&bert, "indeed", 1)]
        );
        let with = ArchiveQuery { with: heating.clone(), ..ArchiveQuery::of(anna.clone(), 10) };
        let page = store.archive(with).await.unwrap();
        let of_heating: Vec<_> = page.messages.iter().map(|message| words(&message.content)).collect();
        assert_eq!((of_heating, page.count), (vec!["too hot".to_owned(), "cold again".to_owned()], Some(2)));
        let search = SearchQuery { with: heating.clone(), ..query(&anna, "cold") };
        assert_eq!(found(&*store, search).await, ["cold again"]);
        drop(store);
        engine.close();
        engine.open();
    }
}

pub(crate) async fn conversations_say_what_is_new_in_them(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert, carl] = people(&*store, ["anna", "bert", "carl"]).await;
    take(&*store, &says(1, &bert, &anna, "one"), Keep::BOTH).await;
    take(&*store, &says(2, &anna, &bert, "two"), Keep::BOTH).await;
    take(&*store, &says(3, &bert, &anna, "three"), Keep::BOTH).await;
    take(&*store, &says(4, &carl, &anna, "four"), Keep::BOTH).await;
    take(&*store, &says(5, &carl, &anna, "five"), Keep::BOTH).await;
    let seen =
        Message { content: Content::Receipt { of: "x".to_owned(), seen: true }, ..message(6, &anna, &bert) };
    let said = |list: &[store::Conversation]| -> Vec<(String, String, usize)> {
        let row =
            |one: &store::Conversation| (one.with.name().to_owned(), words(&one.last.content), one.unread);
        list.iter().map(row).collect()
    };
    let row = |name: &str, last: &str, unread| (name.to_owned(), last.to_owned(), unread);
    let list = store.conversations(&anna, 10).await.unwrap();
    assert_eq!(said(&list), [row("carl", "five", 2), row("bert", "three", 1)]);
    assert!(list.iter().all(|one| !one.changed), "words alone change nothing");
    let read = list.iter().map(|one| one.read_at).collect::<Vec<_>>();
    assert_eq!(read, [None, Some(says(2, &anna, &bert, "two").accepted_at)]);
    take(&*store, &seen, Keep::BOTH).await;
    let taken_back = Message { content: Content::Other, ..message(7, &carl, &anna) };
    take(&*store, &taken_back, Keep::BOTH).await;
    let mark = |number| {
        let message = says(number, &carl, &anna, "").id;
        Change::MarkRead { owner: anna.clone(), conversation: carl.clone(), message }
    };
    done(&*store, mark(4)).await;
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let list = store.conversations(&anna, 10).await.unwrap();
    assert_eq!(said(&list), [row("carl", "five", 1), row("bert", "three", 0)]);
    assert_eq!(list.iter().map(|one| one.changed).collect::<Vec<_>>(), [true, false]);
    let read = list.iter().map(|one| one.read_at).collect::<Vec<_>>();
    assert_eq!(read, [Some(says(4, &carl, &anna, "four").accepted_at), Some(seen.accepted_at)]);
    done(&*store, mark(5)).await;
    done(&*store, mark(4)).await;
    let marks = store.read_marks(&anna).await.unwrap();
    assert_eq!(marks, [(carl.clone(), says(5, &carl, &anna, "").id)], "a mark never goes back");
    assert_eq!(said(&store.conversations(&anna, 1).await.unwrap()), [row("carl", "five", 0)]);
    is_missing(&*store, mark(77)).await;
    let foreign = Change::MarkRead { owner: carl, conversation: bert, message: seen.id };
    assert!(matches!(one(&*store, foreign).await, Err(StoreError::Missing { .. })));
}
