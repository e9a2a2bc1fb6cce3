//! A copy of everything, while the service runs.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use schemars::JsonSchema;
use serde::Deserialize;
use store::BackupFile;

use super::{Problem, Service, caller::Caller, request::Parameters};

/// Where the copy is while it is made. One that a killed service left there is replaced.
const FILE_NAME: &str = "backup.unfinished";

const CHUNK_BYTES: usize = 65_536;

/// The query of `POST /backup`.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Whether the files that people sent each other are in it: true where left out.
    files: Option<bool>,
}

/// `POST /backup`: answered with the backup, one file, which has exactly the length that `Content-Length` says: a
/// shorter one is not whole. It holds every secret of the service.
pub(super) async fn write(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Parameters(which): Parameters<Which>,
) -> Result<Response, Problem> {
    let _one_at_a_time = service.backing_up.lock().await;
    service.hub.note(&caller.actor, "backup", "", "").await?;
    let files = service.files_to_back_up.clone();
    let files = blocking(move || files.iter().map(|path| read(path)).collect::<io::Result<Vec<_>>>()).await?;
    let path = service.data_dir().join(FILE_NAME);
    remove(&path)?;
    let folder = service.hub.file_settings().map(|settings| settings.folder.clone());
    let folder = folder.unwrap_or_else(|| service.data_dir().join(store::sqlite::FILES_FOLDER));
    let sent = which.files.unwrap_or(true).then_some(folder.as_path());
    service.hub.store().backup(&path, files, sent).await?;
    let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
    // From here on the open file is the only thing that holds it: nothing is left behind, whatever happens.
    remove(&path)?;
    let (length, file) = opened.map_err(|error| failed(&path, &error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
    ];
    Ok((headers, Body::from_stream(stream::try_unfold(file, next_chunk))).into_response())
}

fn read(path: &Path) -> io::Result<BackupFile> {
    let say = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| say(ErrorKind::InvalidFilename.into()))?.to_owned();
    let mut file = File::open(path).map_err(say)?;
    let mode = file.metadata().map_err(say)?.permissions().mode() & 0o777;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(say)?;
    Ok(BackupFile { name, mode, bytes })
}

async fn next_chunk(mut file: File) -> io::Result<Option<(Bytes, File)>> {
    let read = move || {
        let mut chunk = vec![0; CHUNK_BYTES];
        let length = file.read(&mut chunk)?;
        chunk.truncate(length);
        Ok((length > 0).then(|| (Bytes::from(chunk), file)))
    };
    tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await.map_err(io::Error::other).flatten();
    done.map_err(|error| Problem::unavailable(format!("the backup cannot be made: {error}")))
}

fn remove(path: &Path) -> Result<(), Problem> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(path, &error)),
        _ => Ok(()),
    }
}

fn failed(path: &Path, error: &io::Error) -> Problem {
    Problem::unavailable(format!("the backup cannot be made: {}: {error}", path.display()))
}
