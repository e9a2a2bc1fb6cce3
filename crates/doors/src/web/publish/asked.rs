//! Who asks, wherever an interface lets them say it.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{Extensions, HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

use super::{Caller, Denied, Publishing};

/// The most parameters of a query that are looked at.
const PARAMETERS_MAX: usize = 64;

/// A request, as far as it says who asks.
pub(super) struct Asked {
    /// Who has proven that it is them; none where nobody has tried.
    pub(super) caller: Option<Arc<dyn Caller>>,
    /// From which network address.
    pub(super) source: Option<IpAddr>,
    /// The parameters of the query.
    pub(super) query: Vec<(String, String)>,
}

impl Asked {
    /// Who asks. Whoever has tried to prove it and not done so is refused, whatever the request is for.
    pub(super) async fn of(publishing: &Publishing, parts: &Parts) -> Result<Self, Denied> {
        let query = parameters(parts.uri.query().unwrap_or_default().as_bytes());
        let caller = match parts.extensions.get::<Identified>() {
            Some(identified) => identified.0.clone()?,
            None => caller(publishing, &parts.headers, &query, &parts.extensions).await?,
        };
        Ok(Self { caller, source: publishing.prover.source(&parts.extensions), query })
    }

    /// The first parameter that has one of these names.
    pub(super) fn parameter(&self, names: &[&str]) -> Option<&str> {
        let found =
            self.query.iter().find(|(name, _)| names.iter().any(|known| name.eq_ignore_ascii_case(known)));
        found.map(|(_, value)| value.as_str())
    }
}

/// Who asks, as it was found out before the request was counted.
#[derive(Clone)]
struct Identified(Result<Option<Arc<dyn Caller>>, Denied>);

/// Finds out who asks before anything else looks at the request, and puts whoever has proven themselves among its
/// extensions. Whoever has tried and not done it is refused by the interface, in the form that it has for that.
pub(in crate::web) async fn identify(
    State(publishing): State<Arc<Publishing>>,
    mut request: Request,
    next: Next,
) -> Response {
    let query = parameters(request.uri().query().unwrap_or_default().as_bytes());
    let headers = request.headers().clone();
    let found = caller(&publishing, &headers, &query, request.extensions()).await;
    if let Ok(Some(caller)) = &found
        && let Some(peer) = caller.peer().cloned()
    {
        request.extensions_mut().insert(peer);
    }
    request.extensions_mut().insert(Identified(found));
    next.run(request).await
}

async fn caller(
    publishing: &Publishing,
    headers: &HeaderMap,
    query: &[(String, String)],
    extensions: &Extensions,
) -> Result<Option<Arc<dyn Caller>>, Denied> {
    match credentials(headers, query)? {
        Some(credentials) => Ok(Some(publishing.prover.prove(&credentials, extensions).await?)),
        None => Ok(None),
    }
}

/// The fields of a form or a query.
pub(super) fn parameters(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text)
        .take(PARAMETERS_MAX)
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// What `Authorization` says; else what ntfy's `auth` parameter says, which is such a header in Base64; else Gotify's
/// header or its `token` parameter.
fn credentials(headers: &HeaderMap, query: &[(String, String)]) -> Result<Option<HeaderValue>, Denied> {
    let mut said = headers.get_all(header::AUTHORIZATION).iter();
    if let Some(value) = said.next() {
        return match said.next() {
            Some(_) => Err(Denied::NotProven("Authorization is said once".to_owned())),
            None => Ok(Some(value.clone())),
        };
    }
    let parameter =
        |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if let Some(encoded) = parameter("auth") {
        let wrong = || Denied::NotProven("`auth` is a whole Authorization header in Base64".to_owned());
        let encoded = encoded.trim_end_matches('=');
        let decoded =
            [STANDARD_NO_PAD, URL_SAFE_NO_PAD].iter().find_map(|engine| engine.decode(encoded).ok());
        let value = decoded.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok());
        return value.map(Some).ok_or_else(wrong);
    }
    let key = match headers.get("x-gotify-key") {
        Some(value) => value.to_str().ok(),
        None => parameter("token"),
    };
    let Some(token) = key.filter(|token| !token.is_empty()) else { return Ok(None) };
    let wrong = |_| Denied::NotProven("this is not a token".to_owned());
    HeaderValue::try_from(format!("Bearer {token}")).map(Some).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    fn found(headers: &[(&'static str, &str)], query: &str) -> Result<Option<String>, ()> {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let found = credentials(&headers.collect(), &parameters(query.as_bytes())).map_err(|_| ())?;
        Ok(found.map(|value| value.to_str().unwrap().to_owned()))
    }

    #[test]
    fn credentials_are_found_wherever_publishers_put_them() {
        let bearer = Ok(Some("Bearer abc".to_owned()));
        assert_eq!(found(&[("authorization", "Bearer abc")], "token=other"), bearer);
        assert_eq!(found(&[("x-gotify-key", "abc")], ""), bearer);
        assert_eq!(found(&[], "title=x&token=abc"), bearer);
        for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            let encoded: String =
                form_urlencoded::byte_serialize(engine.encode("Bearer abc").as_bytes()).collect();
            assert_eq!(found(&[], &format!("auth={encoded}")), bearer);
        }
        assert_eq!(found(&[], "x=y"), Ok(None));
        assert_eq!(found(&[], "token="), Ok(None));
    }

    #[test]
    fn credentials_that_can_be_none_are_refused_and_not_overlooked() {
        assert_eq!(found(&[], "auth=%25%25"), Err(()));
        assert_eq!(found(&[], "token=a%0Ab"), Err(()));
        assert_eq!(found(&[("authorization", "Bearer a"), ("authorization", "Bearer b")], ""), Err(()));
    }
}
