//! SASL elements (RFC 6120 §6). The mechanisms are not here: this is how their data travels.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::element::Element;
use crate::namespace;

/// How many bytes a client may send in one step, after decoding. Kerberos tickets are the largest.
pub const DATA_BYTES_MAX: usize = 64 * 1024;

/// What a client sends. Its `Debug` form shows no data, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Request {
    /// Begin with a mechanism (§6.4.2).
    Authenticate {
        /// The mechanism's registered name.
        mechanism: String,
        /// The initial response; empty data is not the same as none.
        initial: Option<Vec<u8>>,
    },
    /// The answer to a challenge (§6.4.3).
    Response(Vec<u8>),
    /// Give up (§6.4.4).
    Abort,
}

impl Request {
    /// Reads an element of the SASL namespace; `None` for any other.
    ///
    /// # Errors
    /// `incorrect-encoding` for data that is not Base64 of at most [`DATA_BYTES_MAX`], `invalid-mechanism` for
    /// what cannot be a mechanism's name, `malformed-request` for an element that clients do not send.
    pub fn parse(element: &Element) -> Result<Option<Self>, Failure> {
        if element.namespace() != namespace::SASL {
            return Ok(None);
        }
        match element.name() {
            "auth" => {
                let mechanism = element.attribute("mechanism").filter(|name| is_mechanism(name));
                let mechanism = mechanism.ok_or(FailureCondition::InvalidMechanism)?.to_owned();
                let data = element.text();
                let initial = if data.is_empty() { None } else { Some(decode(&data)?) };
                Ok(Some(Self::Authenticate { mechanism, initial }))
            }
            "response" => Ok(Some(Self::Response(decode(&element.text())?))),
            "abort" => Ok(Some(Self::Abort)),
            _ => Err(FailureCondition::MalformedRequest.into()),
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authenticate { mechanism, .. } => {
                formatter.debug_struct("Authenticate").field("mechanism", mechanism).finish_non_exhaustive()
            }
            Self::Response(_) => formatter.debug_tuple("Response").finish_non_exhaustive(),
            Self::Abort => formatter.write_str("Abort"),
        }
    }
}

/// A challenge to the client (§6.4.3).
pub fn challenge(data: &[u8]) -> Element {
    Element::new("challenge", namespace::SASL).with_text(STANDARD.encode(data))
}

/// The end of a good authentication, with the mechanism's additional data if it has any (§6.4.6). The client
/// opens a new stream after it.
pub fn success(data: Option<&[u8]>) -> Element {
    let text = match data {
        None => String::new(),
        Some([]) => "=".to_owned(),
        Some(data) => STANDARD.encode(data),
    };
    Element::new("success", namespace::SASL).with_text(text)
}

/// Why an authentication failed (§6.4.5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("authentication failed: {}", condition.as_str())]
pub struct Failure {
    /// The defined condition.
    pub condition: FailureCondition,
    /// An explanation in English.
    pub text: Option<String>,
}

impl Failure {
    /// The `<failure/>` element.
    pub fn to_element(&self) -> Element {
        let text = self
            .text
            .as_ref()
            .map(|text| Element::new("text", namespace::SASL).with_lang("en").with_text(text.as_str()));
        Element::new("failure", namespace::SASL)
            .with_child(Element::new(self.condition.as_str(), namespace::SASL))
            .with_children(text)
    }
}

impl From<FailureCondition> for Failure {
    fn from(condition: FailureCondition) -> Self {
        Self { condition, text: None }
    }
}

/// A defined condition of failure (RFC 6120 §6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureCondition {
    /// The client gave up (§6.5.1).
    Aborted,
    /// The account is disabled (§6.5.2).
    AccountDisabled,
    /// The password is out of date (§6.5.3).
    CredentialsExpired,
    /// The mechanism needs TLS (§6.5.4).
    EncryptionRequired,
    /// Not Base64 (§6.5.5).
    IncorrectEncoding,
    /// Not allowed to act as the one that was asked for (§6.5.6).
    InvalidAuthzid,
    /// No such mechanism (§6.5.7).
    InvalidMechanism,
    /// Malformed (§6.5.8).
    MalformedRequest,
    /// The mechanism is not good enough for this account (§6.5.9).
    MechanismTooWeak,
    /// Wrong credentials, or no such account: which of them is not said (§6.5.10).
    NotAuthorized,
    /// A fault of our own, for now (§6.5.11).
    TemporaryAuthFailure,
}

