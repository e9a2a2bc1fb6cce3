//! What the engine inside the program does when the disk is full, the power fails, or somebody edits its file.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use domain::{
    Address, AuditEntry, AuditError, Content, Message, MessageId, MessageKind, Sender, verify_audit_chain,
};
use jiff::Timestamp;
use rusqlite::Connection;
use store::{
    ArchiveQuery, Change, Keep, NewAccount, Outcome, Store, StoreError,
    sqlite::{Options, SqliteStore},
};

fn anna() -> Address {
    Address::parse("anna@x.internal").unwrap()
}

fn create_anna() -> Change {
    Change::CreateAccount(NewAccount {
        address: anna(),
        password: String::new(),
        administrator: false,
        created_at: Timestamp::UNIX_EPOCH,
    })
}

fn id(number: u64) -> MessageId {
    MessageId::from_bytes(u128::from(number).to_be_bytes())
}

/// Anna writes to herself.
fn accept(number: u64, body: &str) -> Change {
    accept_keeping(number, body, Keep::NOBODY)
}

fn accept_keeping(number: u64, body: &str, keep: Keep) -> Change {
    let message = Message {
        id: id(number),
        sender: Sender::Account { address: anna() },
        recipient: anna(),
        kind: MessageKind::Chat,
        content: Content::Text { body: body.to_owned(), subject: None },
        automatic: false,
        native: None,
        sender_id: Some(number.to_string()),
        accepted_at: Timestamp::UNIX_EPOCH,
    };
    Change::AcceptMessage { message: Arc::new(message), keep, deliveries: Vec::new(), limit: 100_000 }
}

async fn pending(store: &SqliteStore) -> Vec<MessageId> {
    let found = store.pending(&anna(), 0, usize::MAX).await.unwrap();
    found.into_iter().map(|(_, message)| message.id).collect()
}

#[tokio::test]
async fn a_full_store_refuses_keeps_what_it_has_and_takes_more_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { file_size_max: Some(600 << 10), ..Options::default() };
    let store = SqliteStore::open(&folder.path().join("store.db"), options).unwrap();
    store.commit(vec![create_anna()]).await.unwrap();
    let body = "x".repeat(10_000);
    let mut taken = Vec::new();
    let refused = loop {
        let number = taken.len() as u64 + 1;
        match store.commit(vec![accept(number, &body)]).await {
            Ok(outcomes) => assert_eq!(outcomes, [Outcome::Accepted]),
            Err(StoreError::Unavailable { why }) => {
                assert!(why.contains("full"), "{why}");
                break number;
            }
            Err(other) => panic!("{other}"),
        }
        taken.push(id(number));
        assert!(taken.len() < 100, "the store never got full");
    };
    assert!(taken.len() > 10, "the store took {} messages", taken.len());
    assert_eq!(pending(&store).await, taken);
    let messages = taken.split_off(5);
    store.commit(vec![Change::Acknowledge { recipient: anna(), messages }]).await.unwrap();
    let again = store.commit(vec![accept(refused, &body)]).await;
    assert_eq!(again, Ok(vec![Outcome::Accepted]), "what was refused is not a repeat");
    taken.push(id(refused));
    assert_eq!(pending(&store).await, taken);
    store.close();
}

const CHILD: &str = "MESSNGR_STORE_TEST_FILE";
const TOLD: &str = "told ";
/// More than is filed at once, so that some are filed and some are not.
const TOLD_MIN: usize = 2_500;

/// The test starts itself once more as the process that is killed.
#[tokio::test]
async fn what_was_told_survives_a_kill() {
    if let Some(file) = std::env::var_os(CHILD) {
        take_messages_until_killed(Path::new(&file)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "what_was_told_survives_a_kill", "--nocapture"])
        .env(CHILD, &file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((_, number)) = line.split_once(TOLD) else { continue };
        told.push(id(number.parse().unwrap()));
        if told.len() == TOLD_MIN {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success());
    assert!(told.len() >= TOLD_MIN, "the child told only of {}", told.len());

    let store = SqliteStore::open(&file, Options::default()).unwrap();
    let found = pending(&store).await;
    assert_eq!(found[..told.len()], told, "everything told is there, in the order it was told");
    let archived = store.archive(ArchiveQuery::of(anna(), found.len() + 1)).await.unwrap().messages;
    let archived: Vec<MessageId> = archived.iter().map(|message| message.id).collect();
    assert_eq!(archived, found, "what is taken is archived, once");
    let last = told.len() as u64;
    let repeated = store.commit(vec![accept(last, "words")]).await;
    assert_eq!(repeated, Ok(vec![Outcome::Repeated]), "the client may send again what it does not know of");
    store.close();
}

async fn take_messages_until_killed(file: &Path) -> ! {
    let store = SqliteStore::open(file, Options { queue_max: 16, ..Options::default() }).unwrap();
    store.commit(vec![create_anna()]).await.unwrap();
    for number in 1.. {
        let permit = store.reserve().await.unwrap();
        let done = Box::new(move |result| {
            assert_eq!(result, Ok(vec![Outcome::Accepted]));
            println!("{TOLD}{number}");
        });
        store.submit(permit, vec![accept_keeping(number, "words", Keep::BOTH)], done);
    }
    unreachable!("it is killed before the numbers end")
}

#[tokio::test]
async fn an_edited_audit_log_does_not_verify() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    for (edit, found) in [
        ("UPDATE audit SET subject = 'other' WHERE sequence = 3", AuditError::Words { sequence: 3 }),
        ("UPDATE audit SET action = 'other' WHERE sequence = 2", AuditError::Broken { sequence: 2 }),
        ("DELETE FROM audit WHERE sequence = 4", AuditError::Gap { expected: 4, found: 5 }),
    ] {
        let store = SqliteStore::open(&file, Options::default()).unwrap();
        let entry = |number: u8| AuditEntry {
            at: Timestamp::UNIX_EPOCH,
            actor: "admin@x.internal".to_owned(),
            action: "alert.send".to_owned(),
            subject: format!("alert {number}"),
            detail: String::new(),
            salt: [number; 16],
        };
        store.commit((1..=5).map(|number| Change::Audit(entry(number))).collect()).await.unwrap();
        assert_eq!(verify_audit_chain(store.audit(0, 10).await.unwrap()), Ok(5));
        store.close();
        Connection::open(&file).unwrap().execute_batch(edit).unwrap();
        let store = SqliteStore::open(&file, Options::default()).unwrap();
        assert_eq!(verify_audit_chain(store.audit(0, 10).await.unwrap()), Err(found));
        store.close();
        std::fs::remove_file(&file).unwrap();
    }
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_said_to_be_corrupt_and_the_rest_still_reads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let store = SqliteStore::open(&file, Options::default()).unwrap();
    store.commit(vec![create_anna(), accept(1, "words"), accept(2, "words")]).await.unwrap();
    for edit in [
        "UPDATE messages SET kind = 'shout' WHERE sequence = 1",
        "UPDATE messages SET kind = 'chat', content = '{\"kind\":' WHERE sequence = 1",
        "UPDATE messages SET content = '{\"kind\":\"other\"}', id = x'00' WHERE sequence = 1",
    ] {
        Connection::open(&file).unwrap().execute_batch(edit).unwrap();
        let whole = store.pending(&anna(), 0, 10).await;
        assert!(matches!(whole, Err(StoreError::Corrupt { .. })), "{edit}: {whole:?}");
        assert_eq!(store.pending(&anna(), 1, 10).await.unwrap().len(), 1);
    }
    store.close();
}
