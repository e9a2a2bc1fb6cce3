use std::sync::Arc;

use domain::Account;
use store::{Change, Keep, NewAccount, Outcome, StoreError, StreamId, StreamRecord};
use uuid::Uuid;

use super::{Engine, accept, address, at, done, is_missing, message, new_account, one, pending, people};

pub(crate) async fn an_account_reads_back_as_it_was_made(engine: &mut dyn Engine) {
    let store = engine.store();
    let new = NewAccount { administrator: true, ..new_account("anna") };
    let expected = Account {
        address: address("anna"),
        netbios: "ANNA".to_owned(),
        administrator: true,
        disabled: false,
        accepts_unverified: true,
        created_at: at(0),
    };
    assert_eq!(one(&*store, Change::CreateAccount(new)).await, Ok(Outcome::Account(expected.clone())));
    people(&*store, ["zoe", "bert"]).await;
    assert_eq!(store.account(&address("anna")).await, Ok(Some(expected.clone())));
    assert_eq!(store.account_by_netbios("aNNa").await, Ok(Some(expected.clone())));
    assert_eq!(store.password(&address("anna")).await, Ok(Some((expected, "record of anna".to_owned()))));
    let names: Vec<_> = store.accounts().await.unwrap().into_iter().map(|account| account.address).collect();
    assert_eq!(names, ["anna", "bert", "zoe"].map(address));
    assert_eq!(store.account(&address("nobody")).await, Ok(None));
    assert_eq!(store.account_by_netbios("NOBODY").await, Ok(None));
    assert_eq!(store.password(&address("nobody")).await, Ok(None));
}

pub(crate) async fn an_account_is_made_once(engine: &mut dyn Engine) {
    let store = engine.store();
    people(&*store, ["anna"]).await;
    let again = NewAccount { password: "another".to_owned(), ..new_account("anna") };
    let refused = one(&*store, Change::CreateAccount(again)).await;
    assert_eq!(refused, Err(StoreError::Exists { what: "the account anna@x.internal".to_owned() }));
    assert_eq!(store.password(&address("anna")).await.unwrap().unwrap().1, "record of anna");
}

pub(crate) async fn what_is_changed_about_an_account_is_seen_and_survives(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let before = store.account(&bert).await.unwrap();
    for change in [
        Change::SetPassword { address: anna.clone(), record: "another".to_owned() },
        Change::SetAdministrator { address: anna.clone(), administrator: true },
        Change::SetDisabled { address: anna.clone(), disabled: true },
        Change::SetAcceptsUnverified { address: anna.clone(), accepts: false },
    ] {
        done(&*store, change).await;
    }
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let (account, password) = store.password(&anna).await.unwrap().unwrap();
    assert_eq!(password, "another");
    assert!(account.administrator && account.disabled && !account.accepts_unverified);
    assert_eq!(store.account(&bert).await.unwrap(), before);
}

pub(crate) async fn people_with_alike_names_get_different_spellings_and_keep_them(engine: &mut dyn Engine) {
    let store = engine.store();
    let names = ["jürgen.vonderwaldsee", "jurgen.vonderwaldau", "jurgen.vonderwald"];
    let [first, second, third] = people(&*store, names).await;
    let spelling = async |address| store.account(address).await.unwrap().unwrap().netbios;
    assert_eq!(spelling(&first).await, "JURGEN.VONDERWA");
    assert_eq!(spelling(&second).await, "JURGEN.VONDER~2");
    assert_eq!(spelling(&third).await, "JURGEN.VONDER~3");
    done(&*store, Change::RemoveAccount { address: second.clone() }).await;
    assert_eq!(spelling(&third).await, "JURGEN.VONDER~3");
    people(&*store, ["jurgen.vonderwaldau"]).await;
    assert_eq!(spelling(&second).await, "JURGEN.VONDER~2");
}

pub(crate) async fn whoever_is_removed_is_gone_from_everywhere(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let stream = StreamId(Uuid::from_u128(7));
    let (to_anna, to_bert) = (message(1, &bert, &anna), message(2, &anna, &bert));
    let kept = message(3, &bert, &anna);
    let group: domain::GroupName = "ward".parse().unwrap();
    let listed = |owner: &domain::Address, address: &domain::Address| Change::PutContact {
        owner: owner.clone(),
        address: address.clone(),
        name: None,
        labels: Vec::new(),
        limit: 10,
    };
    let opened = StreamRecord {
        id: stream,
        address: anna.clone(),
        resource: "desk".to_owned(),
        received: 0,
        presence: None,
        touched_at: at(0),
    };
    let changes = vec![
        Change::CreateGroup { name: group.clone() },
        Change::JoinGroup { address: anna.clone(), name: group.clone() },
        listed(&anna, &bert),
        listed(&bert, &anna),
        Change::OpenStream(opened),
        accept(&to_anna),
        accept(&to_bert),
        Change::AcceptMessage {
            message: Arc::new(kept.clone()),
            keep: Keep::BOTH,
            deliveries: vec![(stream, 1)],
            limit: 10,
        },
    ];
    store.commit(changes).await.unwrap();

    done(&*store, Change::RemoveAccount { address: anna.clone() }).await;
    assert_eq!(store.account(&anna).await, Ok(None));
    assert_eq!(store.groups_of(&anna).await, Ok(vec![]));
    assert_eq!(store.group(&group).await.unwrap().unwrap().members, []);
    assert_eq!(store.contacts(&anna).await, Ok(vec![]));
    assert_eq!(store.contacts(&bert).await, Ok(vec![]));
    assert_eq!(store.stream(stream).await, Ok(None));
    assert_eq!(store.stream_deliveries(stream).await, Ok(vec![]));
    assert_eq!(pending(&*store, &anna).await, []);
    assert_eq!(pending(&*store, &bert).await, std::slice::from_ref(&to_bert));
    let left = store.messages(&[to_anna.id, kept.id]).await.unwrap();
    assert_eq!(left, [Arc::new(kept)], "what is kept stays kept");

    people(&*store, ["anna"]).await;
    assert_eq!(pending(&*store, &anna).await, []);
    let of_the_new_anna = domain::Message { id: message(9, &anna, &bert).id, ..to_bert };
    assert_eq!(one(&*store, accept(&of_the_new_anna)).await, Ok(Outcome::Accepted));
}

pub(crate) async fn nobody_can_be_changed_who_is_not_there(engine: &mut dyn Engine) {
    let store = engine.store();
    let nobody = || address("nobody");
    for change in [
        Change::SetPassword { address: nobody(), record: String::new() },
        Change::SetAdministrator { address: nobody(), administrator: true },
        Change::SetDisabled { address: nobody(), disabled: true },
        Change::SetAcceptsUnverified { address: nobody(), accepts: true },
        Change::RemoveAccount { address: nobody() },
    ] {
        is_missing(&*store, change).await;
    }
}
