use std::{
    collections::HashSet,
    sync::{Arc, mpsc},
};

use domain::MessageId;
use store::{Change, Keep, Outcome, Store, StoreError};
use tokio::{sync::oneshot, task::JoinSet};

use super::{Engine, accept, address, audit, done, message, new_account, one, people};

/// How many lists wait for the writer of an engine under test.
pub(crate) const QUEUE_MAX: usize = 64;

fn setting(key: &str, value: &str) -> Change {
    Change::SetSetting { key: key.to_owned(), value: value.to_owned() }
}

pub(crate) async fn a_list_is_applied_whole_or_not_at_all(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let changes = vec![
        setting("a", "1"),
        Change::CreateAccount(new_account("carl")),
        accept(&message(1, &anna, &bert)),
        Change::Audit(audit::entry(1)),
        Change::SetDisabled { address: address("nobody"), disabled: true },
        setting("b", "2"),
    ];
    let refused = store.commit(changes.clone()).await;
    assert_eq!(refused, Err(StoreError::Missing { what: "the account nobody@x.internal".to_owned() }));
    assert_eq!(store.setting("a").await, Ok(None));
    assert_eq!(store.account(&address("carl")).await, Ok(None));
    assert_eq!(store.pending(&bert, 0, 10).await, Ok(vec![]));
    assert_eq!(store.audit(0, 10).await, Ok(vec![]));

    people(&*store, ["nobody"]).await;
    let outcomes = store.commit(changes).await.unwrap();
    assert!(matches!(outcomes[1], Outcome::Account(_)) && outcomes[2] == Outcome::Accepted);
    assert_eq!(outcomes.len(), 6);
    assert_eq!(store.setting("b").await, Ok(Some("2".to_owned())));
}

pub(crate) async fn a_list_that_fails_does_not_touch_its_neighbours(engine: &mut dyn Engine) {
    let store = engine.store();
    let mut told = Vec::new();
    for number in 0..30 {
        let mut changes = vec![setting(&format!("key {number}"), "set")];
        if number % 3 == 1 {
            changes.push(Change::RemoveAccount { address: address("nobody") });
        }
        let (sender, receiver) = oneshot::channel();
        let permit = store.reserve().await.unwrap();
        store.submit(permit, changes, Box::new(move |result| sender.send(result).unwrap()));
        told.push(receiver);
    }
    for (number, receiver) in told.into_iter().enumerate() {
        let fails = number % 3 == 1;
        assert_eq!(receiver.await.unwrap().is_err(), fails, "list {number}");
        let value = store.setting(&format!("key {number}")).await.unwrap();
        assert_eq!(value.is_none(), fails, "list {number}");
    }
}

pub(crate) async fn those_who_submit_hear_in_the_order_they_submitted(engine: &mut dyn Engine) {
    let store = engine.store();
    let (sender, told) = mpsc::channel();
    for number in 0..200 {
        let sender = sender.clone();
        let permit = store.reserve().await.unwrap();
        let changes = vec![setting("last", &number.to_string())];
        store.submit(permit, changes, Box::new(move |_| sender.send(number).unwrap()));
    }
    store.settled().await.unwrap();
    assert_eq!(told.try_iter().collect::<Vec<_>>(), (0..200).collect::<Vec<_>>());
    assert_eq!(store.setting("last").await, Ok(Some("199".to_owned())));
}

pub(crate) async fn settled_waits_for_everything_before_it(engine: &mut dyn Engine) {
    let store = engine.store();
    let permit = store.reserve().await.unwrap();
    let (sender, told) = mpsc::channel();
    store.submit(permit, vec![setting("a", "1")], Box::new(move |result| sender.send(result).unwrap()));
    store.settled().await.unwrap();
    assert_eq!(told.try_recv(), Ok(Ok(vec![Outcome::Done])));
    assert_eq!(store.commit(Vec::new()).await, Ok(vec![]));
}

pub(crate) async fn what_was_told_is_seen_at_once(engine: &mut dyn Engine) {
    let store = engine.store();
    for number in 0..50 {
        let value = number.to_string();
        done(&*store, setting("counter", &value)).await;
        let seen = seen_by_all_readers(&*store).await;
        assert!(seen.iter().all(|seen| seen.as_deref() == Some(&*value)), "{seen:?} after {value}");
    }
}

/// Several reads at once, so that every reader of the engine is asked.
async fn seen_by_all_readers(store: &dyn Store) -> [Option<String>; 4] {
    let read = || async { store.setting("counter").await.unwrap() };
    let (one, two, three, four) = tokio::join!(read(), read(), read(), read());
    [one, two, three, four]
}

