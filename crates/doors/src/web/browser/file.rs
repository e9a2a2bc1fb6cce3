use std::io::Read;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;

/// One file of the browser client.
#[derive(Clone, Copy, Debug)]
pub struct BrowserFile {
    /// Where it is, below the root and without the first slash: `js/main.js`.
    pub path: &'static str,
    /// What it is.
    pub media_type: &'static str,
    /// What it says, as half of the SHA-256 of that in hexadecimal.
    pub hash: &'static str,
    /// Whether `bytes` are compressed with gzip.
    pub is_packed: bool,
    /// What it says.
    pub bytes: &'static [u8],
}

/// A file is asked for again each time, and comes only where it has changed: another version of the program may be
/// there since.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Whoever names the version of a file (`?v=HASH`) never needs another.
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

impl BrowserFile {
    /// The file, or that whoever asks has it already (RFC 9110 §13.1.2).
    pub(super) fn answer(&self, headers: &HeaderMap, query: Option<&str>) -> Response {
        let packed = self.is_packed && takes_gzip(headers);
        // Two forms of one file have two tags (RFC 9110 §8.8.3.3).
        let tag = format!("\"{}{}\"", self.hash, if packed { "-gzip" } else { "" });
        let mut answer = if has(headers, &tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let body =
                if packed || !self.is_packed { Bytes::from_static(self.bytes) } else { self.unpacked() };
            ([(header::CONTENT_TYPE, self.media_type)], body).into_response()
        };
        let told = answer.headers_mut();
        if packed && !told.contains_key(header::CONTENT_ENCODING) {
            told.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let names_version = query.and_then(|query| query.strip_prefix("v=")) == Some(self.hash);
        told.insert(header::CACHE_CONTROL, if names_version { KEEP } else { ASK_AGAIN });
        told.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            told.insert(header::ETAG, tag);
        }
        answer
    }

    /// For programs that take nothing compressed: every browser does.
    fn unpacked(&self) -> Bytes {
        let mut bytes = Vec::new();
        // What the program carries was packed by its own build.
        drop(GzDecoder::new(self.bytes).read_to_end(&mut bytes));
        bytes.into()
    }
}

/// Whether gzip is among what the client takes, and not with a weight of nothing (RFC 9110 §12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        ["gzip", "*"].contains(&name.trim().to_ascii_lowercase().as_str())
            && weight.is_none_or(|weight| weight > 0.0)
    })
}

fn has(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(value: &str) -> bool {
        takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value.parse().unwrap())]))
    }

    #[test]
    fn what_is_packed_is_for_those_who_can_unpack_it() {
        assert!(takes("gzip, deflate, br") && takes("br;q=1.0, GZIP;q=0.8") && takes("*"));
        assert!(!takes("br") && !takes("gzip;q=0") && !takes("identity"));
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_tag_is_known_in_a_list_and_as_a_weak_one() {
        let known = |value: &str| {
            has(&HeaderMap::from_iter([(header::IF_NONE_MATCH, value.parse().unwrap())]), "\"a\"")
        };
        assert!(known("\"a\"") && known("\"b\", W/\"a\"") && known("*"));
        assert!(!known("\"b\"") && !known("a"));
    }
}
