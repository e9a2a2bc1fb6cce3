use domain::{AuditEntry, verify_audit_chain};
use store::{Change, Store};

use super::{Engine, address, at, done};

/// An entry that its number makes different from others.
pub(crate) fn entry(number: u8) -> AuditEntry {
    AuditEntry {
        at: at(i64::from(number)),
        actor: "admin@x.internal".to_owned(),
        action: "alert.send".to_owned(),
        subject: format!("alert {number}"),
        detail: "to \"everyone\"".to_owned(),
        salt: [number; 16],
    }
}

async fn verified(store: &dyn Store) -> u64 {
    verify_audit_chain(store.audit(0, 1_000).await.unwrap()).unwrap()
}

pub(crate) async fn the_chain_goes_on_where_it_ended_and_verifies(engine: &mut dyn Engine) {
    let store = engine.store();
    assert_eq!(verified(&*store).await, 0);
    store.commit((1..=3).map(|number| Change::Audit(entry(number))).collect()).await.unwrap();
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    done(&*store, Change::Audit(entry(4))).await;
    assert_eq!(verified(&*store).await, 4);

    let last = store.audit(2, 10).await.unwrap();
    assert_eq!(last.iter().map(|record| record.sequence).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(last[1], entry(4).chained(4, last[0].hash));
    assert_eq!(store.audit(0, 2).await.unwrap().len(), 2);
    assert_eq!(store.audit(4, 10).await, Ok(vec![]));
    assert_eq!(store.audit(u64::MAX, 10).await, Ok(vec![]));
}

pub(crate) async fn a_list_that_fails_leaves_no_gap_in_the_chain(engine: &mut dyn Engine) {
    let store = engine.store();
    done(&*store, Change::Audit(entry(1))).await;
    let fails = Change::RemoveAccount { address: address("nobody") };
    store.commit(vec![Change::Audit(entry(2)), fails]).await.unwrap_err();
    done(&*store, Change::Audit(entry(3))).await;
    assert_eq!(verified(&*store).await, 2);
    assert_eq!(store.audit(1, 1).await.unwrap()[0].personal.as_ref().unwrap().subject, "alert 3");
}
