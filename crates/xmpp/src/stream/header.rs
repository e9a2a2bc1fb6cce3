//! Stream headers (RFC 6120 §4.7).

use jid::{BareJid, Jid};

use super::{StreamCondition, StreamError};
use crate::element::{Root, write_attribute};
use crate::namespace;

/// What closes our side of a stream (RFC 6120 §4.4).
pub const FOOTER: &[u8] = b"</stream:stream>";

/// What a client's stream header says (RFC 6120 §4.7). That it is a stream of version 1 with `jabber:client`
/// content has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamHeader {
    /// The domain the client wants; the door answers `host-unknown` when it is not served.
    pub to: Option<BareJid>,
    /// Who the client says it is; nothing is proven by it.
    pub from: Option<Jid>,
    /// The language of what has none of its own.
    pub lang: Option<String>,
    /// The version, as it came: `1.0` or a later `1.x`, or `2.0` and later, to which 1.0 is the answer.
    pub version: String,
}

impl StreamHeader {
    /// Reads and checks the header.
    ///
    /// # Errors
    /// `invalid-namespace`, `bad-format`, `bad-namespace-prefix`, `unsupported-version`, `improper-addressing`
    /// or `invalid-from`, in this order.
    pub(crate) fn read(root: &Root) -> Result<Self, StreamError> {
        let element = &root.element;
        if element.namespace() != namespace::STREAM {
            return Err(StreamError::new(StreamCondition::InvalidNamespace)
                .with_text(format!("expected the stream namespace {}", namespace::STREAM)));
        }
        if element.name() != "stream" {
            return Err(StreamError::new(StreamCondition::BadFormat).with_text("expected a stream element"));
        }
        if root.prefix.is_none() {
            return Err(StreamError::new(StreamCondition::BadNamespacePrefix)
                .with_text("the stream element needs a prefix"));
        }
        if &root.default_namespace != namespace::CLIENT {
            return Err(StreamError::new(StreamCondition::InvalidNamespace)
                .with_text(format!("expected the content namespace {}", namespace::CLIENT)));
        }
        let version = element.attribute("version").unwrap_or("0.9");
        if !version_is_supported(version) {
            return Err(
                StreamError::new(StreamCondition::UnsupportedVersion).with_text("expected version 1.0")
            );
        }
        let address = |name| element.attribute(name).filter(|value| !value.is_empty());
        let to = address("to").map(|to| to.parse().map_err(|_| StreamCondition::ImproperAddressing));
        let from = address("from").map(|from| from.parse().map_err(|_| StreamCondition::InvalidFrom));
        Ok(Self {
            to: to.transpose()?,
            from: from.transpose()?,
            lang: element.lang().filter(|lang| !lang.is_empty()).map(str::to_owned),
            version: version.to_owned(),
        })
    }
}

/// Major and minor are numbers of their own (RFC 6120 §4.7.5); a later major version is answered with 1.0.
fn version_is_supported(version: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    version.split_once('.').is_some_and(|(major, minor)| {
        is_number(major) && is_number(minor) && major.bytes().any(|digit| digit != b'0')
    })
}

/// Our answer to a stream header (RFC 6120 §4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseHeader<'a> {
    /// The domain that answers.
    pub from: &'a str,
    /// The client's address, when its header named it.
    pub to: Option<&'a str>,
    /// The stream's id: unpredictable, never used twice (§4.7.3).
    pub id: &'a str,
    /// The language of our texts.
    pub lang: &'a str,
}

impl ResponseHeader<'_> {
    /// Appends the XML declaration and the start tag of our stream.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"<?xml version='1.0'?><stream:stream xmlns='jabber:client'");
        let attributes = [
            ("xmlns:stream", Some(namespace::STREAM)),
            ("from", Some(self.from)),
            ("to", self.to),
            ("id", Some(self.id)),
            ("version", Some("1.0")),
            ("xml:lang", Some(self.lang)),
        ];
        for (name, value) in attributes {
            let Some(value) = value else { continue };
            out.push(b' ');
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"='");
            write_attribute(out, value);
            out.push(b'\'');
        }
        out.push(b'>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_header_declares_content_and_stream_namespaces() {
        let mut out = Vec::new();
        ResponseHeader { from: "example.test", to: Some("a@example.test"), id: "x'y", lang: "en" }
            .write(&mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams' from='example.test' to='a@example.test' \
             id='x&apos;y' version='1.0' xml:lang='en'>"
        );
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        for supported in ["1.0", "1.10", "01.0", "2.0", "99999999999999999999.0"] {
            assert!(version_is_supported(supported), "{supported}");
        }
        for unsupported in ["", "1", "0.9", "0.0", "1.", ".0", "a.b", "-1.0"] {
            assert!(!version_is_supported(unsupported), "{unsupported}");
        }
    }
}
