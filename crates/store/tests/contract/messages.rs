use std::sync::Arc;

use domain::{Address, Content, Message, MessageId, MessageKind, Native, Protocol, Sender};
use store::{Change, Keep, Outcome, StoreError};

use super::{Engine, accept, address, done, is_missing, message, one, pending, people};

fn acknowledge(recipient: &Address, messages: &[&Message]) -> Change {
    let messages = messages.iter().map(|message| message.id).collect();
    Change::Acknowledge { recipient: recipient.clone(), messages }
}

pub(crate) async fn every_kind_of_message_reads_back_as_it_was_taken(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let plain = |number| message(number, &anna, &bert);
    let unverified = Sender::Unverified {
        name: "WS7".to_owned(),
        source: "fd00::7".parse().unwrap(),
        protocol: Protocol::Windows,
    };
    let text = Content::Text { body: "Grüße\0, \"日本\"\n".to_owned(), subject: Some(String::new()) };
    let bytes: Arc<[u8]> = (0..=255).collect();
    let messages = [
        Message { content: text, ..plain(1) },
        Message { sender: Sender::Service, kind: MessageKind::Normal, sender_id: None, ..plain(2) },
        Message { sender: unverified, sender_id: None, ..plain(3) },
        Message { content: Content::Receipt { of: "x".to_owned(), seen: true }, ..plain(4) },
        Message {
            native: Some(Native { protocol: Protocol::Xmpp, bytes }),
            content: Content::Other,
            ..plain(5)
        },
        Message { native: Some(Native { protocol: Protocol::Api, bytes: Arc::new([]) }), ..plain(6) },
        Message { kind: MessageKind::Headline, content: Content::Fleeting, ..plain(7) },
    ];
    for message in &messages {
        assert_eq!(one(&*store, accept(message)).await, Ok(Outcome::Accepted));
    }
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    assert_eq!(pending(&*store, &bert).await, messages);
    let ids = [messages[6].id, MessageId::from_bytes([9; 16]), messages[0].id];
    let found = store.messages(&ids).await.unwrap();
    assert_eq!(found, [Arc::new(messages[6].clone()), Arc::new(messages[0].clone())]);
}

pub(crate) async fn a_sender_id_is_known_until_it_is_forgotten(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let sent = message(1, &anna, &bert);
    let again = |number| Message { id: message(number, &anna, &bert).id, ..sent.clone() };
    one(&*store, accept(&sent)).await.unwrap();
    done(&*store, Change::ForgetRepeats { before: sent.accepted_at }).await;
    assert_eq!(one(&*store, accept(&again(2))).await, Ok(Outcome::Repeated), "it was taken then, not before");
    let before = sent.accepted_at.checked_add(jiff::SignedDuration::from_secs(1)).unwrap();
    done(&*store, Change::ForgetRepeats { before }).await;
    assert_eq!(one(&*store, accept(&again(3))).await, Ok(Outcome::Accepted));
}

pub(crate) async fn pending_messages_come_page_by_page_in_the_order_they_were_taken(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    // Ids and times run backwards here: neither says what the order is.
    for number in (1..=7).rev() {
        one(&*store, accept(&message(number, &anna, &bert))).await.unwrap();
        one(&*store, accept(&message(100 + number, &bert, &anna))).await.unwrap();
    }
    let (mut after, mut pages) = (0, Vec::new());
    loop {
        let page = store.pending(&bert, after, 3).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        assert!(page.iter().all(|(sequence, _)| *sequence > after));
        after = *last;
        pages.push(page.into_iter().map(|(_, message)| (*message).clone()).collect::<Vec<_>>());
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    let expected: Vec<Message> = (1..=7).rev().map(|number| message(number, &anna, &bert)).collect();
    assert_eq!(pages.concat(), expected);
    assert_eq!(store.pending(&bert, 0, 0).await, Ok(vec![]));
}

pub(crate) async fn an_acknowledged_message_is_gone_unless_it_is_kept(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let [fleeting, kept, later] = [1, 2, 3].map(|number| message(number, &anna, &bert));
    let keep = Change::AcceptMessage {
        message: Arc::new(kept.clone()),
        keep: Keep::BOTH,
        deliveries: Vec::new(),
        limit: 10,
    };
    store.commit(vec![accept(&fleeting), keep, accept(&later)]).await.unwrap();
    for _ in 0..2 {
        done(&*store, acknowledge(&bert, &[&fleeting, &kept, &message(50, &anna, &bert)])).await;
        assert_eq!(pending(&*store, &bert).await, std::slice::from_ref(&later));
        let left = store.messages(&[fleeting.id, kept.id, later.id]).await.unwrap();
        assert_eq!(left, [Arc::new(kept.clone()), Arc::new(later.clone())]);
    }
}

pub(crate) async fn only_the_recipient_acknowledges(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let message = message(1, &anna, &bert);
    one(&*store, accept(&message)).await.unwrap();
    done(&*store, acknowledge(&anna, &[&message])).await;
    assert_eq!(pending(&*store, &bert).await, [message]);
}

pub(crate) async fn a_repeat_is_known_by_the_senders_id_even_after_the_message_is_gone(
    engine: &mut dyn Engine,
) {
    let store = engine.store();
    let [anna, bert, carl] = people(&*store, ["anna", "bert", "carl"]).await;
    let first = message(1, &anna, &bert);
    one(&*store, accept(&first)).await.unwrap();
    let repeat = Message { id: message(2, &anna, &bert).id, ..first.clone() };
    assert_eq!(one(&*store, accept(&repeat)).await, Ok(Outcome::Repeated));
    assert_eq!(pending(&*store, &bert).await, std::slice::from_ref(&first));
    done(&*store, acknowledge(&bert, &[&first])).await;
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    assert_eq!(one(&*store, accept(&repeat)).await, Ok(Outcome::Repeated));
    assert_eq!(pending(&*store, &bert).await, []);

    let of_carl = Message { sender: Sender::Account { address: carl }, ..repeat.clone() };
    assert_eq!(one(&*store, accept(&of_carl)).await, Ok(Outcome::Accepted), "another sender's id is its own");
    let same_words =
        Message { sender_id: Some("other".to_owned()), id: message(3, &anna, &bert).id, ..first };
    assert_eq!(
        one(&*store, accept(&same_words)).await,
        Ok(Outcome::Accepted),
        "the same words are no repeat"
    );
}

pub(crate) async fn one_id_for_two_people_or_for_two_things_said_repeats_nothing(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert, carl] = people(&*store, ["anna", "bert", "carl"]).await;
    let first = message(1, &anna, &bert);
    let with = |number, recipient: &Address, content| Message {
        sender_id: first.sender_id.clone(),
        content,
        ..message(number, &anna, recipient)
    };
    let text = |body: &str, subject: Option<&str>| Content::Text {
        body: body.to_owned(),
        subject: subject.map(str::to_owned),
    };
    let receipt = |seen| Content::Receipt { of: "1".to_owned(), seen };
    let others = [
        with(2, &carl, first.content.clone()),
        with(3, &bert, text("other words", None)),
        with(4, &bert, text("other words", Some("and a subject"))),
        with(5, &bert, receipt(false)),
        with(6, &bert, receipt(true)),
        with(7, &bert, Content::Other),
    ];
    one(&*store, accept(&first)).await.unwrap();
    for other in &others {
        assert_eq!(one(&*store, accept(other)).await, Ok(Outcome::Accepted), "{:?}", other.content);
    }
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    for (number, said) in (10..).zip(std::iter::once(&first).chain(&others)) {
        let repeat = Message { id: message(number, &anna, &bert).id, ..said.clone() };
        assert_eq!(one(&*store, accept(&repeat)).await, Ok(Outcome::Repeated), "{:?}", said.content);
    }
}

