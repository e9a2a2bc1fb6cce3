use std::sync::Arc;

use domain::{Address, AlertId, MessageId};
use store::{Change, Deliverable, Keep, Outcome, Store, StreamId, StreamRecord};
use uuid::Uuid;

use super::{Engine, address, at, done, is_missing, message, one, pending, people};

fn id(number: u128) -> StreamId {
    StreamId(Uuid::from_u128(number))
}

fn record(number: u128, address: &Address) -> StreamRecord {
    StreamRecord {
        id: id(number),
        address: address.clone(),
        resource: "Büro/1".to_owned(),
        received: 3,
        presence: None,
        touched_at: at(0),
    }
}

fn saying(text: &str) -> domain::Presence {
    let native = Some(b"<status>x</status>".to_vec().into());
    domain::Presence { text: Some(text.to_owned()), priority: -3, native, ..domain::Presence::default() }
}

async fn received(store: &dyn Store, number: u128) -> u32 {
    store.stream(id(number)).await.unwrap().unwrap().received
}

pub(crate) async fn a_stream_reads_back_and_is_replaced_whole(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let present = StreamRecord { presence: Some(saying("here")), ..record(1, &anna) };
    done(&*store, Change::OpenStream(present.clone())).await;
    done(&*store, Change::OpenStream(record(2, &anna))).await;
    let delivery = (1, Deliverable::Message(MessageId::from_bytes([1; 16])));
    done(&*store, Change::StreamDelivers { stream: id(1), deliveries: vec![delivery] }).await;
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    assert_eq!(store.stream(id(1)).await, Ok(Some(present.clone())));
    assert_eq!(store.stream(id(2)).await, Ok(Some(record(2, &anna))));
    assert_eq!(store.stream(id(3)).await, Ok(None));

    done(&*store, Change::StreamPresence { stream: id(1), presence: None }).await;
    done(&*store, Change::StreamPresence { stream: id(2), presence: Some(saying("away")) }).await;
    assert_eq!(store.stream(id(1)).await.unwrap().unwrap().presence, None);
    assert_eq!(store.stream(id(2)).await.unwrap().unwrap().presence, Some(saying("away")));
    let ids: Vec<StreamId> = store.streams().await.unwrap().into_iter().map(|stream| stream.id).collect();
    assert_eq!(ids, [id(1), id(2)]);

    let replacing = StreamRecord { resource: "phone".to_owned(), ..record(1, &bert) };
    done(&*store, Change::OpenStream(replacing.clone())).await;
    assert_eq!(store.stream(id(1)).await, Ok(Some(replacing)));
    assert_eq!(store.stream_deliveries(id(1)).await, Ok(vec![]), "a stream begins with nothing delivered");
}

pub(crate) async fn what_was_taken_only_goes_forward_also_around_the_end_of_the_numbers(
    engine: &mut dyn Engine,
) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    let near_the_end = StreamRecord { received: u32::MAX - 1, ..record(1, &anna) };
    done(&*store, Change::OpenStream(near_the_end)).await;
    for (said, now) in [
        (u32::MAX - 2, u32::MAX - 1),
        (u32::MAX, u32::MAX),
        (1, 1),
        (u32::MAX, 1),
        (0, 1),
        (7, 7),
        (7, 7),
        (6, 7),
    ] {
        done(&*store, Change::StreamReceived { stream: id(1), received: said }).await;
        assert_eq!(received(&*store, 1).await, now, "after {said}");
    }
}

