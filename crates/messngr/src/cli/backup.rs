use std::{
    fs, io,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;
use store::sqlite::FILES_FOLDER;
use tempfile::NamedTempFile;

use super::context::{Context, absolute, say};
use crate::{client::ApiPath, configuration::Configuration, serve::DataDirectory};

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to make; it must not exist. Only its owner can read it.
    file: PathBuf,
    /// Leave out the files that people sent each other: `files` in the data directory has them.
    #[arg(long)]
    without_files: bool,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The backup.
    file: PathBuf,
}

pub(super) async fn run(context: &Context, arguments: BackupArgs) -> anyhow::Result<()> {
    let file = absolute(&arguments.file)?;
    let cannot = || format!("cannot write {}", file.display());
    if file.try_exists().with_context(cannot)? {
        bail!("{} exists already: choose another name", file.display());
    }
    // It gets its name when it is whole and on the disk. Only its owner can read it from the beginning.
    let folder = file.parent().unwrap_or(Path::new("/"));
    let mut unfinished = NamedTempFile::new_in(folder).with_context(cannot)?;
    let path = ApiPath::new(&["backup"]).with("files", &!arguments.without_files);
    let bytes = context.client()?.download(&path, &mut unfinished).await?;
    unfinished.as_file().sync_all().with_context(cannot)?;
    unfinished.persist_noclobber(&file).with_context(cannot)?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot)?;
    if context.is_json() {
        return context.print(&json!({ "file": file, "bytes": bytes }), String::new);
    }
    let what = if arguments.without_files { "everything but files that people sent" } else { "everything" };
    say(format_args!("{} holds {what}, secrets included: {bytes} bytes.", file.display()));
    Ok(())
}

pub(super) async fn restore(context: &Context, arguments: &RestoreArgs) -> anyhow::Result<()> {
    context.must_be_local()?;
    let configuration = context.configuration()?;
    if context.local_client()?.is_answered().await {
        bail!("a service runs with its data in {}: stop it first", configuration.data_dir.display());
    }
    let restored = restore_into(&configuration, &arguments.file)?;
    if context.is_json() {
        let result = json!({ "data_dir": configuration.data_dir, "files": restored });
        return context.print(&result, String::new);
    }
    say(format_args!(
        "{} was restored into {}: `messngr serve` starts with it.",
        arguments.file.display(),
        configuration.data_dir.display()
    ));
    Ok(())
}

/// Puts the backup into the data directory, and returns the names of its files there.
fn restore_into(configuration: &Configuration, backup: &Path) -> anyhow::Result<Vec<String>> {
    let database = configuration.store.sqlite_file();
    let name = database.file_name().and_then(|name| name.to_str());
    let Some(name) = name.filter(|_| database.parent() == Some(&configuration.data_dir)) else {
        bail!(
            "the store {} is not in the data directory {}: restore without `[store] url`, then move it there",
            database.display(),
            configuration.data_dir.display()
        );
    };
    fs::File::open(backup).with_context(|| format!("cannot read {}", backup.display()))?;
    let directory = DataDirectory::open(&configuration.data_dir)?;
    let files = store::sqlite::restore(backup, directory.path(), name)?;
    let mut names: Vec<String> = files.into_iter().map(|file| file.name).collect();
    names.push(name.to_owned());
    belong_to_the_directorys_owner(directory.path()).context("cannot give the files to their owner")?;
    Ok(names)
}

/// Root restores what a service under its own user has to read.
fn belong_to_the_directorys_owner(directory: &Path) -> io::Result<()> {
    let owner = fs::metadata(directory)?;
    for entry in fs::read_dir(directory)? {
        let (path, entry) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        let sent = entry.is_dir() && path.ends_with(FILES_FOLDER);
        if (entry.is_file() || sent) && entry.uid() != owner.uid() {
            chown(&path, Some(owner.uid()), Some(owner.gid()))?;
        }
        if sent {
            belong_to_the_directorys_owner(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use store::sqlite::{Options, SqliteStore};
    use tempfile::TempDir;

    use super::*;

    fn backup(folder: &Path) -> PathBuf {
        let store = SqliteStore::open(&folder.join("source.db"), Options::default()).unwrap();
        let file = folder.join("backup");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(store::Store::backup(&*store, &file, Vec::new(), None)).unwrap();
        file
    }

    #[test]
    fn a_backup_is_restored_into_a_directory_that_is_made_for_it_and_never_over_a_store() {
        let folder = TempDir::new().unwrap();
        let configuration = Configuration::new("x.internal", &folder.path().join("data"), "X");
        let backup = backup(folder.path());
        assert_eq!(restore_into(&configuration, &backup).unwrap(), ["messngr.db"]);
        assert!(folder.path().join("data/messngr.db").exists());
        let error = restore_into(&configuration, &backup).unwrap_err().to_string();
        assert!(error.contains("exists already"), "{error}");
    }

    #[test]
    fn nothing_is_restored_while_another_process_has_the_directory_or_where_the_store_is_elsewhere() {
        let folder = TempDir::new().unwrap();
        let mut configuration = Configuration::new("x.internal", &folder.path().join("data"), "X");
        let backup = backup(folder.path());
        let running = DataDirectory::open(&configuration.data_dir).unwrap();
        let error = restore_into(&configuration, &backup).unwrap_err().to_string();
        assert!(error.contains("is in use by"), "{error}");
        drop(running);
        configuration.store.url = "sqlite:/elsewhere/messngr.db".to_owned();
        let error = restore_into(&configuration, &backup).unwrap_err().to_string();
        assert!(error.contains("/elsewhere/messngr.db"), "{error}");
        assert!(!folder.path().join("data/messngr.db").exists());
    }
}
