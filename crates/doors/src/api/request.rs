//! Requests become values, or problems.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::Problem;

/// The most bytes of a request's body.
const BODY_BYTES_MAX: usize = 1_048_576;

/// The most bytes of a body that is too large that are read all the same.
const DISCARDED_BYTES_MAX: usize = 67_108_864;

/// How long a request's body may take to come, in seconds.
const BODY_SECONDS_MAX: u64 = 30;

/// Takes the whole body before anything else is done, so that size and time are limited in one place.
pub(super) async fn take_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match whole(body).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(problem) => problem.into_response(),
    }
}

async fn whole(body: Body) -> Result<Bytes, Problem> {
    match tokio::time::timeout(Duration::from_secs(BODY_SECONDS_MAX), collect(body, BODY_BYTES_MAX)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::too_large(BODY_BYTES_MAX)),
        Ok(Err(error)) => Err(Problem::invalid(format!("the body of the request broke off: {error}"))),
        Err(_) => Err(Problem::too_slow(BODY_SECONDS_MAX)),
    }
}

/// All of a body that has no more bytes than this. Of a larger one the rest is read and thrown away, within reason: a
/// client that sends and is hung up on does not hear why (RFC 9112 §9.6).
pub(crate) async fn collect(
    mut body: Body,
    bytes_max: usize,
) -> Result<Bytes, Box<dyn std::error::Error + Send + Sync>> {
    let collected = Limited::new(&mut body, bytes_max).collect().await;
    if collected.as_ref().is_err_and(|error| error.is::<LengthLimitError>()) {
        let mut left = DISCARDED_BYTES_MAX;
        while let Some(Ok(frame)) = body.frame().await {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            let Some(rest) = left.checked_sub(bytes) else { break };
            left = rest;
        }
    }
    Ok(collected?.to_bytes())
}

/// The JSON body of a request.
pub(super) struct Input<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let json = |value: &header::HeaderValue| {
            let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case("application/json")
        };
        if !request.headers().get(header::CONTENT_TYPE).is_some_and(json) {
            return Err(Problem::not_json());
        }
        let bytes = whole(request.into_body()).await?;
        // A list of values would be read as the fields in the order in which they are declared.
        if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(Problem::invalid("an object is expected: {…}"));
        }
        let value = serde_json::from_slice(&bytes).map_err(|error| Problem::invalid(error.to_string()))?;
        Ok(Self(value))
    }
}

/// The most bytes of a sender's own id.
const KEY_BYTES_MAX: usize = 200;

/// The sender's own id of what it sends, from the header `Idempotency-Key`: what comes again under the same one is
/// taken once.
pub(super) struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// The id, whether the header says it or the document.
    pub(super) fn or(self, in_document: Option<String>) -> Result<Option<String>, Problem> {
        match (self.0, in_document) {
            (Some(header), Some(document)) if header != document => {
                Err(Problem::invalid("Idempotency-Key and the id in the document are not the same"))
            }
            (header, document) => header.or(document).map(checked_key).transpose(),
        }
    }
}

fn checked_key(key: String) -> Result<String, Problem> {
    if (1..=KEY_BYTES_MAX).contains(&key.len()) {
        return Ok(key);
    }
    Err(Problem::invalid(format!("an id has 1 to {KEY_BYTES_MAX} bytes")))
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(key) = parts.headers.get(::api::IDEMPOTENCY_KEY) else { return Ok(Self(None)) };
        let key = std::str::from_utf8(key.as_bytes())
            .map_err(|_| Problem::invalid("Idempotency-Key is not UTF-8"))?;
        Ok(Self(Some(key.to_owned())))
    }
}

/// The version of what a request wants to change, from the header `If-Match` (RFC 9110 §13.1.1): one strong entity tag,
/// or `*` for whichever.
pub(super) struct Seen(pub(super) Option<hub::DraftVersion>);

impl<S: Send + Sync> FromRequestParts<S> for Seen {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut said = parts.headers.get_all(header::IF_MATCH).iter();
        let (Some(value), None) = (said.next(), said.next()) else {
            return match parts.headers.contains_key(header::IF_MATCH) {
                true => Err(Problem::invalid("If-Match is said once")),
                false => Ok(Self(None)),
            };
        };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let tag = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let tag =
            tag.ok_or_else(|| Problem::invalid("If-Match is one entity tag in quotation marks, or *"))?;
        Ok(Self(tag.parse().ok()))
    }
}

/// The parameters in a request's query.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(value) = Query::from_request_parts(parts, state)
            .await
            .map_err(|error| Problem::invalid(error.body_text()))?;
        Ok(Self(value))
    }
}
