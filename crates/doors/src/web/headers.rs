use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{
            ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
            REFERRER_POLICY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};

use super::WebDoor;

/// What every answer says to browsers, unless the page says something of its own: it is what it says it is, it is
/// shown in no frame, it loads nothing, no other place may embed it, and nothing of it is kept.
const HEADERS: [(HeaderName, &str); 7] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (X_FRAME_OPTIONS, "DENY"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What browsers look for in pages alone, and what would make a hundred small files heavier by a third.
const OF_PAGES: [HeaderName; 4] = [
    REFERRER_POLICY,
    X_FRAME_OPTIONS,
    CONTENT_SECURITY_POLICY,
    HeaderName::from_static("cross-origin-opener-policy"),
];

/// The types of what is a part of pages and never one itself, as an image in SVG can be.
const PARTS: [&str; 4] = ["audio/", "font/", "text/css", "text/javascript"];

/// Completes an answer, and counts it.
pub(super) async fn secure(State(door): State<Arc<WebDoor>>, request: Request, next: Next) -> Response {
    let is_script = request.headers().get("sec-fetch-mode").is_some_and(|mode| mode != "navigate");
    let mut answer = next.run(request).await;
    door.traffic.count(answer.status().as_u16());
    if is_script {
        ask_no_browser(answer.headers_mut());
    }
    complete(answer.headers_mut());
    answer
}

/// A browser would ask the person for a name and a password by itself, over the page that asks for them (RFC 9110
/// §11.6.1).
fn ask_no_browser(headers: &mut HeaderMap) {
    let challenges: Vec<HeaderValue> = headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .filter(|challenge| !challenge.as_bytes().starts_with(b"Basic"))
        .cloned()
        .collect();
    headers.remove(WWW_AUTHENTICATE);
    for challenge in challenges {
        headers.append(WWW_AUTHENTICATE, challenge);
    }
}

fn complete(headers: &mut HeaderMap) {
    // What may be read from everywhere may be embedded everywhere.
    let is_public = headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN);
    let is_part = is_part_of_pages(headers);
    for (name, value) in HEADERS {
        let does_not_fit = is_public && name.as_str() == "cross-origin-resource-policy"
            || is_part && OF_PAGES.contains(&name);
        if !does_not_fit && !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

fn is_part_of_pages(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    PARTS.iter().any(|part| media_type.starts_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_says_nothing_that_is_for_pages() {
        let told = |media_type: &'static str| {
            let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
            complete(&mut headers);
            headers
        };
        let script = told("text/javascript; charset=utf-8");
        assert!(!script.contains_key(CONTENT_SECURITY_POLICY) && script.contains_key(X_CONTENT_TYPE_OPTIONS));
        assert!(told("image/svg+xml").contains_key(CONTENT_SECURITY_POLICY));
    }

    #[test]
    fn an_answer_says_everything_once_and_a_page_may_say_what_it_loads() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'self'"));
        complete(&mut headers);
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "default-src 'self'");
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
        assert_eq!(headers.len(), HEADERS.len());
    }
}
