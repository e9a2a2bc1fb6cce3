//! Parts of a file (RFC 9110 §14): one range of bytes; what asks for several gets the whole.

use axum::http::{
    HeaderMap, HeaderValue,
    header::{IF_RANGE, RANGE},
};

/// Which bytes are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of them.
    Whole,
    /// So many, from here on.
    Some {
        /// The first.
        begin: u64,
        /// How many: at least one.
        count: u64,
    },
    /// None: the file has no such bytes.
    Nothing,
}

/// Which bytes of a file with this size and tag a request asks for. What is no range of bytes, or is meant for another
/// state of the file (§13.1.5), is as if it were not there.
pub(super) fn asked(headers: &HeaderMap, size: u64, tag: &HeaderValue) -> Part {
    let Some(range) = headers.get(RANGE).and_then(|range| range.to_str().ok()) else { return Part::Whole };
    if headers.get(IF_RANGE).is_some_and(|wanted| wanted != tag) {
        return Part::Whole;
    }
    parse(range, size).unwrap_or(Part::Whole)
}

/// None where it is not one range of bytes.
fn parse(range: &str, size: u64) -> Option<Part> {
    let (unit, set) = range.split_once('=')?;
    let (first, last) = set.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    if first.is_empty() {
        // The last so many bytes.
        let count = number(last)?.min(size);
        return Some(if count == 0 { Part::Nothing } else { Part::Some { begin: size - count, count } });
    }
    let begin = number(first)?;
    let last = if last.is_empty() { u64::MAX } else { number(last)? };
    match (last < begin, begin >= size) {
        (true, _) => None,
        (_, true) => Some(Part::Nothing),
        _ => Some(Part::Some { begin, count: last.min(size - 1) - begin + 1 }),
    }
}

/// Digits only; what is more than can be counted is as much as can be.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some(begin: u64, count: u64) -> Part {
        Part::Some { begin, count }
    }

    fn part(range: &str, if_range: Option<&str>) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, range.parse().unwrap());
        if let Some(tag) = if_range {
            headers.insert(IF_RANGE, tag.parse().unwrap());
        }
        asked(&headers, 10, &HeaderValue::from_static("\"a\""))
    }

    #[test]
    fn one_range_of_bytes_is_understood_in_each_of_its_forms() {
        for (range, expected) in [
            ("bytes=0-0", some(0, 1)),
            ("bytes=2-5", some(2, 4)),
            ("bytes=2-", some(2, 8)),
            ("Bytes=2-99999999999999999999999", some(2, 8)),
            ("bytes=-3", some(7, 3)),
            ("bytes=-30", some(0, 10)),
            ("bytes=10-", Part::Nothing),
            ("bytes=-0", Part::Nothing),
        ] {
            assert_eq!(part(range, None), expected, "{range}");
        }
        assert_eq!(parse("bytes=0-", 0), Some(Part::Nothing));
    }

    #[test]
    fn everything_else_is_as_if_it_were_not_there() {
        for range in [
            "bytes=5-2",
            "bytes=0-1,4-5",
            "lines=0-1",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=+1-2",
        ] {
            assert_eq!(part(range, None), Part::Whole, "{range}");
        }
        assert_eq!(asked(&HeaderMap::new(), 10, &HeaderValue::from_static("\"a\"")), Part::Whole);
    }

    #[test]
    fn a_range_of_another_state_of_the_file_gets_the_whole() {
        assert_eq!(part("bytes=2-5", Some("\"a\"")), some(2, 4));
        for other in ["\"b\"", "W/\"a\"", "Mon, 30 Nov 2026 08:00:00 GMT"] {
            assert_eq!(part("bytes=2-5", Some(other)), Part::Whole, "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_given_is_there(range in "bytes=[0-9]{0,21}-[0-9]{0,21}", size in 0_u64..1_000) {
            if let Some(Part::Some { begin, count }) = parse(&range, size) {
                prop_assert!(count > 0 && begin + count <= size);
            }
        }
    }
}
