//! The extensible SASL profile (XEP-0388): signing in, and what follows, in one round trip.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{bind2, fast};
use crate::element::Element;
use crate::namespace;
use crate::sasl::{Failure, FailureCondition, decode, is_mechanism};
use crate::stream_management::Request as StreamRequest;

/// How long the id of a client installation may be, in bytes. XEP-0388 §2.3.1 asks for a UUID.
pub const CLIENT_ID_BYTES_MAX: usize = 128;

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Begin with a mechanism (§2.3.1).
    Authenticate(Box<Authenticate>),
    /// The answer to a challenge (§2.3.2).
    Response(Vec<u8>),
    /// Give up (§2.3.5).
    Abort,
}

/// The beginning of an authentication, and what is to follow when it succeeds.
#[derive(Clone, PartialEq, Eq)]
pub struct Authenticate {
    /// The mechanism's registered name.
    pub mechanism: String,
    /// The initial response; empty data is not the same as none.
    pub initial: Option<Vec<u8>>,
    /// What to do after it.
    pub inline: Inline,
}

/// What is to follow an authentication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inline {
    /// The client installation, always the same for the same one.
    pub client_id: Option<String>,
    /// An earlier stream to take up again (XEP-0198 §5), with the last stanza of ours that was handled.
    pub resume: Option<(String, u32)>,
    /// A resource to bind (XEP-0386).
    pub bind: Option<bind2::Request>,
    /// What is said of the token that the client signs in with, where it does (XEP-0484).
    pub fast: Option<fast::Use>,
    /// The mechanism that a new token is wanted for (XEP-0484).
    pub token_for: Option<String>,
}

impl Request {
    /// Reads an element of the SASL 2 namespace; `None` for any other.
    ///
    /// # Errors
    /// As [`sasl::Request::parse`](crate::sasl::Request::parse); `malformed-request` also for what is there twice, and
    /// for what is to follow, if it cannot be read or the client's id is longer than [`CLIENT_ID_BYTES_MAX`].
    pub fn parse(element: &Element) -> Result<Option<Self>, Failure> {
        if element.namespace() != namespace::SASL2 {
            return Ok(None);
        }
        match element.name() {
            "authenticate" => {
                let mechanism = element.attribute("mechanism").filter(|name| is_mechanism(name));
                let mechanism = mechanism.ok_or(FailureCondition::InvalidMechanism)?.to_owned();
                let initial = only(element, "initial-response", namespace::SASL2)?;
                let initial = initial.map(|initial| decode(&initial.text())).transpose()?;
                let inline = Inline::parse(element)?;
                Ok(Some(Self::Authenticate(Box::new(Authenticate { mechanism, initial, inline }))))
            }
            "response" => Ok(Some(Self::Response(decode(&element.text())?))),
            "abort" => Ok(Some(Self::Abort)),
            _ => Err(FailureCondition::MalformedRequest.into()),
        }
    }
}

impl Inline {
    fn parse(element: &Element) -> Result<Self, Failure> {
        let malformed = || Failure::from(FailureCondition::MalformedRequest);
        let agent = only(element, "user-agent", namespace::SASL2)?;
        let client_id = agent.and_then(|agent| agent.attribute("id")).filter(|id| !id.is_empty());
        if client_id.is_some_and(|id| id.len() > CLIENT_ID_BYTES_MAX) {
            return Err(malformed());
        }
        let resume = only(element, "resume", namespace::STREAM_MANAGEMENT)?;
        let resume = match resume.map(StreamRequest::parse) {
            None => None,
            Some(Ok(Some(StreamRequest::Resume { previous, handled }))) => Some((previous, handled)),
            Some(_) => return Err(malformed()),
        };
        let bind = only(element, "bind", namespace::BIND2)?.map(bind2::Request::parse).transpose()?;
        let fast = element.child("fast", namespace::FAST).map(fast::Use::parse).transpose()?;
        let token_for = fast::wanted(element).map(str::to_owned);
        Ok(Self { client_id: client_id.map(str::to_owned), resume, bind, fast, token_for })
    }
}

/// The child of that name, which may be there once.
fn only<'a>(element: &'a Element, name: &str, namespace: &str) -> Result<Option<&'a Element>, Failure> {
    let mut children = element.children().filter(|child| child.is(name, namespace));
    let first = children.next();
    if children.next().is_some() { Err(FailureCondition::MalformedRequest.into()) } else { Ok(first) }
}

impl std::fmt::Debug for Authenticate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = formatter.debug_struct("Authenticate");
        debug.field("mechanism", &self.mechanism).field("inline", &self.inline).finish_non_exhaustive()
    }
}

/// The stream feature: mechanisms, best first, and what can follow at once (§2.2).
pub fn feature<'a>(
    mechanisms: impl IntoIterator<Item = &'a str>,
    inline: impl IntoIterator<Item = Element>,
) -> Element {
    let mechanism = |name| Element::new("mechanism", namespace::SASL2).with_text(name);
    Element::new("authentication", namespace::SASL2)
        .with_children(mechanisms.into_iter().map(mechanism))
        .with_child(Element::new("inline", namespace::SASL2).with_children(inline))
}

/// A challenge to the client (§2.3.2).
pub fn challenge(data: &[u8]) -> Element {
    Element::new("challenge", namespace::SASL2).with_text(STANDARD.encode(data))
}

