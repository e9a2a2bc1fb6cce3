//! What goes to correspondents who have no account here.

use std::sync::Arc;

use domain::{Address, Message};
use store::{ArchiveQuery, Change, Outcome, Store};

use super::{Engine, acknowledge, done, message, one, pending, people};

fn computer(name: &str) -> Address {
    Address::new(name, "windows.x.internal").unwrap()
}

fn answer(message: &Message, kept: bool) -> Change {
    Change::AcceptAnswer { message: Arc::new(message.clone()), kept, limit: 3 }
}

async fn under_way(store: &dyn Store) -> Vec<Message> {
    let found = store.answers_under_way(100).await.unwrap();
    found.into_iter().map(|message| (*message).clone()).collect()
}

pub(crate) async fn an_answer_is_under_way_until_it_is_acknowledged_and_stays_in_the_senders_archive(
    engine: &mut dyn Engine,
) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    let pc = computer("pc7");
    let [kept, fleeting] = [1, 2].map(|number| message(number, &anna, &pc));
    assert_eq!(one(&*store, answer(&kept, true)).await, Ok(Outcome::Accepted));
    assert_eq!(one(&*store, answer(&fleeting, false)).await, Ok(Outcome::Accepted));
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    assert_eq!(under_way(&*store).await, [kept.clone(), fleeting.clone()]);
    assert_eq!(pending(&*store, &anna).await, []);

    done(&*store, acknowledge(&computer("pc7"), &[&kept, &fleeting])).await;
    assert_eq!(under_way(&*store).await, []);
    let query = ArchiveQuery { with: Some(pc), ..ArchiveQuery::of(anna.clone(), 10) };
    assert_eq!(store.archive(query).await.unwrap().messages, [Arc::new(kept.clone())]);
    assert_eq!(store.messages(&[fleeting.id]).await, Ok(vec![]));
    drop(store);
    engine.close();
    engine.open();
    assert_eq!(under_way(&*engine.store()).await, []);
}

pub(crate) async fn answers_repeat_only_to_the_same_correspondent_and_no_more_are_taken_than_may_be_under_way(
    engine: &mut dyn Engine,
) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    let first = message(1, &anna, &computer("pc7"));
    let elsewhere = Message { id: message(2, &anna, &anna).id, recipient: computer("pc8"), ..first.clone() };
    let again = Message { id: message(3, &anna, &anna).id, ..first.clone() };
    assert_eq!(one(&*store, answer(&first, true)).await, Ok(Outcome::Accepted));
    assert_eq!(one(&*store, answer(&elsewhere, true)).await, Ok(Outcome::Accepted));
    assert_eq!(one(&*store, answer(&again, true)).await, Ok(Outcome::Repeated));
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    assert_eq!(one(&*store, answer(&again, true)).await, Ok(Outcome::Repeated));
    let [third, fourth] = [4, 5].map(|number| message(number, &anna, &computer("pc7")));
    assert_eq!(one(&*store, answer(&third, true)).await, Ok(Outcome::Accepted));
    assert_eq!(one(&*store, answer(&fourth, true)).await, Ok(Outcome::Full));
    assert_eq!(under_way(&*store).await, [first, elsewhere, third]);
}
