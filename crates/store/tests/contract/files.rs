use domain::Address;
use store::{Change, FileId, FileRecord, Outcome};
use uuid::Uuid;

use super::{Engine, address, at, done, is_missing, one, people};

fn file(number: u8, owner: &Address, size: u64) -> FileRecord {
    FileRecord {
        id: FileId(Uuid::from_bytes([number; 16])),
        owner: owner.clone(),
        name: format!("plan {number}.png"),
        media_type: "image/png".to_owned(),
        size,
        hash: [number; 32],
        stored_at: at(i64::from(number)),
    }
}

pub(crate) async fn files_are_known_until_their_time_is_over(engine: &mut dyn Engine) {
    let store = engine.store();
    let [anna, bert] = people(&*store, ["anna", "bert"]).await;
    let add = |file: &FileRecord| Change::AddFile { file: file.clone(), bytes_max: 100 };
    let (first, second) = (file(1, &anna, 60), FileRecord { hash: [1; 32], ..file(2, &bert, 60) });
    done(&*store, add(&first)).await;
    done(&*store, add(&second)).await;
    assert_eq!(one(&*store, add(&file(3, &anna, 41))).await, Ok(Outcome::Full));
    done(&*store, add(&file(3, &anna, 40))).await;
    is_missing(&*store, add(&file(4, &address("nobody"), 1))).await;
    drop(store);
    engine.close();
    engine.open();
    let store = engine.store();
    assert_eq!(store.file(first.id).await, Ok(Some(first.clone())));
    assert_eq!(store.file(FileId(Uuid::from_bytes([9; 16]))).await, Ok(None));
    assert_eq!(store.file_bytes(&anna).await, Ok(100));
    assert_eq!(store.file_hashes().await.unwrap().len(), 2, "the same bytes are there once");
    done(&*store, Change::ForgetFiles { before: at(2) }).await;
    assert_eq!(store.file(first.id).await, Ok(None));
    assert_eq!(store.file(second.id).await, Ok(Some(second)));
    done(&*store, Change::RemoveAccount { address: bert }).await;
    assert_eq!(store.file_hashes().await, Ok(vec![[3; 32]]));
}
