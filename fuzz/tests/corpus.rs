//! Everything that fuzzing has found worth keeping still holds.

use std::fs;
use std::path::{Path, PathBuf};

use fuzz::TARGETS;

const CORPUS_BYTES_MAX: u64 = 1_000_000;

#[test]
fn every_target_holds_on_its_corpus() {
    for target in TARGETS {
        let files = files(&corpus().join(target.name));
        assert!(!files.is_empty(), "{}: nothing to begin with", target.name);
        for file in files {
            let data = fs::read(&file).expect("a readable file");
            let held = std::panic::catch_unwind(|| (target.run)(&data));
            assert!(held.is_ok(), "{} fails on {}", target.name, file.display());
        }
    }
}

#[test]
fn every_folder_of_the_corpus_belongs_to_a_target_and_all_are_small() {
    let mut bytes = 0;
    for folder in files(&corpus()) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assert!(fuzz::Target::named(&name).is_some(), "{name} is no target");
        bytes +=
            files(&folder).iter().map(|file| fs::metadata(file).map_or(0, |file| file.len())).sum::<u64>();
    }
    assert!(bytes <= CORPUS_BYTES_MAX, "the corpus has {bytes} bytes");
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("a readable folder").path()).collect()
}
