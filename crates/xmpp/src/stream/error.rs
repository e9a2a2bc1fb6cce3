//! Stream errors (RFC 6120 §4.9).

use crate::element::Element;
use crate::namespace;

/// What ends a stream. It is written once, followed by [`FOOTER`](super::FOOTER) and the end of the connection
/// (RFC 6120 §4.9.1.1); when our own stream header has not been sent yet, it goes first (§4.9.1.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stream error {condition}{}", text.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
pub struct StreamError {
    /// The defined condition.
    pub condition: StreamCondition,
    /// What happened, in English, for whoever debugs the other side.
    pub text: Option<String>,
    /// An application-specific condition (RFC 6120 §4.9.4).
    pub detail: Option<Box<Element>>,
    /// Where to go instead, for [`StreamCondition::SeeOtherHost`].
    host: Option<String>,
}

impl StreamError {
    /// An error without text or detail.
    pub fn new(condition: StreamCondition) -> Self {
        Self { condition, text: None, detail: None, host: None }
    }

    /// Sends the client elsewhere (RFC 6120 §4.9.3.19): a domain name or an address (IPv6 in brackets), and a port
    /// where it is not the usual one.
    pub fn see_other_host(host: impl Into<String>) -> Self {
        Self { host: Some(host.into()), ..Self::new(StreamCondition::SeeOtherHost) }
    }

    /// Adds an explanation in English.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Adds an application-specific condition.
    #[must_use]
    pub fn with_detail(mut self, detail: Element) -> Self {
        self.detail = Some(Box::new(detail));
        self
    }

    /// Appends `<stream:error/>`, relying on the prefix that our stream header declares.
    pub fn write(&self, out: &mut Vec<u8>) {
        let text = self.text.as_ref().map(|text| {
            Element::new("text", namespace::STREAM_ERROR).with_lang("en").with_text(text.as_str())
        });
        out.extend_from_slice(b"<stream:error>");
        Element::new(self.condition.as_str(), namespace::STREAM_ERROR)
            .with_text(self.host.clone().unwrap_or_default())
            .write(out, namespace::CLIENT);
        for child in text.iter().chain(self.detail.as_deref()) {
            child.write(out, namespace::CLIENT);
        }
        out.extend_from_slice(b"</stream:error>");
    }
}

impl From<StreamCondition> for StreamError {
    fn from(condition: StreamCondition) -> Self {
        Self::new(condition)
    }
}

macro_rules! conditions {
    ($($(#[$documentation:meta])* $variant:ident = $name:literal,)*) => {
        /// A defined condition (RFC 6120 §4.9.3).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum StreamCondition {
            $($(#[$documentation])* $variant,)*
        }

        impl StreamCondition {
            /// The name of the condition's element.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

conditions! {
    /// XML that cannot be processed (§4.9.3.1).
    BadFormat = "bad-format",
    /// A prefix that is missing where one is needed (§4.9.3.2).
    BadNamespacePrefix = "bad-namespace-prefix",
    /// Another stream took this one's place, as when its resource was bound again (§4.9.3.3).
    Conflict = "conflict",
    /// The peer stopped answering (§4.9.3.4).
    ConnectionTimeout = "connection-timeout",
    /// The domain was served here and is no longer (§4.9.3.5).
    HostGone = "host-gone",
    /// The domain is not served here (§4.9.3.6).
    HostUnknown = "host-unknown",
    /// An address is missing or malformed (§4.9.3.7).
    ImproperAddressing = "improper-addressing",
    /// A fault of our own (§4.9.3.8).
    InternalServerError = "internal-server-error",
    /// A `from` that is not the peer's own address (§4.9.3.9).
    InvalidFrom = "invalid-from",
    /// A wrong namespace of the stream or of its content (§4.9.3.10).
    InvalidNamespace = "invalid-namespace",
    /// XML that does not validate (§4.9.3.11).
    InvalidXml = "invalid-xml",
    /// A stanza from a peer who may not send one yet (§4.9.3.12).
    NotAuthorized = "not-authorized",
    /// XML that is not well-formed, namespaces included (§4.9.3.13).
    NotWellFormed = "not-well-formed",
    /// A rule of ours was broken, such as a limit (§4.9.3.14).
    PolicyViolation = "policy-violation",
    /// A connection to another server failed (§4.9.3.15).
    RemoteConnectionFailed = "remote-connection-failed",
    /// New features or a new configuration need a new stream (§4.9.3.16).
    Reset = "reset",
    /// Not enough resources to serve the stream (§4.9.3.17).
    ResourceConstraint = "resource-constraint",
    /// A comment, processing instruction, document type or entity (§4.9.3.18, §11.1).
    RestrictedXml = "restricted-xml",
    /// The client is to go elsewhere (§4.9.3.19); made by [`StreamError::see_other_host`], which says where.
    SeeOtherHost = "see-other-host",
    /// The service is stopping (§4.9.3.20).
    SystemShutdown = "system-shutdown",
    /// Said by `detail` (§4.9.3.21).
    UndefinedCondition = "undefined-condition",
    /// Not UTF-8 (§4.9.3.22).
    UnsupportedEncoding = "unsupported-encoding",
    /// A mandatory feature that is not supported (§4.9.3.23).
    UnsupportedFeature = "unsupported-feature",
    /// A child of the stream that is no stanza we know (§4.9.3.24).
    UnsupportedStanzaType = "unsupported-stanza-type",
    /// Not version 1 (§4.9.3.25).
    UnsupportedVersion = "unsupported-version",
}

impl std::fmt::Display for StreamCondition {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_written_with_condition_text_and_detail() {
        let error = StreamError::new(StreamCondition::UndefinedCondition)
            .with_text("too <high>")
            .with_detail(Element::new("handled-count-too-high", namespace::STREAM_MANAGEMENT));
        let mut out = Vec::new();
        error.write(&mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
             <text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>too &lt;high&gt;</text>\
             <handled-count-too-high xmlns='urn:xmpp:sm:3'/></stream:error>"
        );
    }

    #[test]
    fn a_client_that_is_sent_elsewhere_is_told_where() {
        let mut out = Vec::new();
        StreamError::see_other_host("[fd00::5]:5222").write(&mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>[fd00::5]:5222\
             </see-other-host></stream:error>"
        );
    }

    #[test]
    fn an_error_reads_as_a_sentence_for_the_log() {
        let error = StreamError::new(StreamCondition::PolicyViolation).with_text("more than 64 attributes");
        assert_eq!(error.to_string(), "stream error policy-violation: more than 64 attributes");
    }
}
