//! Where whoever has no client confirms an alert: a plain page for the browser of an old machine, in which the code from
//! the message is entered. It needs no script, no cookie and no style.

mod page;

use std::{sync::Arc, time::Instant};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::ConfirmationCode;
use hub::{Hub, HubError};

use self::page::Words;
use super::{Arrived, WebDoor, forwarded, guard};
use crate::{
    language::Language,
    network::{Cause, PerMinute},
};

/// How many codes one network address may guess within a minute.
const GUESSES_PER_MINUTE_MAX: u32 = 10;

/// The most bytes of a form.
const FORM_BYTES_MAX: usize = 4_096;

/// What the page may do: send its own form.
const POLICY: &str = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

struct Codes {
    hub: Arc<Hub>,
    guesses: Arc<PerMinute>,
}

/// The page. Links to it stand in messages; what confirms comes from itself.
pub(super) fn router(door: &Arc<WebDoor>) -> Router {
    let guesses = door.gate.counter(Cause::Codes, GUESSES_PER_MINUTE_MAX);
    let codes = Arc::new(Codes { hub: door.service.hub().clone(), guesses });
    let shown = Router::new()
        .route("/c", get(enter))
        .route("/c/{code}", get(show))
        .layer(from_fn_with_state(door.clone(), guard::refuse_other_names));
    let confirmed = Router::new()
        .route("/c/{code}", post(confirm))
        .layer(axum::extract::DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(door.clone(), guard::refuse_strangers));
    shown.merge(confirmed).layer(from_fn_with_state(door.clone(), forwarded::believe)).with_state(codes)
}

/// `GET /c`: asks for the code; with one, leads to it.
async fn enter(headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let fields = query.unwrap_or_default();
    let code = form_urlencoded::parse(fields.as_bytes()).find(|(name, _)| name == "code");
    match code.map(|(_, code)| code.parse::<ConfirmationCode>()) {
        Some(Ok(code)) => Redirect::to(&format!("/c/{code}")).into_response(),
        Some(Err(_)) => answer(StatusCode::NOT_FOUND, page::enter(words(&headers), true)),
        None => answer(StatusCode::OK, page::enter(words(&headers), false)),
    }
}

/// `GET /c/CODE`: what is to be confirmed, and with what.
async fn show(
    State(codes): State<Arc<Codes>>,
    Extension(arrived): Extension<Arrived>,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Response {
    let words = words(&headers);
    if !codes.guesses.may(arrived.source, Instant::now()) {
        return answer(StatusCode::TOO_MANY_REQUESTS, page::too_often(words));
    }
    let Ok(code) = code.parse::<ConfirmationCode>() else { return codes.wrong(&arrived, words) };
    match codes.hub.alert_of_code(code).await {
        Ok((alert, computer)) => answer(StatusCode::OK, page::alert(words, &alert, &computer, code)),
        Err(error) => codes.refused(&error, &arrived, words),
    }
}

/// `POST /c/CODE`: confirms.
async fn confirm(
    State(codes): State<Arc<Codes>>,
    Extension(arrived): Extension<Arrived>,
    headers: HeaderMap,
    Path(code): Path<String>,
    form: Bytes,
) -> Response {
    let words = words(&headers);
    if !codes.guesses.may(arrived.source, Instant::now()) {
        return answer(StatusCode::TOO_MANY_REQUESTS, page::too_often(words));
    }
    let Ok(code) = code.parse::<ConfirmationCode>() else { return codes.wrong(&arrived, words) };
    let choice = form_urlencoded::parse(&form).find(|(name, _)| name == "choice");
    let choice = choice.map(|(_, choice)| choice.into_owned()).unwrap_or_default();
    let source = hub::source_text(arrived.source);
    match codes.hub.confirm_by_code(code, &choice, source).await {
        Ok(confirmed) => answer(StatusCode::OK, page::confirmed(words, &confirmed)),
        Err(HubError::NoSuchChoice { .. }) => match codes.hub.alert_of_code(code).await {
            Ok((alert, computer)) => {
                answer(StatusCode::UNPROCESSABLE_ENTITY, page::alert(words, &alert, &computer, code))
            }
            Err(error) => codes.refused(&error, &arrived, words),
        },
        Err(error) => codes.refused(&error, &arrived, words),
    }
}

impl Codes {
    fn refused(&self, error: &HubError, arrived: &Arrived, words: &'static Words) -> Response {
        match error {
            HubError::NoSuchCode => self.wrong(arrived, words),
            _ => answer(StatusCode::SERVICE_UNAVAILABLE, page::unavailable(words)),
        }
    }

    /// Nobody has such a code: whoever has given it may not guess for ever.
    fn wrong(&self, arrived: &Arrived, words: &'static Words) -> Response {
        self.guesses.count(arrived.source, Instant::now());
        answer(StatusCode::NOT_FOUND, page::enter(words, true))
    }
}

fn words(headers: &HeaderMap) -> &'static Words {
    page::words(Language::of(headers))
}

fn answer(status: StatusCode, page: String) -> Response {
    let mut answer = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // Told to name no page at all, a browser says of the form that it comes from nowhere (Fetch, "append a request
    // `Origin` header"), and it would be refused.
    answer.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    answer
}
