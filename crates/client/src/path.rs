use std::fmt::Write;

use hyper::header::{self, HeaderMap};

/// A path of the interface, with what people typed in it percent-encoded (RFC 3986 §2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiPath {
    text: String,
    has_query: bool,
}

impl ApiPath {
    /// The path of these segments, below `/api/v1`.
    pub fn new(segments: &[&str]) -> Self {
        let mut path = Self { text: api::ROOT.to_owned(), has_query: false };
        for segment in segments {
            path.text.push('/');
            path.push_encoded(segment);
        }
        path
    }

    /// The same, with a parameter.
    pub fn with(mut self, name: &str, value: &impl ToString) -> Self {
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.push_encoded(name);
        self.text.push('=');
        self.push_encoded(&value.to_string());
        self
    }

    /// As HTTP writes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn push_encoded(&mut self, text: &str) {
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                self.text.push(char::from(byte));
            } else {
                let _ = write!(self.text, "%{byte:02X}");
            }
        }
    }
}

/// Where the next page of a list is (RFC 8288, `rel="next"`), if it is one of the interface's own paths.
pub(crate) fn next_page(headers: &HeaderMap) -> Option<String> {
    let links = headers.get_all(header::LINK).iter().filter_map(|link| link.to_str().ok());
    let next = links.flat_map(|links| links.split(',')).find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        parameters.contains("rel=\"next\"").then_some(target)
    });
    next.filter(|target| target.starts_with(&format!("{}/", api::ROOT))).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_the_one_that_is_called_so_and_never_of_another_server() {
        let next = |link: &str| next_page(&HeaderMap::from_iter([(header::LINK, link.parse().unwrap())]));
        assert_eq!(next("</api/v1/alerts?after=7>; rel=\"next\"").as_deref(), Some("/api/v1/alerts?after=7"));
        assert_eq!(next("</a>; rel=\"prev\", </api/v1/b>; rel=\"next\"").as_deref(), Some("/api/v1/b"));
        for other in
            ["</api/v1/a>; rel=\"last\"", "<https://evil.example/api/v1/a>; rel=\"next\"", "nonsense"]
        {
            assert_eq!(next(other), None, "{other}");
        }
    }

    #[test]
    fn whatever_a_person_typed_stays_one_segment_or_one_value() {
        let path = ApiPath::new(&["accounts", "jörg/../x?y#z"]);
        assert_eq!(path.as_str(), "/api/v1/accounts/j%C3%B6rg%2F..%2Fx%3Fy%23z");
        let path = ApiPath::new(&["ca"]).with("path", &"/tmp/a&b=c").with("n", &1);
        assert_eq!(path.as_str(), "/api/v1/ca?path=%2Ftmp%2Fa%26b%3Dc&n=1");
    }
}
