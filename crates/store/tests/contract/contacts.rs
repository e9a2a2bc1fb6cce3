use domain::{Address, Contact, SubscriptionAction};
use store::{Change, Outcome, Store};

use super::{Engine, address, is_missing, one, people};

fn put(owner: &Address, address: &Address, name: &str, labels: &[&str], limit: usize) -> Change {
    Change::PutContact {
        owner: owner.clone(),
        address: address.clone(),
        name: Some(name.to_owned()),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        limit,
    }
}

async fn act(store: &dyn Store, actor: &Address, other: &Address, action: SubscriptionAction) -> Outcome {
    let change = Change::Subscription { actor: actor.clone(), other: other.clone(), action, blocked: false };
    one(store, change).await.unwrap()
}

async fn become_friends(store: &dyn Store, one: &Address, other: &Address) {
    for (actor, other) in [(one, other), (other, one)] {
        act(store, actor, other, SubscriptionAction::Subscribe).await;
        act(store, other, actor, SubscriptionAction::Subscribed).await;
    }
}

pub(crate) async fn a_contact_reads_back_sorted_and_is_replaced_whole(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let expected = Contact {
        name: Some("Bertie".to_owned()),
        labels: vec!["a".to_owned(), "b".to_owned()],
        listed: true,
        ..Contact::new(bert.clone())
    };
    let outcome = one(&*store, put(&anna, &bert, "Bertie", &["b", "a", "b"], 10)).await;
    assert_eq!(outcome, Ok(Outcome::Contact(expected.clone())));
    assert_eq!(store.contact(&anna, &bert).await, Ok(Some(expected)));
    assert_eq!(store.contact(&bert, &anna).await, Ok(None), "a list is its owner's alone");

    let unnamed = Change::PutContact {
        owner: anna.clone(),
        address: bert.clone(),
        name: None,
        labels: Vec::new(),
        limit: 10,
    };
    one(&*store, unnamed).await.unwrap();
    one(&*store, put(&anna, &address("abel"), "A", &[], 10)).await.unwrap();
    drop(store);
    engine.close();
    engine.open();
    let plain = Contact { listed: true, ..Contact::new(bert) };
    let abel = Contact { listed: true, name: Some("A".to_owned()), ..Contact::new(address("abel")) };
    assert_eq!(engine.store().contacts(&anna).await, Ok(vec![abel, plain]));
}

pub(crate) async fn a_list_has_a_limit_that_changing_an_entry_does_not_meet(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    act(&*store, &bert, &anna, SubscriptionAction::Subscribe).await;
    one(&*store, put(&anna, &address("carl"), "C", &[], 1)).await.unwrap();
    assert_eq!(one(&*store, put(&anna, &bert, "B", &[], 1)).await, Ok(Outcome::Full));
    assert!(!store.contact(&anna, &bert).await.unwrap().unwrap().listed);
    let renamed = one(&*store, put(&anna, &address("carl"), "Carl", &[], 1)).await;
    assert!(matches!(renamed, Ok(Outcome::Contact(contact)) if contact.name.as_deref() == Some("Carl")));
    assert!(matches!(one(&*store, put(&anna, &bert, "B", &[], 2)).await, Ok(Outcome::Contact(_))));
}

pub(crate) async fn asking_and_agreeing_changes_both_lists(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let asked = act(&*store, &anna, &bert, SubscriptionAction::Subscribe).await;
    let Outcome::Subscription { step, actor, other: Some(other) } = asked else { panic!("{asked:?}") };
    assert!(step.outbound.routed && step.inbound.unwrap().delivered);
    assert!(actor.asked && actor.listed && other.asking && !other.listed);
    assert_eq!(store.contact(&anna, &bert).await, Ok(Some(actor)));
    assert_eq!(store.contact(&bert, &anna).await, Ok(Some(other)));

    let agreed = act(&*store, &bert, &anna, SubscriptionAction::Subscribed).await;
    let Outcome::Subscription { actor, other: Some(other), .. } = agreed else { panic!("{agreed:?}") };
    assert!(actor.from && actor.listed && !actor.asking && other.to && !other.asked);
    assert_eq!(store.contact(&anna, &bert).await, Ok(Some(other)));
    assert_eq!(store.contact(&bert, &anna).await, Ok(Some(actor)));
}

pub(crate) async fn a_request_of_a_stranger_is_kept_unlisted_until_it_is_declined(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    act(&*store, &bert, &anna, SubscriptionAction::Subscribe).await;
    let request = store.contact(&anna, &bert).await.unwrap().unwrap();
    assert!(request.asking && !request.listed);

    let removed =
        one(&*store, Change::RemoveContact { owner: anna.clone(), address: bert.clone(), blocked: false })
            .await;
    assert_eq!(removed, Ok(Outcome::ContactRemoved { owner: None, other: None }));
    assert_eq!(store.contact(&anna, &bert).await, Ok(Some(request)), "what is not listed is not taken off");

    act(&*store, &anna, &bert, SubscriptionAction::Unsubscribed).await;
    assert_eq!(store.contact(&anna, &bert).await, Ok(None), "an entry that says nothing is not kept");
    assert!(!store.contact(&bert, &anna).await.unwrap().unwrap().asked);
}

