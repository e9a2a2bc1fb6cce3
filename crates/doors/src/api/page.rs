//! Lists, a page at a time: `?after=CURSOR&limit=N`, and where there is more, `Link: <…>; rel="next"` (RFC 8288).

use axum::{
    Json,
    extract::{FromRequestParts, OriginalUri},
    http::{HeaderValue, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Problem;

/// The most things on a page, and how many there are where nobody says.
pub(super) const PAGE_MAX: usize = 1_000;

/// The query of a list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    /// Where the page begins: behind what the page before ended with. Its `Link` says it.
    pub(super) after: Option<String>,
    /// How many at most: 1 to 1,000; 1,000 where left out.
    pub(super) limit: Option<usize>,
}

/// A page of a list, and where the next one is.
#[derive(Debug)]
pub(super) struct Page<T> {
    items: Vec<T>,
    next: Option<HeaderValue>,
}

/// Where a list was asked for.
#[derive(Clone, Debug)]
pub(super) struct Place(Uri);

impl<T> Page<T> {
    /// A page whose successor begins behind `next`.
    pub(super) fn new(items: Vec<T>, next: Option<String>, place: &Place) -> Self {
        Self { items, next: next.and_then(|cursor| place.link(&cursor)) }
    }

    /// A page of a list that is known whole. It is in the order of its keys, and no two are alike.
    pub(super) fn of(
        mut all: Vec<T>,
        key: impl Fn(&T) -> String,
        query: &PageQuery,
        place: &Place,
    ) -> Result<Self, Problem> {
        let limit = limit(query.limit)?;
        all.sort_by_cached_key(&key);
        if let Some(after) = &query.after {
            let begin = all.partition_point(|item| key(item) <= *after);
            all.drain(..begin);
        }
        let more = all.len() > limit;
        all.truncate(limit);
        let next = all.last().filter(|_| more).map(key);
        Ok(Self::new(all, next, place))
    }
}

/// How many things a page has.
pub(super) fn limit(wanted: Option<usize>) -> Result<usize, Problem> {
    match wanted.unwrap_or(PAGE_MAX) {
        limit @ 1..=PAGE_MAX => Ok(limit),
        _ => Err(Problem::invalid(format!("limit is 1 to {PAGE_MAX}"))),
    }
}

impl Place {
    /// The same list, from behind `cursor`.
    fn link(&self, cursor: &str) -> Option<HeaderValue> {
        // `since` says where the first page begins.
        let kept =
            |pair: &&str| !pair.is_empty() && !pair.starts_with("after=") && !pair.starts_with("since=");
        let mut query: Vec<&str> = self.0.query().unwrap_or_default().split('&').filter(kept).collect();
        let after = format!("after={}", encoded(cursor));
        query.push(&after);
        HeaderValue::from_str(&format!("<{}?{}>; rel=\"next\"", self.0.path(), query.join("&"))).ok()
    }
}

/// Percent-encoded, as a value in a query (RFC 3986 §2.1).
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

impl<S: Send + Sync> FromRequestParts<S> for Place {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let OriginalUri(uri) = OriginalUri::from_request_parts(parts, state).await?;
        Ok(Self(uri))
    }
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let mut answer = Json(self.items).into_response();
        if let Some(next) = self.next {
            answer.headers_mut().insert(header::LINK, next);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(after: Option<&str>, limit: usize) -> (Vec<&'static str>, Option<String>) {
        let place = Place("/api/v1/groups?limit=2&after=x&all=true".parse().unwrap());
        let query = PageQuery { after: after.map(str::to_owned), limit: Some(limit) };
        let page = Page::of(vec!["c", "a", "b"], |item| (*item).to_owned(), &query, &place).unwrap();
        (page.items, page.next.map(|next| next.to_str().unwrap().to_owned()))
    }

    #[test]
    fn pages_follow_each_other_until_the_list_is_whole() {
        let next = "</api/v1/groups?limit=2&all=true&after=b>; rel=\"next\"".to_owned();
        assert_eq!(page(None, 2), (vec!["a", "b"], Some(next)));
        assert_eq!(page(Some("b"), 2), (vec!["c"], None));
        assert_eq!(page(None, 3), (vec!["a", "b", "c"], None));
        assert_eq!(page(Some("z"), 2), (vec![], None), "also where that is gone");
    }

    #[test]
    fn a_page_has_a_limit_and_a_cursor_may_be_anything() {
        assert!(limit(Some(0)).is_err() && limit(Some(1_001)).is_err());
        let place = Place("/api/v1/sessions".parse().unwrap());
        let link = place.link("anna@x/desk & <phone>").unwrap();
        assert_eq!(link, "</api/v1/sessions?after=anna%40x%2Fdesk%20%26%20%3Cphone%3E>; rel=\"next\"");
    }
}
