//! The engine inside the program writes messages first and files them later: what is filed and what is not reads as
//! one, also after a crash, and what takes long is done piece by piece.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{Address, Content, Message, MessageId, MessageKind, Sender};
use jiff::Timestamp;
use rusqlite::Connection;
use store::{
    ArchiveQuery, Change, Keep, NewAccount, Outcome, Store,
    sqlite::{Options, SqliteStore},
};

/// More than is filed at once, twice.
const MESSAGES: u32 = 5_000;

fn opened(file: &Path) -> Arc<SqliteStore> {
    SqliteStore::open(file, Options::default()).unwrap()
}

fn person(name: &str) -> Address {
    Address::new(name, "x.internal").unwrap()
}

fn at(second: u32) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(u64::from(second))
}

fn id(number: u32) -> MessageId {
    MessageId::new(at(number), [0; 10])
}

fn number(message: &Message) -> u32 {
    message.sender_id.as_ref().unwrap().parse().unwrap()
}

/// Anna, Bert and Carl write to each other in turns.
fn message(number: u32) -> Message {
    let people = ["anna", "bert", "carl"].map(person);
    let from = (number % 3) as usize;
    let to = (from + 1 + (number / 3 % 2) as usize) % 3;
    Message {
        id: id(number),
        sender: Sender::Account { address: people[from].clone() },
        recipient: people[to].clone(),
        kind: MessageKind::Chat,
        content: Content::Text { body: format!("words {number}"), subject: None },
        automatic: false,
        native: None,
        sender_id: Some(number.to_string()),
        accepted_at: at(number),
    }
}

fn involves(number: u32, owner: &Address, with: Option<&Address>) -> bool {
    let message = message(number);
    let people = [message.sender.account().unwrap(), &message.recipient];
    people.contains(&owner) && with.is_none_or(|with| people.contains(&with))
}

fn accept(number: u32) -> Change {
    let message = Arc::new(message(number));
    Change::AcceptMessage { message, keep: Keep::BOTH, deliveries: Vec::new(), limit: MESSAGES as usize }
}

fn acknowledge(number: u32) -> Change {
    Change::Acknowledge { recipient: message(number).recipient, messages: vec![id(number)] }
}

/// Two of three messages are acknowledged.
fn is_pending(number: u32) -> bool {
    number.is_multiple_of(3)
}

async fn talk(store: &SqliteStore) {
    for name in ["anna", "bert", "carl"] {
        let new = NewAccount {
            address: person(name),
            password: String::new(),
            administrator: false,
            created_at: at(0),
        };
        store.commit(vec![Change::CreateAccount(new)]).await.unwrap();
    }
    for number in 1..=MESSAGES {
        let permit = store.reserve().await.unwrap();
        let done = |result: Result<Vec<Outcome>, _>| assert_eq!(result, Ok(vec![Outcome::Accepted]));
        store.submit(permit, vec![accept(number)], Box::new(done));
        // What is acknowledged may be filed by then, or not.
        if let Some(earlier) = number.checked_sub(700).filter(|&earlier| earlier > 0 && !is_pending(earlier))
        {
            let permit = store.reserve().await.unwrap();
            store.submit(permit, vec![acknowledge(earlier)], Box::new(|result| drop(result.unwrap())));
        }
    }
    let rest = (MESSAGES - 699..=MESSAGES).filter(|&number| !is_pending(number)).map(acknowledge).collect();
    store.commit(rest).await.unwrap();
    store.settled().await.unwrap();
}

async fn all_pages(store: &SqliteStore, query: ArchiveQuery) -> Vec<u32> {
    let (mut query, mut found) = (query, Vec::new());
    loop {
        let page = store.archive(query.clone()).await.unwrap();
        let numbers: Vec<u32> = page.messages.iter().map(|message| number(message)).collect();
        match (query.from_end, page.messages.first(), page.messages.last()) {
            (true, Some(first), _) => query.before = vec![first.id],
            (false, _, Some(last)) => query.after = vec![last.id],
            _ => {}
        }
        let at = if query.from_end { 0 } else { found.len() };
        found.splice(at..at, numbers);
        if page.complete {
            return found;
        }
        assert_eq!(page.messages.len(), query.limit, "a page is full unless it is the last");
    }
}

async fn pending(store: &SqliteStore, recipient: &Address) -> Vec<u32> {
    let found = store.pending(recipient, 0, usize::MAX).await.unwrap();
    found.iter().map(|(_, message)| number(message)).collect()
}

