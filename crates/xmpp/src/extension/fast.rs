//! Tokens to sign in with the next time, within SASL 2 (XEP-0484). The mechanisms are not here: this is how tokens
//! are asked for, given and used.

use crate::element::Element;
use crate::namespace;
use crate::sasl::{Failure, FailureCondition};

/// What a client says of the token that it signs in with (§3.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// How often it was used; each time more than before.
    pub count: Option<u32>,
    /// It is the last time (§3.6).
    pub invalidate: bool,
}

impl Use {
    /// Reads `<fast/>`.
    ///
    /// # Errors
    /// `malformed-request` for a count that is not a number below 2^32.
    pub fn parse(element: &Element) -> Result<Self, Failure> {
        let count = element.attribute("count").map(str::parse).transpose();
        Ok(Self {
            count: count.map_err(|_| FailureCondition::MalformedRequest)?,
            invalidate: matches!(element.attribute("invalidate"), Some("true" | "1")),
        })
    }
}

/// The mechanism that a client wants a token for, if it wants one (§3.2).
pub fn wanted(authenticate: &Element) -> Option<&str> {
    authenticate.child("request-token", namespace::FAST)?.attribute("mechanism")
}

/// What SASL 2 offers (§3.1): the mechanisms that tokens can be had for.
pub fn feature<'a>(mechanisms: impl IntoIterator<Item = &'a str>) -> Element {
    let mechanism = |name| Element::new("mechanism", namespace::FAST).with_text(name);
    Element::new("fast", namespace::FAST).with_children(mechanisms.into_iter().map(mechanism))
}

/// A token for the client (§3.3), and until when it can be used (XEP-0082).
pub fn token(token: &str, expiry: &str) -> Element {
    Element::new("token", namespace::FAST).with_attribute("expiry", expiry).with_attribute("token", token)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    fn read(attributes: &str) -> Result<Use, FailureCondition> {
        let element = parse(&format!("<fast xmlns='urn:xmpp:fast:0' {attributes}/>"));
        Use::parse(&element).map_err(|failure| failure.condition)
    }

    #[test]
    fn the_use_of_a_token_is_read() {
        assert_eq!(read(""), Ok(Use::default()));
        assert_eq!(read("count='7' invalidate='1'"), Ok(Use { count: Some(7), invalidate: true }));
        assert_eq!(read("count='-1'"), Err(FailureCondition::MalformedRequest));
    }

    #[test]
    fn a_token_is_offered_asked_for_and_given() {
        assert_eq!(
            written(&feature(["HT-SHA-256-NONE"])),
            "<fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-NONE</mechanism></fast>"
        );
        let request = parse("<a xmlns='urn:x'><request-token xmlns='urn:xmpp:fast:0' mechanism='M'/></a>");
        assert_eq!(wanted(&request), Some("M"));
        assert_eq!(
            written(&token("secret", "2026-12-04T08:00:00Z")),
            "<token xmlns='urn:xmpp:fast:0' expiry='2026-12-04T08:00:00Z' token='secret'/>"
        );
    }
}
