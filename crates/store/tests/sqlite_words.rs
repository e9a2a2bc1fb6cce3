//! The index of words, as the file has it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use domain::{Address, Content, Message, MessageId, MessageKind, Sender};
use jiff::Timestamp;
use rusqlite::Connection;
use store::{
    Change, Keep, NewAccount, Store,
    sqlite::{Options, SqliteStore},
};

const COUNT: i64 = 300;

fn accepted(number: i64, person: &Address) -> Change {
    let at = Timestamp::from_second(1_795_132_800 + number).unwrap();
    let message = Message {
        id: MessageId::new(at, [number.to_le_bytes()[0]; 10]),
        sender: Sender::Account { address: person.clone() },
        recipient: person.clone(),
        kind: MessageKind::Chat,
        content: Content::Text { body: format!("number {number}"), subject: None },
        native: None,
        automatic: false,
        sender_id: None,
        accepted_at: at,
    };
    Change::AcceptMessage {
        message: Arc::new(message),
        keep: Keep::BOTH,
        deliveries: Vec::new(),
        limit: 1_000,
    }
}

#[tokio::test]
async fn what_is_filed_is_indexed_when_there_is_time_and_what_is_deleted_is_not_in_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let store = SqliteStore::open(&file, Options::default()).unwrap();
    let anna = Address::new("anna", "x.internal").unwrap();
    let (address, created_at) = (anna.clone(), Timestamp::from_second(1_795_132_800).unwrap());
    let account = NewAccount { address, password: String::new(), administrator: false, created_at };
    store.commit(vec![Change::CreateAccount(account)]).await.unwrap();
    for number in 0..COUNT {
        store.commit(vec![accepted(number, &anna)]).await.unwrap();
    }
    let indexed = |file: &std::path::Path| -> i64 {
        let sql = "SELECT count(*) FROM words WHERE words MATCH 'said : number'";
        Connection::open(file).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(indexed(&file), 0, "nothing is indexed by the commit that accepts");
    store.close();
    let store = SqliteStore::open(&file, Options::default()).unwrap();
    // Only where nothing else is to be written there is time.
    while indexed(&file) < COUNT {
        tokio::task::yield_now().await;
    }
    store.commit(vec![Change::RemoveAccount { address: anna }]).await.unwrap();
    while indexed(&file) > 0 {
        tokio::task::yield_now().await;
    }
    store.close();
}