pub(crate) async fn renaming_keeps_the_subscription(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    become_friends(&*store, &anna, &bert).await;
    one(&*store, put(&anna, &bert, "Bertie", &[], 10)).await.unwrap();
    let contact = store.contact(&anna, &bert).await.unwrap().unwrap();
    assert!(contact.to && contact.from && contact.name.as_deref() == Some("Bertie"));
}

pub(crate) async fn taking_someone_off_ends_both_subscriptions_on_both_lists(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    become_friends(&*store, &anna, &bert).await;
    let before = store.contact(&anna, &bert).await.unwrap();
    let change = Change::RemoveContact { owner: anna.clone(), address: bert.clone(), blocked: false };
    let outcome = one(&*store, change.clone()).await.unwrap();
    let Outcome::ContactRemoved { owner, other: Some(other) } = outcome else { panic!("{outcome:?}") };
    assert_eq!(owner, before);
    assert!(other.listed && !other.to && !other.from);
    assert_eq!(store.contact(&anna, &bert).await, Ok(None));
    assert_eq!(store.contact(&bert, &anna).await, Ok(Some(other)));
    let again = one(&*store, change).await;
    assert_eq!(again, Ok(Outcome::ContactRemoved { owner: None, other: None }));
}

pub(crate) async fn people_without_an_account_here_have_no_list_here(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    let stranger = Address::parse("carl@elsewhere.internal").unwrap();
    let asked = act(&*store, &anna, &stranger, SubscriptionAction::Subscribe).await;
    let Outcome::Subscription { step, actor, other } = asked else { panic!("{asked:?}") };
    assert!(step.outbound.routed && step.inbound.is_none() && other.is_none());
    assert_eq!(store.contacts(&anna).await, Ok(vec![actor.clone()]));
    assert_eq!(store.contacts(&stranger).await, Ok(vec![]));
    let removed = one(
        &*store,
        Change::RemoveContact { owner: anna.clone(), address: stranger.clone(), blocked: false },
    )
    .await;
    assert_eq!(removed, Ok(Outcome::ContactRemoved { owner: Some(actor), other: None }));

    is_missing(&*store, put(&stranger, &anna, "A", &[], 10)).await;
    is_missing(
        &*store,
        Change::RemoveContact { owner: stranger.clone(), address: anna.clone(), blocked: false },
    )
    .await;
    let action = SubscriptionAction::Subscribe;
    is_missing(&*store, Change::Subscription { actor: stranger, other: anna, action, blocked: false }).await;
}

pub(crate) async fn who_has_blocked_the_actor_keeps_the_own_list(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    act(&*store, &anna, &bert, SubscriptionAction::Subscribe).await;
    act(&*store, &bert, &anna, SubscriptionAction::Subscribed).await;
    let before = store.contact(&bert, &anna).await.unwrap();
    let unheard =
        |action| Change::Subscription { actor: anna.clone(), other: bert.clone(), action, blocked: true };
    done_with(&*store, unheard(SubscriptionAction::Unsubscribe)).await;
    assert!(store.contact(&anna, &bert).await.unwrap().is_some_and(|contact| !contact.to));
    let remove = Change::RemoveContact { owner: anna.clone(), address: bert.clone(), blocked: true };
    done_with(&*store, remove).await;
    assert_eq!(store.contact(&anna, &bert).await, Ok(None));
    assert_eq!(store.contact(&bert, &anna).await, Ok(before));
    done_with(&*store, unheard(SubscriptionAction::Subscribe)).await;
    assert!(store.contact(&anna, &bert).await.unwrap().is_some_and(|contact| contact.asked));
}

/// Whatever it answers.
async fn done_with(store: &dyn Store, change: Change) {
    one(store, change).await.unwrap();
}

pub(crate) async fn nobody_is_a_contact_on_their_own_other_list(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    let asked = act(&*store, &anna, &anna, SubscriptionAction::Subscribe).await;
    let Outcome::Subscription { actor, other: None, .. } = asked else { panic!("{asked:?}") };
    assert_eq!(store.contacts(&anna).await, Ok(vec![actor.clone()]));
    let removed =
        one(&*store, Change::RemoveContact { owner: anna.clone(), address: anna.clone(), blocked: false })
            .await;
    assert_eq!(removed, Ok(Outcome::ContactRemoved { owner: Some(actor), other: None }));
    assert_eq!(store.contacts(&anna).await, Ok(vec![]));
}
