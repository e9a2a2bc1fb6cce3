use std::fmt::Write;

/// A path of the interface, with what people typed in it percent-encoded (RFC 3986 §2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiPath {
    text: String,
    has_query: bool,
}

impl ApiPath {
    /// The path of these segments, below `/api/v1`.
    pub(crate) fn new(segments: &[&str]) -> Self {
        let mut path = Self { text: "/api/v1".to_owned(), has_query: false };
        for segment in segments {
            path.text.push('/');
            path.push_encoded(segment);
        }
        path
    }

    /// The same, with a parameter.
    pub(crate) fn with(mut self, name: &str, value: &impl ToString) -> Self {
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.push_encoded(name);
        self.text.push('=');
        self.push_encoded(&value.to_string());
        self
    }

    /// As HTTP writes it.
    pub(crate) fn as_str(&self) -> &str {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_person_typed_stays_one_segment_or_one_value() {
        let path = ApiPath::new(&["accounts", "jörg/../x?y#z"]);
        assert_eq!(path.as_str(), "/api/v1/accounts/j%C3%B6rg%2F..%2Fx%3Fy%23z");
        let path = ApiPath::new(&["ca"]).with("path", &"/tmp/a&b=c").with("n", &1);
        assert_eq!(path.as_str(), "/api/v1/ca?path=%2Ftmp%2Fa%26b%3Dc&n=1");
    }
}