pub(crate) async fn messages_of_many_tasks_are_all_there_once(engine: &mut dyn Engine) {
    const TASKS: u32 = 8;
    const EACH: u32 = 125;
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let (store, anna, bert) = (Arc::clone(&store), anna.clone(), bert.clone());
        tasks.spawn(async move {
            let mut told = Vec::new();
            for number in task * EACH..(task + 1) * EACH {
                let mut message = message(number, &anna, &bert);
                message.id = MessageId::from_bytes(u128::from(number).to_be_bytes());
                let message = Arc::new(message);
                let (sender, receiver) = oneshot::channel();
                let permit = store.reserve().await.unwrap();
                let limit = (TASKS * EACH) as usize;
                let accept =
                    Change::AcceptMessage { message, keep: Keep::NOBODY, deliveries: Vec::new(), limit };
                store.submit(permit, vec![accept], Box::new(move |result| sender.send(result).unwrap()));
                told.push(receiver);
            }
            for receiver in told {
                assert_eq!(receiver.await.unwrap(), Ok(vec![Outcome::Accepted]));
            }
        });
    }
    while let Some(joined) = tasks.join_next().await {
        joined.unwrap();
    }
    drop(store);
    engine.close();
    engine.open();
    let found = engine.store().pending(&bert, 0, usize::MAX).await.unwrap();
    let ids: HashSet<MessageId> = found.iter().map(|(_, message)| message.id).collect();
    assert_eq!((found.len(), ids.len()), (1_000, 1_000));
    for task in 0..TASKS {
        let of_task = found.iter().map(|(_, message)| u128::from_be_bytes(*message.id.as_bytes()));
        let of_task = of_task.filter(|number| number / u128::from(EACH) == u128::from(task));
        assert!(
            of_task.is_sorted(),
            "the messages of task {task} are in the order in which it submitted them"
        );
    }
}

pub(crate) async fn a_full_queue_makes_the_next_one_wait(engine: &mut dyn Engine) {
    let store = engine.store();
    let mut permits = Vec::new();
    for _ in 0..QUEUE_MAX {
        permits.push(store.reserve().await.unwrap());
    }
    let (release, held) = mpsc::channel::<()>();
    store.submit(permits.pop().unwrap(), Vec::new(), Box::new(move |_| held.recv().unwrap()));
    let mut waiting = Box::pin(store.reserve());
    assert!(is_waiting(&mut waiting).await, "what is submitted has its place until it is told");
    drop(permits.pop());
    let permit = waiting.await.unwrap();
    let mut waiting = Box::pin(store.reserve());
    assert!(is_waiting(&mut waiting).await);
    release.send(()).unwrap();
    waiting.await.unwrap();
    drop(permit);
}

async fn is_waiting<T>(future: &mut (impl Future<Output = T> + Unpin)) -> bool {
    tokio::select! {
        biased;
        _ = future => false,
        () = std::future::ready(()) => true,
    }
}

pub(crate) async fn a_closed_store_says_so(engine: &mut dyn Engine) {
    let store = engine.store();
    done(&*store, setting("a", "1")).await;
    let permit = store.reserve().await.unwrap();
    engine.close();
    assert!(matches!(store.reserve().await, Err(StoreError::Closed)));
    assert_eq!(store.commit(vec![setting("a", "2")]).await, Err(StoreError::Closed));
    assert_eq!(store.setting("a").await, Err(StoreError::Closed));
    let (sender, told) = mpsc::channel();
    store.submit(permit, vec![setting("a", "3")], Box::new(move |result| sender.send(result).unwrap()));
    assert_eq!(told.try_recv(), Ok(Err(StoreError::Closed)));
    engine.open();
    assert_eq!(engine.store().setting("a").await, Ok(Some("1".to_owned())));
}

pub(crate) async fn what_was_told_survives_without_closing(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let message = message(1, &anna, &bert);
    assert_eq!(one(&*store, accept(&message)).await, Ok(Outcome::Accepted));
    drop(store);
    engine.open();
    assert_eq!(super::pending(&*engine.store(), &bert).await, [message]);
}

pub(crate) async fn settings_are_remembered(engine: &mut dyn Engine) {
    let store = engine.store();
    assert_eq!(store.setting("key").await, Ok(None));
    done(&*store, setting("key", "one")).await;
    done(&*store, setting("key", "zwei")).await;
    done(&*store, setting("Key", "other")).await;
    drop(store);
    engine.close();
    engine.open();
    assert_eq!(engine.store().setting("key").await, Ok(Some("zwei".to_owned())));
}
