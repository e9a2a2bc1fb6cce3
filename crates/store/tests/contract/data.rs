use domain::Address;
use store::{Change, Outcome};

use super::{Engine, address, done, is_missing, one, people};

fn set(owner: &Address, key: &str, value: Option<&[u8]>, bytes_max: usize) -> Change {
    let (owner, value) = (owner.clone(), value.map(<[u8]>::to_vec));
    Change::SetDatum { owner, key: key.to_owned(), value, bytes_max }
}

pub(crate) async fn what_an_account_has_of_its_own_reads_back(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    assert_eq!(store.datum(&anna, "card").await, Ok(None));
    for (owner, key, value) in [
        (&bert, "card", &b"Bert"[..]),
        (&anna, "card", b"first"),
        (&anna, "card", b"\0\xff"),
        (&anna, "private:b", b""),
        (&anna, "private:a", b"2"),
        (&anna, "privat", b"3"),
    ] {
        done(&*store, set(owner, key, Some(value), 10_000)).await;
    }
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    assert_eq!(store.datum(&anna, "card").await, Ok(Some(b"\0\xff".to_vec())));
    assert_eq!(store.datum(&anna, "Card").await, Ok(None));
    let private = vec![("private:a".to_owned(), b"2".to_vec()), ("private:b".to_owned(), Vec::new())];
    assert_eq!(store.data(&anna, "private:").await, Ok(private));
    assert_eq!(store.data(&anna, "").await.unwrap().len(), 4);
    assert_eq!(store.data(&anna, "%").await, Ok(vec![]));
    let cards = vec![(anna.clone(), b"\0\xff".to_vec()), (bert.clone(), b"Bert".to_vec())];
    assert_eq!(store.data_of_all("card").await, Ok(cards));

    done(&*store, set(&anna, "card", None, 0)).await;
    done(&*store, set(&anna, "never set", None, 0)).await;
    assert_eq!(store.datum(&anna, "card").await, Ok(None));
    done(&*store, Change::RemoveAccount { address: bert.clone() }).await;
    assert_eq!(store.data_of_all("card").await, Ok(vec![]));
    people(&*store, ["bert"]).await;
    assert_eq!(store.data(&bert, "").await, Ok(vec![]));
}

pub(crate) async fn an_account_has_no_more_than_it_may(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    done(&*store, set(&anna, "a", Some(b"1234"), 1_034)).await;
    assert_eq!(one(&*store, set(&anna, "b", Some(b"12345"), 1_034)).await, Ok(Outcome::Full));
    assert_eq!(store.datum(&anna, "b").await, Ok(None));
    done(&*store, set(&anna, "b", Some(b"1234"), 1_034)).await;
    assert_eq!(one(&*store, set(&anna, "a", Some(b"12345"), 1_034)).await, Ok(Outcome::Full));
    assert_eq!(
        store.datum(&anna, "a").await,
        Ok(Some(b"1234".to_vec())),
        "what does not fit changes nothing"
    );
    done(&*store, set(&bert, "b", Some(b"123456789"), 1_034)).await;
    done(&*store, set(&anna, "a", None, 0)).await;
    done(&*store, set(&anna, "b", Some(b"123456789"), 1_034)).await;
    is_missing(&*store, set(&address("nobody"), "a", Some(b""), 1_034)).await;
}
