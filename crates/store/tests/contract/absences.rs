use std::sync::Arc;

use domain::{Absence, Address, Answer, Message, MessageId, Sender};
use store::{AbsenceRecord, Change, Outcome, Store};

use super::{Engine, accept, address, at, done, is_missing, message, one, people};

fn absence(since: i64) -> Absence {
    Absence { text: "on leave".to_owned(), since: at(since), until: Some(at(since + 1_000)) }
}

fn set(owner: &Address, absence: Option<Absence>) -> Change {
    Change::SetAbsence { owner: owner.clone(), absence }
}

fn answer(from: &Address, to: &Address) -> Answer {
    let to = Sender::Account { address: to.clone() };
    Answer {
        id: MessageId::new(at(7), [9; 10]),
        from: from.clone(),
        to,
        text: "on leave".to_owned(),
        at: at(7),
    }
}

fn owe(from: &Address, to: &Address, since: i64, cause: &Message) -> Change {
    let (correspondent, since, answer) = (to.to_string(), at(since), answer(from, to));
    Change::OweAnswer { correspondent, since, cause: cause.id, answer }
}

async fn only(store: &Arc<dyn Store>) -> AbsenceRecord {
    let mut records = store.absences().await.unwrap();
    assert_eq!(records.len(), 1, "{records:?}");
    records.remove(0)
}

pub(crate) async fn an_absence_reads_back_with_whom_it_was_told_until_it_ends(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    done(&*store, set(&anna, Some(absence(5)))).await;
    let cause = message(1, &bert, &anna);
    let outcomes = store.commit(vec![accept(&cause), owe(&anna, &bert, 5, &cause)]).await;
    assert_eq!(outcomes, Ok(vec![Outcome::Accepted, Outcome::Accepted]));
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let expected = AbsenceRecord {
        owner: anna.clone(),
        absence: absence(5),
        told: vec![bert.to_string()],
        owed: vec![(bert.to_string(), answer(&anna, &bert))],
    };
    assert_eq!(only(&store).await, expected);

    let given = Change::AnswerGiven { owner: anna.clone(), correspondent: bert.to_string() };
    done(&*store, given.clone()).await;
    assert_eq!(only(&store).await, AbsenceRecord { owed: Vec::new(), ..expected.clone() });
    // Once more of the same absence it is nothing new, and of another one it is.
    let again = message(2, &bert, &anna);
    let outcomes = store.commit(vec![accept(&again), owe(&anna, &bert, 5, &again)]).await;
    assert_eq!(outcomes, Ok(vec![Outcome::Accepted, Outcome::Repeated]));
    done(&*store, set(&anna, Some(absence(6)))).await;
    assert_eq!(only(&store).await.told, Vec::<String>::new());
    assert_eq!(one(&*store, owe(&anna, &bert, 6, &again)).await, Ok(Outcome::Accepted));

    done(&*store, set(&anna, None)).await;
    assert_eq!(store.absences().await, Ok(vec![]));
    done(&*store, given).await;
    is_missing(&*store, set(&address("nobody"), Some(absence(5)))).await;
}

pub(crate) async fn nothing_is_owed_for_a_message_that_was_not_taken_or_an_absence_that_is_over(
    engine: &mut dyn Engine,
) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let before = message(1, &bert, &anna);
    done_accepted(&store, &before).await;
    done(&*store, set(&anna, Some(absence(5)))).await;
    // The same message comes again, under another id of the service's.
    let repeated = Message { id: message(2, &bert, &anna).id, ..before.clone() };
    let outcomes = store.commit(vec![accept(&repeated), owe(&anna, &bert, 5, &repeated)]).await;
    assert_eq!(outcomes, Ok(vec![Outcome::Repeated, Outcome::Repeated]));
    let full = message(3, &bert, &anna);
    let no_room = match accept(&full) {
        Change::AcceptMessage { message, keep, deliveries, .. } => {
            Change::AcceptMessage { message, keep, deliveries, limit: 1 }
        }
        other => other,
    };
    let outcomes = store.commit(vec![no_room, owe(&anna, &bert, 5, &full)]).await;
    assert_eq!(outcomes, Ok(vec![Outcome::Full, Outcome::Repeated]));
    assert_eq!(one(&*store, owe(&anna, &bert, 4, &before)).await, Ok(Outcome::Repeated));
    assert_eq!(one(&*store, owe(&bert, &anna, 5, &before)).await, Ok(Outcome::Repeated));
    assert_eq!(only(&store).await.told, Vec::<String>::new());
}

pub(crate) async fn an_absence_goes_with_its_account(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    done(&*store, set(&anna, Some(absence(5)))).await;
    let cause = message(1, &bert, &anna);
    store.commit(vec![accept(&cause), owe(&anna, &bert, 5, &cause)]).await.unwrap();
    done(&*store, Change::RemoveAccount { address: anna }).await;
    assert_eq!(store.absences().await, Ok(vec![]));
}

pub(crate) async fn a_message_keeps_the_mark_that_a_program_sent_it(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let automatic = Message { automatic: true, ..message(1, &bert, &anna) };
    done_accepted(&store, &automatic).await;
    drop(store);
    engine.close();
    engine.open();
    assert_eq!(super::pending(&*engine.store(), &anna).await, [automatic]);
}

async fn done_accepted(store: &Arc<dyn Store>, message: &Message) {
    assert_eq!(one(&**store, accept(message)).await, Ok(Outcome::Accepted));
}
