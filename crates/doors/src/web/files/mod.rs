//! Files by HTTP: put once where a place was given for them (XEP-0363 §4), fetched by whoever knows their address, also
//! in parts.

mod range;

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, RANGE, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
    routing::{get, put},
};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt;
use hub::{FileError, FileSlot, Hub, HubError, SlotId};
use store::{FileId, FileRecord};
use tokio::sync::mpsc;

use self::range::Part;

/// How long nothing may come of a file that is put.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How many bytes are read of a file at a time.
const PIECE_BYTES: usize = 64 << 10;
/// How many pieces may wait for who fetches.
const PIECES_MAX: usize = 4;

/// What a browser may show in its place: it cannot hold anything that acts.
const PICTURES: [&str; 4] = ["image/gif", "image/jpeg", "image/png", "image/webp"];

/// Where files are put and fetched. Nobody signs in: who puts has a place that was given once, and who fetches knows an
/// address that cannot be guessed.
pub fn router(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/files/put/{slot}/{name}", put(take))
        .route("/files/{id}/{name}", get(give))
        // The size is the place's: more is not read.
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(hub)
}

/// The addresses of a place: where its file is put, and where it is then.
pub fn addresses(base_url: &str, slot: &FileSlot) -> (String, String) {
    let name = escaped(&slot.draft.name);
    (format!("{base_url}/files/put/{}/{name}", slot.slot), format!("{base_url}/files/{}/{name}", slot.id))
}

async fn take(
    State(hub): State<Arc<Hub>>,
    Path((slot, _)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let Some(slot) = SlotId::parse(&slot) else { return refused(&FileError::NoSlot.into()) };
    let Some(length) = length else {
        return (StatusCode::LENGTH_REQUIRED, "say the file's size").into_response();
    };
    match receive(&hub, slot, length, body).await {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(error) => refused(&error),
    }
}

async fn receive(hub: &Hub, slot: SlotId, length: u64, mut body: Body) -> Result<(), HubError> {
    let mut incoming = hub.begin_file(slot, Some(length))?;
    loop {
        let silent = |_| FileError::Disk { why: "nothing more came".to_owned() };
        match tokio::time::timeout(SILENCE_MAX, body.frame()).await.map_err(silent)? {
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    incoming.take(bytes).await?;
                }
            }
            Some(Err(error)) => return Err(FileError::Disk { why: error.to_string() }.into()),
            None => break,
        }
    }
    hub.finish_file(incoming).await.map(drop)
}

async fn give(
    State(hub): State<Arc<Hub>>,
    Path((id, _)): Path<(String, String)>,
    method: Method,
    mut asked: HeaderMap,
) -> Response {
    if method != Method::GET {
        // Parts are for those who fetch (RFC 9110 §14.2).
        asked.remove(RANGE);
    }
    let Ok(id) = id.parse::<FileId>() else { return not_found() };
    match hub.open_file(id).await {
        Ok(Some((record, file))) => answer(&record, file, &asked),
        Ok(None) => not_found(),
        Err(error) => refused(&error),
    }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is no such file").into_response()
}

/// The file as something that nobody runs: a browser shows plain pictures and saves everything else.
fn answer(record: &FileRecord, file: File, asked: &HeaderMap) -> Response {
    let is_picture = PICTURES.contains(&record.media_type.as_str());
    let place = if is_picture { "inline" } else { "attachment" };
    let disposition = format!("{place}; filename*=UTF-8''{}", escaped(&record.name));
    let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    let kind = if record.media_type.is_empty() { "application/octet-stream" } else { &record.media_type };
    // An address has the same bytes for ever: the id says which.
    let tag = value(&format!("\"{}\"", record.id));
    let (size, part) = (record.size, range::asked(asked, record.size, &tag));
    let (status, begin, count) = match part {
        Part::Whole => (StatusCode::OK, 0, size),
        Part::Some { begin, count } => (StatusCode::PARTIAL_CONTENT, begin, count),
        Part::Nothing => {
            let whole = [(CONTENT_RANGE, value(&format!("bytes */{size}")))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, whole, "the file has no such bytes").into_response();
        }
    };
    let headers: [(HeaderName, HeaderValue); 8] = [
        (CONTENT_TYPE, value(kind)),
        (CONTENT_LENGTH, value(&count.to_string())),
        (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (ETAG, tag),
        (CONTENT_DISPOSITION, value(&disposition)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
    ];
    let mut response = (status, headers, read(file, begin, count)).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        let place = value(&format!("bytes {begin}-{}/{size}", begin + count - 1));
        response.headers_mut().insert(CONTENT_RANGE, place);
    }
    response
}

/// So many bytes from here on, as they are taken: the disk is read by a thread that may wait.
fn read(mut file: File, begin: u64, count: u64) -> Body {
    let (sender, receiver) = mpsc::channel::<std::io::Result<Bytes>>(PIECES_MAX);
    tokio::task::spawn_blocking(move || {
        if begin > 0
            && let Err(error) = file.seek(SeekFrom::Start(begin))
        {
            return drop(sender.blocking_send(Err(error)));
        }
        let mut file = file.take(count);
        loop {
            let mut piece = vec![0; PIECE_BYTES];
            let read = match file.read(&mut piece) {
                Ok(0) => return,
                Ok(count) => {
                    piece.truncate(count);
                    Ok(piece.into())
                }
                Err(error) => Err(error),
            };
            let failed = read.is_err();
            if sender.blocking_send(read).is_err() || failed {
                return;
            }
        }
    });
    let next =
        |mut receiver: mpsc::Receiver<_>| async move { receiver.recv().await.map(|piece| (piece, receiver)) };
    Body::from_stream(stream::unfold(receiver, next))
}

fn refused(error: &HubError) -> Response {
    let status = match error {
        HubError::File(FileError::NoSlot | FileError::Closed) => StatusCode::FORBIDDEN,
        HubError::File(FileError::WrongSize { .. }) => StatusCode::BAD_REQUEST,
        HubError::File(FileError::TooLarge { .. } | FileError::QuotaReached { .. }) => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        HubError::File(FileError::Disk { .. }) => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, error.to_string()).into_response()
}

/// As it stands in an address or a header (RFC 3986 §2.1, RFC 8187 §3.2.1).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
