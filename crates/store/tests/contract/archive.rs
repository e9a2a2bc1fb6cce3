use std::sync::Arc;

use domain::{Address, Message, MessageId, Sender};
use store::{ArchivePage, ArchiveQuery, Change, Keep, Outcome, Store, StoreError};

use super::{Engine, address, at, done, message, one, pending, people};

const NONE: [u32; 0] = [];

fn kept(message: &Message, keep: Keep) -> Change {
    Change::AcceptMessage { message: Arc::new(message.clone()), keep, deliveries: Vec::new(), limit: 1_000 }
}

fn acknowledged(messages: &[&Message]) -> Change {
    let recipient = messages[0].recipient.clone();
    Change::Acknowledge { recipient, messages: messages.iter().map(|message| message.id).collect() }
}

fn all_of(owner: &Address) -> ArchiveQuery {
    ArchiveQuery::of(owner.clone(), 1_000)
}

async fn page(store: &dyn Store, query: ArchiveQuery) -> ArchivePage {
    store.archive(query).await.unwrap()
}

fn numbers(page: &ArchivePage) -> Vec<u32> {
    let number = |message: &Arc<Message>| {
        let own = message.sender_id.as_deref().unwrap();
        own.strip_prefix("own id ").unwrap().parse().unwrap()
    };
    page.messages.iter().map(number).collect()
}

async fn found(store: &dyn Store, query: ArchiveQuery) -> Vec<u32> {
    numbers(&page(store, query).await)
}

/// Anna and Bert talk from 1 to 8, in turns; Carl says 11 to Anna between 4 and 5, and 12 at the end.
async fn conversation(store: &dyn Store) -> [Address; 3] {
    let [anna, bert, carl] = people(store, ["anna", "bert", "carl"]).await;
    for number in [1, 2, 3, 4, 11, 5, 6, 7, 8, 12] {
        let said = match number {
            11 | 12 => message(number, &carl, &anna),
            _ if number % 2 == 1 => message(number, &anna, &bert),
            _ => message(number, &bert, &anna),
        };
        assert_eq!(one(store, kept(&said, Keep::BOTH)).await, Ok(Outcome::Accepted));
    }
    [anna, bert, carl]
}

fn id(number: u32) -> MessageId {
    message(number, &address("anna"), &address("bert")).id
}

pub(crate) async fn what_both_keep_is_in_both_archives_in_the_order_it_was_taken(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert, carl] = conversation(&*store).await;
    for _ in 0..2 {
        let store = engine.store();
        let whole = page(&*store, all_of(&anna)).await;
        assert_eq!(numbers(&whole), [1, 2, 3, 4, 11, 5, 6, 7, 8, 12]);
        assert!(whole.complete);
        assert!(whole.count.is_none_or(|count| count == 10));
        assert_eq!(*whole.messages[0], message(1, &anna, &bert));
        assert_eq!(found(&*store, all_of(&bert)).await, (1..=8).collect::<Vec<_>>());
        assert_eq!(found(&*store, all_of(&carl)).await, [11, 12]);
        assert_eq!(found(&*store, all_of(&address("nobody"))).await, NONE);
        drop(store);
        engine.close();
        engine.open();
    }
}

pub(crate) async fn a_page_is_the_beginning_or_the_end_of_what_matches(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert, _] = conversation(&*store).await;
    let three = ArchiveQuery { limit: 3, ..all_of(&anna) };
    let cases = [
        (three.clone(), &[1, 2, 3][..], false),
        (ArchiveQuery { after: vec![id(4)], ..three.clone() }, &[11, 5, 6], false),
        (ArchiveQuery { after: vec![id(6)], ..three.clone() }, &[7, 8, 12], true),
        (ArchiveQuery { after: vec![id(12)], ..three.clone() }, &[], true),
        (ArchiveQuery { from_end: true, ..three.clone() }, &[7, 8, 12], false),
        (ArchiveQuery { from_end: true, before: vec![id(5)], ..three.clone() }, &[3, 4, 11], false),
        (ArchiveQuery { from_end: true, before: vec![id(4)], ..three.clone() }, &[1, 2, 3], true),
        (ArchiveQuery { after: vec![id(2)], before: vec![id(11)], ..three.clone() }, &[3, 4], true),
        (ArchiveQuery { after: vec![id(2), id(11)], ..three.clone() }, &[5, 6, 7], false),
        (
            ArchiveQuery { after: vec![id(11), id(2)], before: vec![id(8), id(6)], ..three.clone() },
            &[5],
            true,
        ),
        (ArchiveQuery { before: vec![id(2), id(8)], from_end: true, ..three.clone() }, &[1], true),
        (ArchiveQuery { limit: 0, ..three.clone() }, &[], false),
        (ArchiveQuery { with: Some(bert), after: vec![id(11)], ..three }, &[5, 6, 7], false),
    ];
    for (query, expected, complete) in cases {
        let found = page(&*store, query.clone()).await;
        assert_eq!((numbers(&found).as_slice(), found.complete), (expected, complete), "{query:?}");
    }
}

