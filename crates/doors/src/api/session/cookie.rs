use auth::TokenSecret;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use domain::BrowserSession;

use crate::{
    api::Problem,
    web::{Arrived, Secrecy},
};

/// The cookie of a page that was reached by HTTPS: browsers take it only so, for this host alone
/// (draft-ietf-httpbis-rfc6265bis §4.1.3.2).
const SECURE: &str = "__Host-messngr";

/// The cookie where nothing is encrypted and only this machine can hear it.
const PLAIN: &str = "messngr";

/// The cookie that signs a browser in. Without `session`, the one that signs it out.
pub(crate) fn set(
    secret: Option<&TokenSecret>,
    session: Option<&BrowserSession>,
    headers: &HeaderMap,
    arrived: &Arrived,
) -> HeaderValue {
    let name = if is_encrypted(headers, arrived) { SECURE } else { PLAIN };
    let value = secret.map(TokenSecret::to_text).unwrap_or_default();
    let secure = if name == SECURE { "; Secure" } else { "" };
    let age = match session {
        Some(session) if session.remembered => format!("; Max-Age={}", session.lasts().as_secs()),
        // It ends with the browser.
        Some(_) => String::new(),
        None => "; Max-Age=0".to_owned(),
    };
    let text = format!("{name}={value}; Path=/{secure}; HttpOnly; SameSite=Strict{age}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// The secret that a browser shows, if it shows any.
///
/// # Errors
/// The request changes something, or opens a stream, and does not say which page has sent it: browsers always do.
pub(crate) fn shown(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    arrived: &Arrived,
) -> Result<Option<TokenSecret>, Problem> {
    let Some(secret) = found(headers, arrived) else { return Ok(None) };
    let changes = ![Method::GET, Method::HEAD].contains(method) || path == "/api/v1/events";
    // Whether it is one of our own pages, the guard has seen.
    if changes && !headers.contains_key(header::ORIGIN) {
        return Err(Problem::forbidden("a request with a cookie that changes something has an Origin"));
    }
    Ok(Some(secret))
}

fn found(headers: &HeaderMap, arrived: &Arrived) -> Option<TokenSecret> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies: Vec<(&str, &str)> =
        values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('=')).collect();
    let named = |name: &str| {
        let found = cookies.iter().find(|(known, _)| *known == name);
        found.and_then(|(_, value)| TokenSecret::parse(value))
    };
    let plain = || named(PLAIN).filter(|_| arrived.secrecy == Secrecy::ThisMachine);
    named(SECURE).or_else(plain)
}

/// Whether the browser has reached us by HTTPS: a proxy may stand before the listener that does not encrypt.
fn is_encrypted(headers: &HeaderMap, arrived: &Arrived) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    match arrived.secrecy {
        Secrecy::Tls => true,
        Secrecy::Nobody => false,
        Secrecy::ThisMachine => match origin {
            Some(origin) => origin.starts_with("https://"),
            None => headers
                .get_all(header::COOKIE)
                .iter()
                .any(|value| value.to_str().is_ok_and(|value| value.contains(SECURE))),
        },
    }
}
