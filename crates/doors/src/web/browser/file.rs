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
    /// What it says, as the first 8 bytes of the SHA-256 of that in hexadecimal.
    pub hash: &'static str,
    /// Whether `bytes` are compressed with gzip.
    pub is_packed: bool,
    /// What it says.
    pub bytes: &'static [u8],
    /// The same, compressed with Brotli (RFC 7932); nothing where that makes it no smaller.
    pub brotli: &'static [u8],
}

/// How a file travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Brotli,
}

/// A file is asked for again each time, and comes only where it has changed: another version of the program may be
/// there since.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Whoever names the version of a file (`?v=HASH`) never needs another.
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

impl BrowserFile {
    /// The file, or that whoever asks has it already (RFC 9110 §13.1.2).
    pub(super) fn answer(&self, headers: &HeaderMap, query: Option<&str>) -> Response {
        let coding = self.coding(headers);
        // Each form of one file has a tag of its own (RFC 9110 §8.8.3.3).
        let tag = format!("\"{}{}\"", self.hash, coding.tag());
        let mut answer = if has(headers, &tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let body = match coding {
                Coding::Brotli => Bytes::from_static(self.brotli),
                Coding::Identity if self.is_packed => self.unpacked(),
                Coding::Identity | Coding::Gzip => Bytes::from_static(self.bytes),
            };
            ([(header::CONTENT_TYPE, self.media_type)], body).into_response()
        };
        let told = answer.headers_mut();
        if let Some(name) = coding.name() {
            told.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        let names_version = query.and_then(|query| query.strip_prefix("v=")) == Some(self.hash);
        told.insert(header::CACHE_CONTROL, if names_version { KEEP } else { ASK_AGAIN });
        told.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            told.insert(header::ETAG, tag);
        }
        answer
    }

    fn coding(&self, headers: &HeaderMap) -> Coding {
        let fits = |coding: &Coding| match coding {
            Coding::Identity => true,
            Coding::Gzip => self.is_packed,
            Coding::Brotli => !self.brotli.is_empty(),
        };
        let taken = |coding: &Coding| coding.name().is_none_or(|name| takes(headers, name));
        let best = [Coding::Brotli, Coding::Gzip].into_iter().find(|coding| fits(coding) && taken(coding));
        best.unwrap_or(Coding::Identity)
    }

    /// For programs that take nothing compressed: every browser does.
    fn unpacked(&self) -> Bytes {
        let mut bytes = Vec::new();
        // What the program carries was packed by its own build.
        drop(GzDecoder::new(self.bytes).read_to_end(&mut bytes));
        bytes.into()
    }
}

impl Coding {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    fn tag(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-gzip",
            Self::Brotli => "-br",
        }
    }
}

/// Whether a coding is among what the client takes, and not with a weight of nothing (RFC 9110 §12.5.3).
fn takes(headers: &HeaderMap, wanted: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        [wanted, "*"].contains(&name.trim().to_ascii_lowercase().as_str())
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

    fn coding(value: &str) -> Coding {
        let file = BrowserFile {
            path: "js/main.js",
            media_type: "text/javascript",
            hash: "0123",
            is_packed: true,
            bytes: b"gzip",
            brotli: b"br",
        };
        file.coding(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value.parse().unwrap())]))
    }

    #[test]
    fn what_is_packed_is_for_those_who_can_unpack_it() {
        assert!(
            ["gzip, deflate, br", "br;q=1.0, GZIP;q=0.8", "*"]
                .into_iter()
                .all(|one| coding(one) == Coding::Brotli)
        );
        assert!(["gzip, deflate", "br;q=0, gzip"].into_iter().all(|one| coding(one) == Coding::Gzip));
        assert!(["gzip;q=0", "identity", "deflate"].into_iter().all(|one| coding(one) == Coding::Identity));
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