pub(crate) async fn who_did_not_sign_in_repeats_nothing(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    for number in 1..=2 {
        let own = Some("the same".to_owned());
        let of_service = Message { sender: Sender::Service, sender_id: own, ..message(number, &anna, &bert) };
        assert_eq!(one(&*store, accept(&of_service)).await, Ok(Outcome::Accepted));
        let without = Message { sender_id: None, ..message(10 + number, &anna, &bert) };
        assert_eq!(one(&*store, accept(&without)).await, Ok(Outcome::Accepted));
    }
    assert_eq!(pending(&*store, &bert).await.len(), 4);
}

pub(crate) async fn a_full_box_takes_no_more_and_what_it_refused_may_come_again(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let [first, second] = [1, 2].map(|number| message(number, &anna, &bert));
    let accept = |message: &Message, limit| Change::AcceptMessage {
        message: Arc::new(message.clone()),
        keep: Keep::NOBODY,
        deliveries: Vec::new(),
        limit,
    };
    assert_eq!(one(&*store, accept(&first, 0)).await, Ok(Outcome::Full));
    assert_eq!(one(&*store, accept(&first, 1)).await, Ok(Outcome::Accepted));
    assert_eq!(one(&*store, accept(&second, 1)).await, Ok(Outcome::Full));
    assert_eq!(one(&*store, accept(&first, 1)).await, Ok(Outcome::Repeated), "taken is taken, full or not");
    assert_eq!(pending(&*store, &bert).await, std::slice::from_ref(&first));
    done(&*store, acknowledge(&bert, &[&first])).await;
    assert_eq!(one(&*store, accept(&second, 1)).await, Ok(Outcome::Accepted));
}

pub(crate) async fn nobody_gets_a_message_who_is_not_there(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    let lost = message(1, &anna, &address("carl"));
    is_missing(&*store, accept(&lost)).await;
    people(&*store, ["carl"]).await;
    assert_eq!(one(&*store, accept(&lost)).await, Ok(Outcome::Accepted), "what was refused is not a repeat");
}

pub(crate) async fn an_id_belongs_to_one_message(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let first = message(1, &anna, &bert);
    one(&*store, accept(&first)).await.unwrap();
    let other = Message { sender_id: None, kind: MessageKind::Normal, ..first.clone() };
    assert!(matches!(one(&*store, accept(&other)).await, Err(StoreError::Exists { .. })));
    assert_eq!(pending(&*store, &bert).await, [first]);
}

pub(crate) async fn places_are_not_given_twice(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let first = message(1, &anna, &bert);
    one(&*store, accept(&first)).await.unwrap();
    let (place, _) = store.pending(&bert, 0, 1).await.unwrap().remove(0);
    assert!(place >= 1);
    done(&*store, acknowledge(&bert, &[&first])).await;
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    one(&*store, accept(&message(2, &anna, &bert))).await.unwrap();
    assert_eq!(store.pending(&bert, place, 1).await.unwrap().len(), 1, "whoever read up to {place} sees it");
}
