//! Files by HTTP: put once where a place was given for them (XEP-0363 §4), fetched by whoever knows their address, also
//! in parts.

mod range;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, RANGE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
    routing::{get, put},
};
use futures_util::stream;
use http_body_util::BodyExt;
use hub::{FileError, FileSlot, Hub, HubError, Outgoing, SlotId};
use store::{FileId, FileRecord};
use tokio::time::{Instant, timeout_at};

use self::range::Part;
use super::{
    Arrived,
    transfers::{Crowded, Transfer, Transfers},
};

/// How long nothing may come of a file that is put.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// What a browser may show in its place: it cannot hold anything that acts.
const PICTURES: [&str; 4] = ["image/gif", "image/jpeg", "image/png", "image/webp"];

/// What the handlers need.
#[derive(Clone)]
struct Files {
    hub: Arc<Hub>,
    transfers: Arc<Transfers>,
}

/// Where files are put and fetched. Nobody signs in: who puts has a place that was given once, and who fetches knows an
/// address that cannot be guessed.
pub fn router(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/files/put/{slot}/{name}", put(take))
        .route("/files/{id}/{name}", get(give))
        // The size is the place's: more is not read.
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(Files { hub, transfers: Arc::default() })
}

/// The addresses of a place: where its file is put, and where it is then.
pub fn addresses(base_url: &str, slot: &FileSlot) -> (String, String) {
    let name = escaped(&slot.draft.name);
    (format!("{base_url}/files/put/{}/{name}", slot.slot), format!("{base_url}/files/{}/{name}", slot.id))
}

async fn take(
    State(files): State<Files>,
    Path((slot, _)): Path<(String, String)>,
    arrived: Option<Extension<Arrived>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let Some(slot) = SlotId::parse(&slot) else { return refused(&FileError::NoSlot.into()) };
    let Some(length) = length else {
        return (StatusCode::LENGTH_REQUIRED, "say the file's size").into_response();
    };
    let transfer = match files.transfers.begin(source(arrived)) {
        Ok(transfer) => transfer.of(length),
        Err(crowded) => return crowded.into_response(),
    };
    match receive(&files.hub, slot, length, body, &transfer).await {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(error) => refused(&error),
    }
}

/// Who does not say where they are, are one.
fn source(arrived: Option<Extension<Arrived>>) -> IpAddr {
    arrived.map_or(Ipv4Addr::UNSPECIFIED.into(), |Extension(arrived)| arrived.source)
}

async fn receive(
    hub: &Arc<Hub>,
    slot: SlotId,
    length: u64,
    mut body: Body,
    transfer: &Transfer,
) -> Result<(), HubError> {
    let mut incoming = hub.begin_file(slot, Some(length)).await?;
    loop {
        let silent = |_| FileError::Disk { why: "nothing more came, or it came too slowly".to_owned() };
        let until = transfer.until.min(Instant::now() + SILENCE_MAX);
        match timeout_at(until, body.frame()).await.map_err(silent)? {
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    incoming.take(bytes).await?;
                }
            }
            Some(Err(error)) => return Err(FileError::Disk { why: error.to_string() }.into()),
            None => break,
        }
    }
    // What has come whole is taken, or nothing of it stays, also where nobody waits for the answer any more.
    let hub = hub.clone();
    let finished = tokio::spawn(async move { hub.finish_file(incoming).await });
    finished.await.map_err(|error| FileError::Disk { why: error.to_string() })?.map(drop)
}

async fn give(
    State(files): State<Files>,
    Path((id, _)): Path<(String, String)>,
    arrived: Option<Extension<Arrived>>,
    method: Method,
    mut asked: HeaderMap,
) -> Response {
    if method != Method::GET {
        // Parts are for those who fetch (RFC 9110 §14.2).
        asked.remove(RANGE);
    }
    let Ok(id) = id.parse::<FileId>() else { return not_found() };
    let transfer = match files.transfers.begin(source(arrived)) {
        Ok(transfer) => transfer,
        Err(crowded) => return crowded.into_response(),
    };
    match files.hub.open_file(id).await {
        Ok(Some((record, file))) => answer(&record, file, &asked, transfer),
        Ok(None) => not_found(),
        Err(error) => refused(&error),
    }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is no such file").into_response()
}

/// The file as something that nobody runs: a browser shows plain pictures and saves everything else.
fn answer(record: &FileRecord, file: Outgoing, asked: &HeaderMap, transfer: Transfer) -> Response {
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
    let file = file.part(begin, count);
    let mut response = (status, headers, read(file, transfer.of(count))).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        let place = value(&format!("bytes {begin}-{}/{size}", begin + count - 1));
        response.headers_mut().insert(CONTENT_RANGE, place);
    }
    response
}

/// The bytes as they are taken: the disk is asked for a piece when the client has the one before.
fn read(file: Outgoing, transfer: Transfer) -> Body {
    let next = |(mut file, transfer): (Outgoing, Transfer)| async move {
        if Instant::now() >= transfer.until {
            return Err(std::io::Error::from(std::io::ErrorKind::TimedOut));
        }
        let piece = file.next().await.map_err(std::io::Error::other)?;
        Ok(piece.map(|piece| (piece, (file, transfer))))
    };
    Body::from_stream(stream::try_unfold((file, transfer), next))
}

impl IntoResponse for Crowded {
    fn into_response(self) -> Response {
        let (status, why) = match self {
            Self::Everywhere => (StatusCode::SERVICE_UNAVAILABLE, "too many files are on their way"),
            Self::Address => {
                (StatusCode::TOO_MANY_REQUESTS, "too many files are on their way to your address")
            }
        };
        (status, [(RETRY_AFTER, "10")], why).into_response()
    }
}

fn refused(error: &HubError) -> Response {
    let status = match error {
        HubError::File(FileError::NoSlot | FileError::Closed) => StatusCode::FORBIDDEN,
        HubError::File(FileError::WrongSize { .. }) => StatusCode::BAD_REQUEST,
        HubError::File(FileError::TooLarge { .. } | FileError::QuotaReached { .. }) => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        HubError::File(FileError::Disk { .. } | FileError::NoRoom) => StatusCode::INSUFFICIENT_STORAGE,
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
