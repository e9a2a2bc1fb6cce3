use domain::Address;
use store::{Change, Outcome};

use super::{Engine, address, done, is_missing, one, people};

fn block(owner: &Address, jids: &[&str], limit: usize) -> Change {
    Change::Block { owner: owner.clone(), jids: jids.iter().map(|&jid| jid.to_owned()).collect(), limit }
}

fn unblock(owner: &Address, jids: &[&str]) -> Change {
    Change::Unblock { owner: owner.clone(), jids: jids.iter().map(|&jid| jid.to_owned()).collect() }
}

pub(crate) async fn who_is_blocked_stays_blocked_until_unblocked(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    assert_eq!(store.blocks().await, Ok(vec![]));
    done(&*store, block(&bert, &["plant.internal"], 10)).await;
    done(&*store, block(&anna, &["carl@x.internal", "bert@x.internal/desk"], 10)).await;
    done(&*store, block(&anna, &["carl@x.internal"], 10)).await;
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    let entry = |owner: &Address, jid: &str| (owner.clone(), jid.to_owned());
    let of_bert = entry(&bert, "plant.internal");
    let expected =
        vec![entry(&anna, "bert@x.internal/desk"), entry(&anna, "carl@x.internal"), of_bert.clone()];
    assert_eq!(store.blocks().await, Ok(expected));

    done(&*store, unblock(&anna, &["carl@x.internal", "dora@x.internal"])).await;
    let expected = vec![entry(&anna, "bert@x.internal/desk"), of_bert.clone()];
    assert_eq!(store.blocks().await, Ok(expected));
    done(&*store, unblock(&anna, &[])).await;
    assert_eq!(store.blocks().await, Ok(vec![of_bert]));
    done(&*store, Change::RemoveAccount { address: bert }).await;
    assert_eq!(store.blocks().await, Ok(vec![]));
}

pub(crate) async fn a_person_blocks_no_more_than_they_may(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna] = people(&*store, ["anna"]).await;
    done(&*store, block(&anna, &["a", "b"], 3)).await;
    assert_eq!(one(&*store, block(&anna, &["b", "c", "d"], 3)).await, Ok(Outcome::Full));
    assert_eq!(store.blocks().await.unwrap().len(), 2, "what does not fit changes nothing");
    done(&*store, block(&anna, &["a", "c", "c"], 3)).await;
    done(&*store, block(&anna, &["a", "b"], 1)).await;
    assert_eq!(store.blocks().await.unwrap().len(), 3);
    is_missing(&*store, block(&address("nobody"), &["a"], 3)).await;
}