async fn everything_is_there(store: &SqliteStore) {
    for owner in ["anna", "bert", "carl"].map(person) {
        let own: Vec<u32> = (1..=MESSAGES).filter(|&number| involves(number, &owner, None)).collect();
        let waiting =
            own.iter().copied().filter(|&number| is_pending(number) && message(number).recipient == owner);
        assert_eq!(pending(store, &owner).await, waiting.collect::<Vec<_>>());
        for with in [None, Some(person("anna")), Some(person("bert"))] {
            if with.as_ref() == Some(&owner) {
                continue;
            }
            let expected: Vec<u32> =
                own.iter().copied().filter(|&number| involves(number, &owner, with.as_ref())).collect();
            for from_end in [false, true] {
                let query =
                    ArchiveQuery { with: with.clone(), from_end, ..ArchiveQuery::of(owner.clone(), 97) };
                assert_eq!(store.archive(query.clone()).await.unwrap().count, Some(expected.len() as u64));
                assert_eq!(all_pages(store, query).await, expected, "{owner} {with:?} {from_end}");
            }
            for (start, end) in [(1, 40), (2_000, 2_100), (4_900, 6_000), (6_000, 7_000)] {
                let dated: Vec<u32> =
                    expected.iter().copied().filter(|number| (start..=end).contains(number)).collect();
                let (start, end) = (Some(at(start)), Some(at(end)));
                for from_end in [false, true] {
                    let query = ArchiveQuery {
                        with: with.clone(),
                        start,
                        end,
                        from_end,
                        ..ArchiveQuery::of(owner.clone(), 30)
                    };
                    assert_eq!(all_pages(store, query).await, dated, "{owner} {with:?} {start:?}");
                }
            }
        }
    }
    for known in [1, 2_049, MESSAGES] {
        assert_eq!(store.commit(vec![accept(known)]).await, Ok(vec![Outcome::Repeated]), "{known}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_filed_and_what_is_not_reads_as_one_also_in_a_new_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let store = opened(&file);
    talk(&store).await;
    everything_is_there(&store).await;

    // A copy of the files at this moment is what a crash would leave.
    let crashed = folder.path().join("crashed.db");
    std::fs::copy(&file, &crashed).unwrap();
    std::fs::copy(folder.path().join("store.db-wal"), folder.path().join("crashed.db-wal")).unwrap();
    let after_crash = opened(&crashed);
    everything_is_there(&after_crash).await;
    after_crash.close();

    store.close();
    let store = opened(&file);
    everything_is_there(&store).await;
    store.close();
}

/// Waits until a condition holds of what is in the file.
async fn until(file: &Path, sql: &str) {
    let connection = Connection::open(file).unwrap();
    let started = Instant::now();
    while !connection.query_row(sql, [], |row| row.get::<_, bool>(0)).unwrap() {
        assert!(started.elapsed() < Duration::from_secs(60), "it never came to {sql}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_archive_is_forgotten_piece_by_piece_and_to_the_last_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let store = opened(&file);
    talk(&store).await;
    store.commit(vec![Change::ForgetArchive { before: at(4_001) }]).await.unwrap();
    until(&file, "SELECT count(*) = 0 FROM chores").await;
    for owner in ["anna", "bert", "carl"].map(person) {
        let expected = (1..=MESSAGES).filter(|&number| involves(number, &owner, None));
        // What was pending for another person stays in the sender's archive, too.
        let expected: Vec<u32> = expected.filter(|&number| number > 4_000 || is_pending(number)).collect();
        for from_end in [false, true] {
            let query = ArchiveQuery { from_end, ..ArchiveQuery::of(owner.clone(), 97) };
            assert_eq!(store.archive(query.clone()).await.unwrap().count, Some(expected.len() as u64));
            assert_eq!(all_pages(&store, query).await, expected, "{owner}");
        }
    }
    store.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_archive_of_a_removed_account_is_emptied_piece_by_piece_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let store = opened(&file);
    talk(&store).await;
    for name in ["anna", "bert"] {
        store.commit(vec![Change::RemoveAccount { address: person(name) }]).await.unwrap();
    }
    store.close();
    let store = opened(&file);
    until(&file, "SELECT count(*) = 0 FROM chores").await;
    let carl = person("carl");
    let expected: Vec<u32> = (1..=MESSAGES).filter(|&number| involves(number, &carl, None)).collect();
    assert_eq!(all_pages(&store, ArchiveQuery::of(carl.clone(), 97)).await, expected);
    let left: i64 = Connection::open(&file)
        .unwrap()
        .query_row("SELECT count(*) FROM messages", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, i64::try_from(expected.len()).unwrap(), "what only the removed had is deleted");
    store.close();
}

#[tokio::test]
async fn an_acknowledgement_is_soon_on_the_disk_without_anything_else_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let store = opened(&file);
    talk(&store).await;
    let journal = "SELECT coalesce(max(entry), 0) FROM journal";
    let entry =
        || Connection::open(&file).unwrap().query_row(journal, [], |row| row.get::<_, i64>(0)).unwrap();
    let before = entry();
    store.commit(vec![acknowledge(MESSAGES - MESSAGES % 3)]).await.unwrap();
    until(&file, &format!("SELECT ({journal}) > {before}")).await;
    let before = entry();
    store.commit(vec![acknowledge(MESSAGES - MESSAGES % 3 - 3)]).await.unwrap();
    store.settled().await.unwrap();
    assert!(entry() > before, "settled means written");
    store.close();
}
