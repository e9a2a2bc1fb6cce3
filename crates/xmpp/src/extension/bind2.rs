//! Bind 2 (XEP-0386): a resource, and what a session begins with, within SASL 2.

use crate::element::Element;
use crate::namespace;
use crate::sasl::{Failure, FailureCondition};
use crate::stream_management::Request as StreamRequest;

/// How long the name that a client gives itself may be, in bytes, to become part of its resource.
pub const TAG_BYTES_MAX: usize = 128;

/// A client's wish to bind a resource, and what is to be on from the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// What the client calls itself; longer ones than [`TAG_BYTES_MAX`] are left out.
    pub tag: Option<String>,
    /// Copies of one's other messages (XEP-0280).
    pub carbons: bool,
    /// Whether nobody looks at the client (XEP-0352); none where that is not said.
    pub inactive: Option<bool>,
    /// Stanzas are to be counted, and whether the session is to be resumable (XEP-0198).
    pub count: Option<bool>,
}

impl Request {
    /// Reads `<bind/>`.
    ///
    /// # Errors
    /// `malformed-request` for a malformed request to count stanzas.
    pub fn parse(element: &Element) -> Result<Self, Failure> {
        let tag = element.child("tag", namespace::BIND2).map(|tag| tag.text().trim().to_owned());
        let count = match element.child("enable", namespace::STREAM_MANAGEMENT).map(StreamRequest::parse) {
            None => None,
            Some(Ok(Some(StreamRequest::Enable { resume, .. }))) => Some(resume),
            Some(_) => return Err(FailureCondition::MalformedRequest.into()),
        };
        let state = |name| element.child(name, namespace::CLIENT_STATE).is_some();
        Ok(Self {
            tag: tag.filter(|tag| (1..=TAG_BYTES_MAX).contains(&tag.len())),
            carbons: element.child("enable", namespace::CARBONS).is_some(),
            inactive: match (state("inactive"), state("active")) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            },
            count,
        })
    }
}

/// What SASL 2 offers to follow (§2.1): `features` can be on from the beginning.
pub fn feature<'a>(features: impl IntoIterator<Item = &'a str>) -> Element {
    let feature = |name| Element::new("feature", namespace::BIND2).with_attribute("var", name);
    let inline = Element::new("inline", namespace::BIND2).with_children(features.into_iter().map(feature));
    Element::new("bind", namespace::BIND2).with_child(inline)
}

/// That a resource is bound, with the answers to what was to be on (§2.2). The address is told by SASL 2.
pub fn bound(answers: impl IntoIterator<Item = Element>) -> Element {
    Element::new("bound", namespace::BIND2).with_children(answers)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    fn request(children: &str) -> Result<Request, FailureCondition> {
        let element = parse(&format!("<bind xmlns='urn:xmpp:bind:0'>{children}</bind>"));
        Request::parse(&element).map_err(|failure| failure.condition)
    }

    #[test]
    fn a_client_says_what_it_is_called_and_what_it_begins_with() {
        assert_eq!(request(""), Ok(Request::default()));
        let all = "<tag> Phone </tag><enable xmlns='urn:xmpp:carbons:2'/>\
                   <enable xmlns='urn:xmpp:sm:3' resume='true'/><inactive xmlns='urn:xmpp:csi:0'/>";
        let expected =
            Request { tag: Some("Phone".into()), carbons: true, inactive: Some(true), count: Some(true) };
        assert_eq!(request(all), Ok(expected));
        assert_eq!(request("<active xmlns='urn:xmpp:csi:0'/>").unwrap().inactive, Some(false));
        assert_eq!(request("<enable xmlns='urn:xmpp:sm:3'/>").unwrap().count, Some(false));
    }

    #[test]
    fn a_name_that_is_too_long_is_left_out() {
        let long = format!("<tag>{}</tag>", "x".repeat(TAG_BYTES_MAX + 1));
        assert_eq!(request(&long), Ok(Request::default()));
        assert_eq!(request("<tag> </tag>"), Ok(Request::default()));
    }

    #[test]
    fn the_offer_and_the_answer_are_written() {
        assert_eq!(
            written(&feature(["urn:xmpp:sm:3"])),
            "<bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:sm:3'/></inline></bind>"
        );
        assert_eq!(written(&bound([])), "<bound xmlns='urn:xmpp:bind:0'/>");
    }
}
