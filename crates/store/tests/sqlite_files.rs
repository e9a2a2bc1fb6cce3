//! The files of the engine inside the program: who may read them, which of them it opens, backing up, restoring.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use domain::{AuditEntry, verify_audit_chain};
use jiff::Timestamp;
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use store::{
    BackupFile, Change, FileId, FileRecord, NewAccount, Store, StoreError,
    sqlite::{FILES_FOLDER, Options, SqliteStore, restore},
};
use tempfile::TempDir;

const SECRET: &[u8] = b"the key that signs the alerts";

fn opened(file: &Path) -> Result<Arc<SqliteStore>, StoreError> {
    SqliteStore::open(file, Options::default())
}

fn setting(key: &str, value: &str) -> Change {
    Change::SetSetting { key: key.to_owned(), value: value.to_owned() }
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o7777
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

fn carried() -> Vec<BackupFile> {
    vec![
        BackupFile { name: "certificate.pem".to_owned(), mode: 0o644, bytes: b"public".to_vec() },
        BackupFile { name: "signing.key".to_owned(), mode: 0o600, bytes: SECRET.to_vec() },
    ]
}

/// A folder with a backup in it, and an empty one to restore into.
async fn backed_up() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (backup, data) = (folder.path().join("backup"), folder.path().join("data"));
    let store = opened(&folder.path().join("store.db")).unwrap();
    store.commit(vec![setting("key", "value")]).await.unwrap();
    store.backup(&backup, carried(), None).await.unwrap();
    store.close();
    fs::create_dir(&data).unwrap();
    (folder, backup, data)
}

