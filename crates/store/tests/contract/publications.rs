use std::sync::Arc;

use domain::{
    Alert, AlertDraft, AlertId, AlertPhase, AlertProgress, AlertState, Publication, PublicationDetails,
    Recipient, Severity, TopicName,
};
use store::{AlertChange, Change, Outcome, PublicationQuery, Store, StoreError};

use super::{Engine, address, at, done, is_missing, one};

fn topic(name: &str) -> TopicName {
    name.parse().unwrap()
}

fn create(number: u8) -> Change {
    let alert = Alert {
        id: AlertId::from_bytes([number; 16]),
        draft: AlertDraft {
            severity: Severity::Minor,
            must_confirm: false,
            ..AlertDraft::new(address("admin"), "everyone".parse().unwrap(), "Disk full")
        },
        effective_at: at(i64::from(number)),
        state: AlertState::Sent,
        progress: AlertProgress::default(),
        signature: String::new(),
    };
    Change::CreateAlert { alert: Arc::new(alert), recipients: vec![Recipient::Account(address("anna"))] }
}

fn publication(number: u8, topic_name: &str, key: Option<&str>) -> Publication {
    Publication {
        sequence: 0,
        topic: topic(topic_name),
        alert: AlertId::from_bytes([number; 16]),
        published_at: at(i64::from(number)),
        scheduled: false,
        key: key.map(str::to_owned),
        details: PublicationDetails {
            title: Some("Disk \"full\"".to_owned()),
            message: format!("host {number}"),
            severity: Severity::Minor,
            tags: vec!["disk".to_owned()],
            link: Some("https://x.internal".to_owned()),
            links: vec![],
            attachments: vec![],
            drill: false,
            verified: true,
        },
    }
}

async fn publish(store: &dyn Store, new: &Publication) -> Result<Publication, StoreError> {
    let number = new.alert.as_bytes()[0];
    match store.commit(vec![create(number), Change::Publish(new.clone())]).await?.pop() {
        Some(Outcome::Published { sequence }) => Ok(Publication { sequence, ..new.clone() }),
        other => panic!("{other:?}"),
    }
}

async fn all(store: &dyn Store, names: &[&str]) -> Vec<Publication> {
    let query = PublicationQuery::all(names.iter().map(|name| topic(name)).collect(), 100);
    store.publications(query).await.unwrap()
}

pub(crate) async fn what_was_published_comes_in_its_order_and_by_its_topic(engine: &mut dyn Engine) {
    let store = engine.store();
    let mut published = Vec::new();
    for (number, name) in [(1, "plant"), (2, "disk"), (3, "plant"), (4, "Plant")] {
        published.push(publish(&*store, &publication(number, name, None)).await.unwrap());
    }
    assert!(published.is_sorted_by_key(|publication| publication.sequence));
    assert!(published[0].sequence >= 1);
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let [first, second, third, fourth] = published.try_into().unwrap();
    assert_eq!(all(&*store, &["plant"]).await, [first.clone(), third.clone()]);
    assert_eq!(all(&*store, &["plant", "disk"]).await, [first.clone(), second.clone(), third.clone()]);
    assert_eq!(all(&*store, &["Plant", "nothing"]).await, [fourth]);
    assert_eq!(all(&*store, &[]).await, []);
    assert_eq!(store.publication_of(second.alert).await, Ok(Some(second.clone())));
    assert_eq!(store.publication_of(AlertId::from_bytes([9; 16])).await, Ok(None));

    let query = |limit| PublicationQuery::all(vec![topic("plant"), topic("disk")], limit);
    let found = |query| async { store.publications(query).await.unwrap() };
    assert_eq!(found(query(1)).await, std::slice::from_ref(&first));
    let newest_first = PublicationQuery { newest_first: true, ..query(2) };
    assert_eq!(found(newest_first.clone()).await, [third.clone(), second.clone()]);
    let before = PublicationQuery { before: third.sequence, ..newest_first };
    assert_eq!(found(before).await, [second.clone(), first.clone()]);
    assert_eq!(
        found(PublicationQuery { after: first.sequence, ..query(9) }).await,
        [second.clone(), third.clone()]
    );
    assert_eq!(found(PublicationQuery { since: Some(at(2)), ..query(9) }).await, [second, third]);
}