impl FailureCondition {
    /// The name of the condition's element.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aborted => "aborted",
            Self::AccountDisabled => "account-disabled",
            Self::CredentialsExpired => "credentials-expired",
            Self::EncryptionRequired => "encryption-required",
            Self::IncorrectEncoding => "incorrect-encoding",
            Self::InvalidAuthzid => "invalid-authzid",
            Self::InvalidMechanism => "invalid-mechanism",
            Self::MalformedRequest => "malformed-request",
            Self::MechanismTooWeak => "mechanism-too-weak",
            Self::NotAuthorized => "not-authorized",
            Self::TemporaryAuthFailure => "temporary-auth-failure",
        }
    }
}

/// A mechanism's name is 1 to 20 capitals, digits, hyphens and underscores (RFC 4422 §3.1).
pub(crate) fn is_mechanism(name: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=20).contains(&name.len()) && name.bytes().all(allowed)
}

/// Base64 with padding and nothing else in it (RFC 6120 §6.4.2 and §13.9.1); `=` is empty data.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, Failure> {
    if text == "=" {
        return Ok(Vec::new());
    }
    if text.len() > DATA_BYTES_MAX.div_ceil(3) * 4 {
        return Err(FailureCondition::IncorrectEncoding.into());
    }
    STANDARD.decode(text).map_err(|_| FailureCondition::IncorrectEncoding.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Limits;

    fn parse(source: &str) -> Result<Option<Request>, FailureCondition> {
        let element = Element::parse(source.as_bytes(), &Limits::default()).unwrap();
        Request::parse(&element).map_err(|failure| failure.condition)
    }

    fn auth(text: &str) -> Result<Option<Request>, FailureCondition> {
        parse(&format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{text}</auth>"))
    }

    fn plain(initial: Option<&[u8]>) -> Result<Option<Request>, FailureCondition> {
        Ok(Some(Request::Authenticate { mechanism: "PLAIN".into(), initial: initial.map(<[u8]>::to_vec) }))
    }

    #[test]
    fn an_initial_response_may_be_missing_empty_or_given() {
        assert_eq!(auth(""), plain(None));
        assert_eq!(auth("="), plain(Some(b"")));
        assert_eq!(auth("AGEAYg=="), plain(Some(b"\0a\0b")));
    }

    #[test]
    fn only_strict_base64_is_taken() {
        for wrong in ["AGEAYg", "AGEAYg==\n", " AGEAYg==", "AGEAYh==", "AG*AYg==", "==", "AGEAYg==AGEA"] {
            assert_eq!(auth(wrong), Err(FailureCondition::IncorrectEncoding), "{wrong}");
        }
        let long = "A".repeat(DATA_BYTES_MAX * 2);
        assert_eq!(auth(&long), Err(FailureCondition::IncorrectEncoding));
    }

    #[test]
    fn a_mechanism_must_have_a_possible_name() {
        for name in ["", "plain", "X-A-VERY-LONG-MECHANISM", "A B"] {
            let source = format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{name}'/>");
            assert_eq!(parse(&source), Err(FailureCondition::InvalidMechanism), "{name}");
        }
        assert!(is_mechanism("SCRAM-SHA-256-PLUS"));
    }

    #[test]
    fn responses_aborts_and_strangers_are_told_apart() {
        let sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";
        assert_eq!(parse(&format!("<response {sasl}/>")), Ok(Some(Request::Response(Vec::new()))));
        assert_eq!(
            parse(&format!("<response {sasl}>Yg==</response>")),
            Ok(Some(Request::Response(b"b".to_vec())))
        );
        assert_eq!(parse(&format!("<abort {sasl}/>")), Ok(Some(Request::Abort)));
        assert_eq!(parse(&format!("<success {sasl}/>")), Err(FailureCondition::MalformedRequest));
        assert_eq!(parse("<auth xmlns='urn:example:x'/>"), Ok(None));
    }

    #[test]
    fn a_request_can_be_logged_without_the_password() {
        let request = auth("AGEAYg==").unwrap().unwrap();
        assert_eq!(format!("{request:?}"), "Authenticate { mechanism: \"PLAIN\", .. }");
    }

    #[test]
    fn answers_are_written_as_clients_expect_them() {
        let written = |element: Element| String::from_utf8(element.to_bytes(namespace::SASL)).unwrap();
        assert_eq!(written(challenge(b"abc")), "<challenge>YWJj</challenge>");
        assert_eq!(written(challenge(b"")), "<challenge/>");
        assert_eq!(written(success(None)), "<success/>");
        assert_eq!(written(success(Some(b""))), "<success>=</success>");
        assert_eq!(written(success(Some(b"v"))), "<success>dg==</success>");
        let failure = Failure { condition: FailureCondition::NotAuthorized, text: Some("no".into()) };
        assert_eq!(
            written(failure.to_element()),
            "<failure><not-authorized/><text xml:lang='en'>no</text></failure>"
        );
    }
}