#[tokio::test]
async fn the_files_of_a_store_are_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(&folder.path().join("store.db")).unwrap();
    store.commit(vec![setting("key", "value")]).await.unwrap();
    assert_eq!(names(folder.path()), ["store.db", "store.db-shm", "store.db-wal"]);
    store.backup(&folder.path().join("backup"), carried(), None).await.unwrap();
    for name in names(folder.path()) {
        assert_eq!(mode(&folder.path().join(&name)), 0o600, "{name}");
    }
    store.close();
    assert_eq!(names(folder.path()), ["backup", "store.db"], "a closed store is one file");
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    opened(&file).unwrap().close();
    let known = {
        let connection = Connection::open(&file).unwrap();
        let known: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        connection.pragma_update(None, "user_version", known + 5).unwrap();
        known
    };
    let before = fs::read(&file).unwrap();
    let refused = opened(&file).unwrap_err();
    let expected = StoreError::Newer { file: file.display().to_string(), found: known + 5, known };
    assert_eq!(refused, expected);
    assert!(refused.to_string().contains("newer version"), "{refused}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn what_is_not_a_store_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    fs::write(&file, "words, and more of them ".repeat(400)).unwrap();
    let before = fs::read(&file).unwrap();
    assert!(matches!(opened(&file), Err(StoreError::Corrupt { .. })));
    assert_eq!(fs::read(&file).unwrap(), before);
    fs::remove_file(&file).unwrap();
    Connection::open(&file)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (a); PRAGMA user_version = 1")
        .unwrap();
    let before = fs::read(&file).unwrap();
    assert!(matches!(opened(&file), Err(StoreError::Corrupt { .. })));
    assert_eq!(fs::read(&file).unwrap(), before);
    assert!(matches!(opened(&folder.path().join("nowhere/store.db")), Err(StoreError::Unavailable { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_while_the_service_writes_restores_to_what_was_told_by_then() {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(&folder.path().join("store.db")).unwrap();
    let (told, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let writing = tokio::spawn({
        let (store, told, stop) = (Arc::clone(&store), Arc::clone(&told), Arc::clone(&stop));
        async move {
            while !stop.load(Ordering::SeqCst) {
                let number = told.load(Ordering::SeqCst) + 1;
                let entry = AuditEntry {
                    at: Timestamp::UNIX_EPOCH,
                    actor: "service".to_owned(),
                    action: "count".to_owned(),
                    subject: number.to_string(),
                    detail: "x".repeat(2_000),
                    salt: [0; 16],
                };
                let list = vec![Change::Audit(entry), setting("count", &number.to_string())];
                store.commit(list).await.unwrap();
                told.store(number, Ordering::SeqCst);
            }
        }
    });
    while told.load(Ordering::SeqCst) < 50 {
        assert!(!writing.is_finished());
        tokio::task::yield_now().await;
    }
    let before = told.load(Ordering::SeqCst);
    let backup = folder.path().join("backup");
    store.backup(&backup, carried(), None).await.unwrap();
    stop.store(true, Ordering::SeqCst);
    writing.await.unwrap();
    let after = told.load(Ordering::SeqCst);
    store.close();

    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    assert_eq!(restore(&backup, &data, "store.db"), Ok(carried()));
    assert_eq!(names(&data), ["certificate.pem", "signing.key", "store.db"]);
    assert_eq!(mode(&data.join("store.db")), 0o600);
    for BackupFile { name, mode: expected, bytes } in carried() {
        assert_eq!((mode(&data.join(&name)), fs::read(data.join(&name)).unwrap()), (expected, bytes));
    }
    let restored = opened(&data.join("store.db")).unwrap();
    let records = restored.audit(0, usize::MAX).await.unwrap();
    let count = verify_audit_chain(records).unwrap();
    assert!((before..=after).contains(&count), "{count} of {before} to {after}");
    assert_eq!(restored.setting("count").await, Ok(Some(count.to_string())));
    restored.commit(vec![setting("count", "0")]).await.unwrap();
    restored.close();
}

#[tokio::test]
async fn a_backup_never_replaces_a_file_and_leaves_nothing_when_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(&folder.path().join("store.db")).unwrap();
    let taken = folder.path().join("taken");
    fs::write(&taken, "precious").unwrap();
    let before = names(folder.path());
    assert!(matches!(store.backup(&taken, carried(), None).await, Err(StoreError::Exists { .. })));
    assert_eq!(fs::read(&taken).unwrap(), b"precious");
    let nowhere = folder.path().join("nowhere/backup");
    assert!(matches!(store.backup(&nowhere, carried(), None).await, Err(StoreError::Unavailable { .. })));
    for name in ["", ".", "..", "../key", "keys/key", "/key", "a\0b"] {
        let file = BackupFile { name: name.to_owned(), mode: 0o600, bytes: vec![] };
        let refused = store.backup(&folder.path().join("backup"), vec![file], None).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{name:?}");
    }
    let twice = [carried(), carried()].concat();
    assert!(store.backup(&folder.path().join("backup"), twice, None).await.is_err());
    assert_eq!(names(folder.path()), before);
    store.close();
    let closed = store.backup(&folder.path().join("backup"), carried(), None).await;
    assert_eq!(closed, Err(StoreError::Closed));
}

#[tokio::test]
async fn a_restore_never_replaces_a_store_or_another_file() {
    let (_folder, backup, data) = backed_up().await;
    for name in ["store.db", "store.db-wal", "signing.key"] {
        let taken = data.join(name);
        fs::write(&taken, "precious").unwrap();
        let refused = restore(&backup, &data, "store.db");
        assert!(matches!(refused, Err(StoreError::Exists { .. })), "{name}: {refused:?}");
        assert_eq!(names(&data), [name], "nothing else is left");
        assert_eq!(fs::read(&taken).unwrap(), b"precious");
        fs::remove_file(&taken).unwrap();
    }
    assert!(matches!(restore(&backup, &data, "signing.key"), Err(StoreError::Exists { .. })));
    assert!(matches!(restore(&backup, &data, "../store.db"), Err(StoreError::Unavailable { .. })));
    assert_eq!(names(&data), [""; 0]);
}

#[tokio::test]
async fn an_interrupted_restore_can_be_done_again() {
    let (_folder, backup, data) = backed_up().await;
    let key = data.join("signing.key");
    fs::write(&key, SECRET).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(data.join("store.db.restoring"), "half").unwrap();
    assert_eq!(restore(&backup, &data, "store.db"), Ok(carried()));
    assert_eq!(names(&data), ["certificate.pem", "signing.key", "store.db"]);
}

#[tokio::test]
async fn what_is_not_a_sound_backup_is_refused_and_leaves_nothing() {
    let (folder, backup, data) = backed_up().await;
    let damaged = |name: &str, damage: &dyn Fn(&Path)| {
        let file = folder.path().join(name);
        fs::copy(&backup, &file).unwrap();
        damage(&file);
        file
    };
    let run = |file: &Path, sql: &str| Connection::open(file).unwrap().execute_batch(sql).unwrap();
    let newer = damaged("newer", &|file| run(file, "PRAGMA user_version = 1000"));
    assert!(matches!(restore(&newer, &data, "store.db"), Err(StoreError::Newer { found: 1000, .. })));
    assert!(matches!(
        restore(&folder.path().join("nowhere"), &data, "store.db"),
        Err(StoreError::Unavailable { .. })
    ));
    let wrong = [
        damaged("words", &|file| fs::write(file, "words ".repeat(1_000)).unwrap()),
        damaged("empty", &|file| fs::write(file, "").unwrap()),
        damaged("short", &|file| fs::write(file, &fs::read(&backup).unwrap()[..20_000]).unwrap()),
        damaged("broken", &|file| {
            let mut bytes = fs::read(file).unwrap();
            bytes[8_192..12_288].fill(0x5a);
            fs::write(file, bytes).unwrap();
        }),
        damaged("leads-out", &|file| run(file, "UPDATE backup_files SET name = '../key' WHERE mode = 384")),
        damaged("other", &|file| run(file, "PRAGMA application_id = 7")),
        folder.path().join("store.db"),
    ];
    for file in wrong {
        let refused = restore(&file, &data, "store.db");
        assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{}: {refused:?}", file.display());
        assert_eq!(names(&data), [""; 0], "{}", file.display());
    }
    assert_eq!(names(folder.path()).iter().filter(|name| name.contains("key")).count(), 0);
}

#[tokio::test]
async fn the_keys_a_backup_carries_do_not_stay_in_the_restored_store() {
    let (_folder, backup, data) = backed_up().await;
    let holds_secret = |file: &Path| fs::read(file).unwrap().windows(SECRET.len()).any(|at| at == SECRET);
    assert!(holds_secret(&backup));
    restore(&backup, &data, "store.db").unwrap();
    assert!(!holds_secret(&data.join("store.db")));
}

#[tokio::test]
async fn a_backup_carries_the_bytes_of_files_piece_by_piece_and_a_damaged_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (backup, data, sent) =
        (folder.path().join("backup"), folder.path().join("data"), folder.path().join("sent"));
    fs::create_dir(&sent).unwrap();
    fs::create_dir(&data).unwrap();
    let store = opened(&folder.path().join("store.db")).unwrap();
    let owner = domain::Address::parse("anna@x.internal").unwrap();
    let account = NewAccount {
        address: owner.clone(),
        password: String::new(),
        administrator: false,
        created_at: Timestamp::UNIX_EPOCH,
    };
    store.commit(vec![Change::CreateAccount(account)]).await.unwrap();
    let film: Vec<u8> = (0..700_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    let exact = vec![7; 512 << 10];
    let files = [film, exact, Vec::new()];
    let hashes = files.each_ref().map(|bytes| -> [u8; 32] { Sha256::digest(bytes).into() });
    let name = |hash: &[u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for (number, (bytes, hash)) in files.iter().zip(hashes).enumerate() {
        fs::write(sent.join(name(&hash)), bytes).unwrap();
        let file = FileRecord {
            id: FileId(uuid::Uuid::from_u128(number as u128)),
            owner: owner.clone(),
            name: "film.mp4".to_owned(),
            media_type: String::new(),
            size: bytes.len() as u64,
            hash,
            stored_at: Timestamp::UNIX_EPOCH,
        };
        store.commit(vec![Change::AddFile { file, bytes_max: u64::MAX }]).await.unwrap();
    }
    fs::write(sent.join("of-nobody"), "x").unwrap();
    store.backup(&backup, carried(), Some(&sent)).await.unwrap();
    let without = folder.path().join("without");
    store.backup(&without, carried(), None).await.unwrap();
    assert!(fs::metadata(&backup).unwrap().len() > fs::metadata(&without).unwrap().len() + 1_200_000);

    restore(&backup, &data, "store.db").unwrap();
    assert_eq!(names(&data.join(FILES_FOLDER)).len(), 3);
    for (bytes, hash) in files.iter().zip(hashes) {
        let restored = data.join(FILES_FOLDER).join(name(&hash));
        assert_eq!(fs::read(&restored).unwrap(), *bytes);
        assert_eq!(mode(&restored), 0o600);
    }
    let size = |file: &Path| fs::metadata(file).unwrap().len();
    assert!(size(&data.join("store.db")) <= size(&without), "the store is as small as before");
    let restored = opened(&data.join("store.db")).unwrap();
    assert_eq!(restored.files_of(&owner).await.unwrap().len(), 3);
    restored.close();

    // What an interrupted restore has left is taken as it is.
    fs::remove_file(data.join("store.db")).unwrap();
    restore(&backup, &data, "store.db").unwrap();

    let elsewhere = folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let damaged = Connection::open(&backup).unwrap();
    damaged.execute("UPDATE backup_pieces SET bytes = x'00' WHERE number = 2", []).unwrap();
    drop(damaged);
    let refused = restore(&backup, &elsewhere, "store.db");
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
    assert!(names(&elsewhere).is_empty(), "nothing is left of it");
}
