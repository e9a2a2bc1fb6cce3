use domain::{Address, Group, GroupName};
use store::{Change, StoreError};

use super::{Engine, address, done, is_missing, one, people};

fn group(name: &str) -> GroupName {
    name.parse().unwrap()
}

fn join(address: &Address, name: &str) -> Change {
    Change::JoinGroup { address: address.clone(), name: group(name) }
}

pub(crate) async fn people_come_and_go(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    for name in ["ward", "night"] {
        done(&*store, Change::CreateGroup { name: group(name) }).await;
    }
    for change in [join(&bert, "ward"), join(&anna, "ward"), join(&anna, "ward"), join(&anna, "night")] {
        done(&*store, change).await;
    }
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let ward = Group { name: group("ward"), members: vec![anna.clone(), bert.clone()] };
    let night = Group { name: group("night"), members: vec![anna.clone()] };
    assert_eq!(store.groups().await, Ok(vec![night, ward.clone()]));
    assert_eq!(store.group(&group("ward")).await, Ok(Some(ward)));
    assert_eq!(store.groups_of(&anna).await, Ok(vec![group("night"), group("ward")]));

    for _ in 0..2 {
        done(&*store, Change::LeaveGroup { address: anna.clone(), name: group("ward") }).await;
    }
    done(&*store, Change::RemoveGroup { name: group("night") }).await;
    assert_eq!(store.groups_of(&anna).await, Ok(vec![]));
    assert_eq!(store.groups().await, Ok(vec![Group { name: group("ward"), members: vec![bert] }]));

    done(&*store, Change::CreateGroup { name: group("night") }).await;
    let empty = Group { name: group("night"), members: vec![] };
    assert_eq!(store.group(&group("night")).await, Ok(Some(empty)), "who was in it before is not in it now");
}

pub(crate) async fn what_is_not_there_is_not_joined_left_or_removed(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    done(&*store, Change::CreateGroup { name: group("ward") }).await;
    let again = one(&*store, Change::CreateGroup { name: group("ward") }).await;
    assert!(matches!(again, Err(StoreError::Exists { .. })));
    is_missing(&*store, join(&anna, "nowhere")).await;
    is_missing(&*store, join(&address("nobody"), "ward")).await;
    is_missing(&*store, Change::LeaveGroup { address: anna, name: group("nowhere") }).await;
    is_missing(&*store, Change::RemoveGroup { name: group("nowhere") }).await;
    assert_eq!(store.group(&group("nowhere")).await, Ok(None));
}
