//! The contract of a store, kept by the engine inside the program.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contract;

use std::{path::PathBuf, sync::Arc};

use store::{
    Store,
    sqlite::{Options, SqliteStore},
};
use tempfile::TempDir;

struct Sqlite {
    store: Arc<SqliteStore>,
    file: PathBuf,
    _folder: TempDir,
}

impl Sqlite {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.db");
        Self { store: opened(&file), file, _folder: folder }
    }
}

fn opened(file: &std::path::Path) -> Arc<SqliteStore> {
    let options = Options { queue_max: contract::lists::QUEUE_MAX, ..Options::default() };
    SqliteStore::open(file, options).unwrap()
}

impl contract::Engine for Sqlite {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    fn close(&mut self) {
        self.store.close();
    }

    fn open(&mut self) {
        self.store = opened(&self.file);
    }
}

contract::suite!(Sqlite::new());