pub(crate) async fn an_archive_is_searched_by_person_time_and_id(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert, carl] = conversation(&*store).await;
    let cases = [
        (ArchiveQuery { with: Some(carl.clone()), ..all_of(&anna) }, &[11, 12][..]),
        (ArchiveQuery { with: Some(address("nobody")), ..all_of(&anna) }, &[]),
        (ArchiveQuery { with: Some(anna.clone()), ..all_of(&anna) }, &[]),
        (ArchiveQuery { start: Some(at(7)), ..all_of(&anna) }, &[11, 7, 8, 12]),
        (ArchiveQuery { end: Some(at(3)), ..all_of(&anna) }, &[1, 2, 3]),
        (ArchiveQuery { start: Some(at(3)), end: Some(at(5)), ..all_of(&anna) }, &[3, 4, 5]),
        (ArchiveQuery { with: Some(bert), start: Some(at(7)), ..all_of(&anna) }, &[7, 8]),
        (ArchiveQuery { ids: vec![id(12), id(2), id(2)], ..all_of(&anna) }, &[2, 12]),
        (ArchiveQuery { ids: vec![id(12), id(2)], with: Some(carl), ..all_of(&anna) }, &[12]),
    ];
    for (query, expected) in cases {
        let found = page(&*store, query.clone()).await;
        assert_eq!((numbers(&found).as_slice(), found.complete), (expected, true), "{query:?}");
        assert!(found.count.is_none_or(|count| count == expected.len() as u64), "{query:?}");
    }
}

pub(crate) async fn an_id_of_another_archive_is_not_found(engine: &mut dyn Engine) {
    let store = engine.store();
    let [_, bert, _] = conversation(&*store).await;
    for number in [11, 99] {
        let foreign = id(number);
        for query in [
            ArchiveQuery { after: vec![foreign], ..all_of(&bert) },
            ArchiveQuery { before: vec![foreign], ..all_of(&bert) },
            ArchiveQuery { ids: vec![id(1), foreign], ..all_of(&bert) },
        ] {
            let refused = store.archive(query.clone()).await;
            assert!(matches!(refused, Err(StoreError::Missing { .. })), "{query:?}: {refused:?}");
        }
    }
}

pub(crate) async fn who_does_not_keep_a_message_does_not_have_it(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let said = [1, 2, 3].map(|number| message(number, &anna, &bert));
    let keeps =
        [Keep { sender: true, recipient: false }, Keep { sender: false, recipient: true }, Keep::NOBODY];
    for (message, keep) in said.iter().zip(keeps) {
        one(&*store, kept(message, keep)).await.unwrap();
    }
    assert_eq!(pending(&*store, &bert).await, said, "whether it is kept changes nothing about its delivery");
    done(&*store, acknowledged(&[&said[0], &said[1], &said[2]])).await;
    for _ in 0..2 {
        let store = engine.store();
        assert_eq!(pending(&*store, &bert).await, []);
        assert_eq!(found(&*store, all_of(&anna)).await, [1]);
        assert_eq!(found(&*store, all_of(&bert)).await, [2]);
        for (owner, has) in [(&anna, id(1)), (&bert, id(2))] {
            assert_eq!(store.archived(owner, &[id(3), id(2), id(1), id(9)]).await, Ok(vec![has]));
        }
        let left = store.messages(&[id(1), id(2), id(3)]).await.unwrap();
        assert_eq!(left.iter().map(|message| message.id).collect::<Vec<_>>(), [id(1), id(2)]);
        drop(store);
        engine.close();
        engine.open();
    }
}

pub(crate) async fn a_message_to_oneself_is_there_once(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    one(&*store, kept(&message(1, &anna, &anna), Keep::BOTH)).await.unwrap();
    one(&*store, kept(&message(2, &anna, &anna), Keep { sender: false, recipient: true })).await.unwrap();
    assert_eq!(found(&*store, all_of(&anna)).await, [1, 2]);
    let with_herself = ArchiveQuery { with: Some(anna.clone()), ..all_of(&anna) };
    assert_eq!(found(&*store, with_herself).await, [1, 2]);
}