pub(crate) async fn a_repeated_message_still_counts_what_was_taken(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    done(&*store, Change::OpenStream(record(1, &anna))).await;
    done(&*store, Change::OpenStream(record(2, &bert))).await;
    let message = Arc::new(message(1, &anna, &bert));
    let list = |position, taken, limit| {
        let message = Arc::clone(&message);
        let deliveries = vec![(id(2), position)];
        vec![
            Change::AcceptMessage { message, keep: Keep::NOBODY, deliveries, limit },
            Change::StreamReceived { stream: id(1), received: taken },
        ]
    };
    assert_eq!(store.commit(list(1, 4, 0)).await, Ok(vec![Outcome::Full, Outcome::Done]));
    assert_eq!(received(&*store, 1).await, 4);
    assert_eq!(store.commit(list(2, 5, 9)).await, Ok(vec![Outcome::Accepted, Outcome::Done]));
    assert_eq!(store.commit(list(3, 6, 9)).await, Ok(vec![Outcome::Repeated, Outcome::Done]));
    assert_eq!(received(&*store, 1).await, 6);
    let given = vec![(2, Deliverable::Message(message.id))];
    assert_eq!(store.stream_deliveries(id(2)).await, Ok(given), "only what was taken is delivered");
}

pub(crate) async fn deliveries_are_kept_until_the_client_has_them(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    for number in [1, 2] {
        done(&*store, Change::OpenStream(record(number, &bert))).await;
    }
    let message = message(1, &anna, &bert);
    let accept = Change::AcceptMessage {
        message: Arc::new(message.clone()),
        keep: Keep::NOBODY,
        deliveries: vec![(id(1), 5), (id(2), 1)],
        limit: 10,
    };
    one(&*store, accept).await.unwrap();
    let alert = Deliverable::Alert(AlertId::from_bytes([3; 16]));
    let again = Deliverable::Message(message.id);
    let deliveries = vec![(7, again), (4_000_000_000, alert), (6, alert)];
    done(&*store, Change::StreamDelivers { stream: id(1), deliveries }).await;
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let expected = vec![(5, again), (6, alert), (7, again), (4_000_000_000, alert)];
    assert_eq!(store.stream_deliveries(id(1)).await, Ok(expected));

    done(&*store, Change::StreamAcknowledged { stream: id(1), positions: vec![5, 6, 99] }).await;
    let expected = vec![(7, again), (4_000_000_000, alert)];
    assert_eq!(store.stream_deliveries(id(1)).await, Ok(expected));
    assert_eq!(store.stream_deliveries(id(2)).await, Ok(vec![(1, again)]), "each stream has its own");
    assert_eq!(pending(&*store, &bert).await, [message], "what one stream has is acknowledged by itself");
}

pub(crate) async fn a_closed_stream_leaves_its_messages_pending(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    done(&*store, Change::OpenStream(record(1, &bert))).await;
    let message = message(1, &anna, &bert);
    let accept = Change::AcceptMessage {
        message: Arc::new(message.clone()),
        keep: Keep::NOBODY,
        deliveries: vec![(id(1), 1)],
        limit: 10,
    };
    one(&*store, accept).await.unwrap();
    for _ in 0..2 {
        done(&*store, Change::CloseStream { stream: id(1) }).await;
    }
    assert_eq!(store.stream(id(1)).await, Ok(None));
    assert_eq!(store.stream_deliveries(id(1)).await, Ok(vec![]));
    assert_eq!(pending(&*store, &bert).await, [message]);
}

pub(crate) async fn an_unknown_stream_is_no_mistake_but_an_unknown_person_is(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let stream = id(9);
    let item = Deliverable::Message(MessageId::from_bytes([1; 16]));
    for change in [
        Change::StreamReceived { stream, received: 1 },
        Change::StreamPresence { stream, presence: None },
        Change::StreamDelivers { stream, deliveries: vec![(1, item)] },
        Change::StreamAcknowledged { stream, positions: vec![1] },
        Change::CloseStream { stream },
    ] {
        done(&*store, change).await;
    }
    let accept = Change::AcceptMessage {
        message: Arc::new(message(1, &anna, &bert)),
        keep: Keep::NOBODY,
        deliveries: vec![(stream, 1)],
        limit: 10,
    };
    assert_eq!(one(&*store, accept).await, Ok(Outcome::Accepted));
    assert_eq!(store.stream_deliveries(stream).await, Ok(vec![]));
    is_missing(&*store, Change::OpenStream(record(1, &address("nobody")))).await;
}