/// The refusal (§2.3.6). The conditions are those of RFC 6120.
pub fn failure(failure: &Failure) -> Element {
    let text = failure
        .text
        .as_ref()
        .map(|text| Element::new("text", namespace::SASL2).with_lang("en").with_text(text.as_str()));
    Element::new("failure", namespace::SASL2)
        .with_child(Element::new(failure.condition.as_str(), namespace::SASL))
        .with_children(text)
}

/// The end of a good authentication (§2.3.3): the mechanism's additional data if it has any, the address that the
/// client now has, full if it has a session, and the answers to what was to follow. Features come next, on the same
/// stream.
pub fn success(data: Option<&[u8]>, address: &str, answers: impl IntoIterator<Item = Element>) -> Element {
    let data =
        data.map(|data| Element::new("additional-data", namespace::SASL2).with_text(STANDARD.encode(data)));
    Element::new("success", namespace::SASL2)
        .with_children(data)
        .with_child(Element::new("authorization-identifier", namespace::SASL2).with_text(address))
        .with_children(answers)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    fn request(source: &str) -> Result<Request, FailureCondition> {
        Request::parse(&parse(source)).map(Option::unwrap).map_err(|failure| failure.condition)
    }

    fn authenticate(children: &str) -> Result<Inline, FailureCondition> {
        let source =
            format!("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'>{children}</authenticate>");
        match request(&source)? {
            Request::Authenticate(authenticate) => Ok(authenticate.inline),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_authentication_is_read_with_everything_that_is_to_follow() {
        let source = "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='HT-SHA-256-NONE'>\
             <initial-response>AA==</initial-response>\
             <user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>x</software></user-agent>\
             <bind xmlns='urn:xmpp:bind:0'><tag>x</tag></bind>\
             <resume xmlns='urn:xmpp:sm:3' previd='p' h='3'/><fast xmlns='urn:xmpp:fast:0' count='2'/>\
             <request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-EXPR'/></authenticate>";
        let Ok(Request::Authenticate(read)) = request(source) else { panic!("{source}") };
        assert_eq!((read.mechanism.as_str(), read.initial), ("HT-SHA-256-NONE", Some(vec![0])));
        assert_eq!(read.inline.client_id.as_deref(), Some("d4565fa7-4d72-4749-b3d3-740edbf87770"));
        assert_eq!(read.inline.resume, Some(("p".to_owned(), 3)));
        assert_eq!(read.inline.bind.unwrap().tag.as_deref(), Some("x"));
        assert_eq!(read.inline.fast, Some(fast::Use { count: Some(2), invalidate: false }));
        assert_eq!(read.inline.token_for.as_deref(), Some("HT-SHA-256-EXPR"));
        assert_eq!(authenticate(""), Ok(Inline::default()));
    }

    #[test]
    fn responses_and_giving_up_are_read() {
        assert_eq!(
            request("<response xmlns='urn:xmpp:sasl:2'>AQ==</response>"),
            Ok(Request::Response(vec![1]))
        );
        assert_eq!(request("<abort xmlns='urn:xmpp:sasl:2'><text>x</text></abort>"), Ok(Request::Abort));
        assert_eq!(Request::parse(&parse("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")), Ok(None));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_condition() {
        use FailureCondition::{IncorrectEncoding, InvalidMechanism, MalformedRequest};
        assert_eq!(authenticate("<initial-response>*</initial-response>"), Err(IncorrectEncoding));
        assert_eq!(authenticate("<resume xmlns='urn:xmpp:sm:3' previd='p'/>"), Err(MalformedRequest));
        for twice in [
            "<initial-response>AA==</initial-response>",
            "<user-agent id='a'/>",
            "<bind xmlns='urn:xmpp:bind:0'/>",
            "<resume xmlns='urn:xmpp:sm:3' previd='p' h='3'/>",
        ] {
            assert!(authenticate(twice).is_ok(), "{twice}");
            assert_eq!(authenticate(&twice.repeat(2)), Err(MalformedRequest), "{twice}");
        }
        let long = "x".repeat(CLIENT_ID_BYTES_MAX + 1);
        assert_eq!(authenticate(&format!("<user-agent id='{long}'/>")), Err(MalformedRequest));
        assert_eq!(request("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='a'/>"), Err(InvalidMechanism));
        assert_eq!(request("<next xmlns='urn:xmpp:sasl:2'/>"), Err(MalformedRequest));
    }

    #[test]
    fn answers_are_written() {
        assert_eq!(written(&challenge(b"x")), "<challenge xmlns='urn:xmpp:sasl:2'>eA==</challenge>");
        assert_eq!(
            written(&failure(&FailureCondition::NotAuthorized.into())),
            "<failure xmlns='urn:xmpp:sasl:2'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>"
        );
        assert_eq!(
            written(&success(Some(b"v"), "a@x.test", [])),
            "<success xmlns='urn:xmpp:sasl:2'><additional-data>dg==</additional-data>\
             <authorization-identifier>a@x.test</authorization-identifier></success>"
        );
        assert_eq!(
            written(&feature(["PLAIN"], [Element::new("sm", namespace::STREAM_MANAGEMENT)])),
            "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>PLAIN</mechanism><inline>\
             <sm xmlns='urn:xmpp:sm:3'/></inline></authentication>"
        );
    }

    #[test]
    fn debug_output_holds_no_password() {
        let read = request(
            "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>d2hhdA==</initial-response></authenticate>",
        );
        let shown = format!("{read:?}");
        assert!(shown.contains("PLAIN") && !shown.contains("119, 104"), "{shown}");
    }
}