pub(crate) async fn what_is_scheduled_gets_its_place_when_its_alert_takes_effect(engine: &mut dyn Engine) {
    let store = engine.store();
    let plan = |number: u8, due: i64| {
        let Change::CreateAlert { alert, recipients } = create(number) else { panic!("an alert") };
        let alert = Alert { state: AlertState::Planned, effective_at: at(due), ..(*alert).clone() };
        let scheduled =
            Publication { scheduled: true, published_at: at(due), ..publication(number, "plant", Some("k")) };
        let scheduled = Publication { key: Some(number.to_string()), ..scheduled };
        (
            alert.clone(),
            vec![Change::CreateAlert { alert: Arc::new(alert), recipients }, Change::Publish(scheduled)],
        )
    };
    let mut planned = Vec::new();
    for (number, due) in [(1, 90), (2, 60), (3, 70)] {
        let (alert, changes) = plan(number, due);
        store.commit(changes).await.unwrap();
        planned.push(alert);
    }
    publish(&*store, &publication(4, "plant", None)).await.unwrap();
    let numbers =
        |found: Vec<Publication>| found.iter().map(|one| one.alert.as_bytes()[0]).collect::<Vec<_>>();
    let query = PublicationQuery { scheduled: true, ..PublicationQuery::all(vec![topic("plant")], 9) };
    assert_eq!(numbers(all(&*store, &["plant"]).await), [4]);
    assert_eq!(numbers(store.publications(query.clone()).await.unwrap()), [2, 3, 1], "by their time");
    done(&*store, Change::ForgetPublications { before: at(50) }).await;

    let off = Change::CancelAlert { alert: planned[2].id, at: at(55), by: address("admin") };
    assert_eq!(one(&*store, off).await, Ok(Outcome::AlertEnded(true)));
    let begin = Alert { state: AlertState::Sent, ..planned[1].clone() };
    let begin = AlertChange::Replace { alert: Arc::new(begin), from: AlertPhase::Planned };
    assert_eq!(one(&*store, Change::Alert(begin)).await, Ok(Outcome::AlertChanged(true)));
    let told = all(&*store, &["plant"]).await;
    assert_eq!(numbers(told.clone()), [4, 2], "it comes behind what readers have");
    assert_eq!((told[1].scheduled, told[1].published_at), (false, at(60)));
    assert_eq!(store.publication_by_key(&topic("plant"), "2").await, Ok(Some(told[1].clone())));
    assert_eq!(numbers(store.publications(query).await.unwrap()), [1], "what was called off will not come");
}

pub(crate) async fn a_key_stands_for_one_publication_of_its_topic_until_it_is_given_back(
    engine: &mut dyn Engine,
) {
    let store = engine.store();
    let first = publish(&*store, &publication(1, "plant", Some("a"))).await.unwrap();
    assert_eq!(store.publication_by_key(&topic("plant"), "a").await, Ok(Some(first.clone())));
    let again = publish(&*store, &publication(2, "plant", Some("a"))).await;
    assert!(matches!(again, Err(StoreError::Exists { .. })), "{again:?}");
    publish(&*store, &publication(3, "disk", Some("a"))).await.unwrap();
    publish(&*store, &publication(4, "plant", Some("A"))).await.unwrap();

    let release = Change::ReleaseKey { topic: topic("plant"), key: "a".to_owned() };
    done(&*store, release.clone()).await;
    done(&*store, release).await;
    assert_eq!(store.publication_by_key(&topic("plant"), "a").await, Ok(None));
    let second = publish(&*store, &publication(5, "plant", Some("a"))).await.unwrap();
    assert_eq!(store.publication_by_key(&topic("plant"), "a").await, Ok(Some(second)));
    assert_eq!(all(&*store, &["plant"]).await[0], Publication { key: None, ..first });
}

pub(crate) async fn what_is_refused_leaves_neither_publication_nor_alert(engine: &mut dyn Engine) {
    let store = engine.store();
    publish(&*store, &publication(1, "plant", Some("a"))).await.unwrap();
    assert!(publish(&*store, &publication(2, "plant", Some("a"))).await.is_err());
    assert_eq!(store.alert(AlertId::from_bytes([2; 16])).await, Ok(None));
    is_missing(&*store, Change::Publish(publication(3, "plant", None))).await;
    assert_eq!(all(&*store, &["plant"]).await.len(), 1);
}

pub(crate) async fn old_publications_are_forgotten_but_for_those_that_still_matter(engine: &mut dyn Engine) {
    let store = engine.store();
    for (number, key) in [(1, None), (2, Some("a")), (3, None), (4, None)] {
        publish(&*store, &publication(number, "plant", key)).await.unwrap();
    }
    for number in [1, 2, 4] {
        let alert = AlertId::from_bytes([number; 16]);
        let ended = one(&*store, Change::ExpireAlert { alert, at: at(50) }).await;
        assert_eq!(ended, Ok(Outcome::AlertEnded(true)));
    }
    done(&*store, Change::ForgetPublications { before: at(4) }).await;
    let left: Vec<u8> =
        all(&*store, &["plant"]).await.iter().map(|publication| publication.alert.as_bytes()[0]).collect();
    assert_eq!(left, [2, 3, 4], "one has a key, one is in force, one is not old");
}