pub(crate) async fn what_nobody_proved_to_have_sent_is_in_the_recipients_archive(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let of_service = Message { sender: Sender::Service, ..message(1, &anna, &bert) };
    one(&*store, kept(&of_service, Keep::BOTH)).await.unwrap();
    assert_eq!(found(&*store, all_of(&bert)).await, [1]);
    assert_eq!(found(&*store, all_of(&anna)).await, NONE);
    let with = ArchiveQuery { with: Some(anna), ..all_of(&bert) };
    assert_eq!(found(&*store, with).await, NONE);
}

pub(crate) async fn what_is_repeated_or_refused_is_in_no_archive_again(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let first = message(1, &anna, &bert);
    one(&*store, kept(&first, Keep::BOTH)).await.unwrap();
    let repeat = Message { id: id(2), ..first };
    assert_eq!(one(&*store, kept(&repeat, Keep::BOTH)).await, Ok(Outcome::Repeated));
    let message = Arc::new(message(3, &anna, &bert));
    let too_many = Change::AcceptMessage { message, keep: Keep::BOTH, deliveries: Vec::new(), limit: 1 };
    assert_eq!(one(&*store, too_many).await, Ok(Outcome::Full));
    assert_eq!(found(&*store, all_of(&anna)).await, [1]);
    assert_eq!(found(&*store, all_of(&bert)).await, [1]);
}

pub(crate) async fn the_ends_of_an_archive_are_known(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert, carl] = conversation(&*store).await;
    assert_eq!(store.archive_bounds(&anna).await, Ok(Some(((id(1), at(1)), (id(12), at(12))))));
    assert_eq!(store.archive_bounds(&bert).await, Ok(Some(((id(1), at(1)), (id(8), at(8))))));
    done(&*store, Change::RemoveAccount { address: carl.clone() }).await;
    assert_eq!(store.archive_bounds(&carl).await, Ok(None));
}

pub(crate) async fn an_archive_is_forgotten_up_to_a_time_but_for_what_is_pending(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert, carl] = conversation(&*store).await;
    let to_bert = [1, 5, 7].map(|number| message(number, &anna, &bert));
    done(&*store, acknowledged(&to_bert.each_ref())).await;
    done(&*store, acknowledged(&[2, 4, 6].map(|number| message(number, &bert, &anna)).each_ref())).await;
    done(&*store, Change::ForgetArchive { before: at(7) }).await;
    for _ in 0..2 {
        let store = engine.store();
        assert_eq!(found(&*store, all_of(&anna)).await, [3, 11, 7, 8, 12], "3 is pending");
        assert_eq!(found(&*store, all_of(&bert)).await, [3, 7, 8]);
        assert_eq!(found(&*store, all_of(&carl)).await, [11, 12]);
        assert_eq!(pending(&*store, &bert).await, [message(3, &anna, &bert)]);
        assert_eq!(store.messages(&[id(1), id(2), id(5)]).await, Ok(vec![]));
        let gone = store.archive(ArchiveQuery { after: vec![id(2)], ..all_of(&anna) }).await;
        assert!(matches!(gone, Err(StoreError::Missing { .. })));
        drop(store);
        engine.close();
        engine.open();
    }
    let store = engine.store();
    done(&*store, acknowledged(&[&message(3, &anna, &bert)])).await;
    done(&*store, Change::ForgetArchive { before: at(7) }).await;
    assert_eq!(found(&*store, all_of(&bert)).await, [7, 8]);
}

pub(crate) async fn whoever_is_removed_takes_the_own_archive_along_and_no_other(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert, _] = conversation(&*store).await;
    let only_hers = message(20, &anna, &bert);
    one(&*store, kept(&only_hers, Keep { sender: true, recipient: false })).await.unwrap();
    done(&*store, acknowledged(&[&only_hers])).await;
    done(&*store, Change::RemoveAccount { address: anna.clone() }).await;
    assert_eq!(found(&*store, all_of(&anna)).await, NONE);
    people(&*store, ["anna"]).await;
    let again = message(30, &anna, &bert);
    one(&*store, kept(&again, Keep::BOTH)).await.unwrap();
    for _ in 0..2 {
        let store = engine.store();
        assert_eq!(
            found(&*store, all_of(&anna)).await,
            [30],
            "the next of that name finds nothing of the last"
        );
        assert_eq!(store.archive_bounds(&anna).await, Ok(Some(((id(30), at(30)), (id(30), at(30))))));
        assert_eq!(found(&*store, all_of(&bert)).await, [1, 2, 3, 4, 5, 6, 7, 8, 30]);
        let with = ArchiveQuery { with: Some(anna.clone()), ..all_of(&bert) };
        assert_eq!(found(&*store, with).await, [1, 2, 3, 4, 5, 6, 7, 8, 30]);
        drop(store);
        engine.close();
        engine.open();
    }
    let left = engine.store().messages(&[only_hers.id]).await;
    assert_eq!(left, Ok(vec![]), "what was in no other archive is gone");
}
