//! Resource binding (RFC 6120 §7).

use jid::{FullJid, ResourcePart};

use crate::element::Element;
use crate::namespace;
use crate::stanza::{Condition, StanzaError};

/// A client's wish to bind a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The resource it proposes; without one the server chooses (§7.6).
    pub resource: Option<ResourcePart>,
}

impl Request {
    /// Reads the payload of a `set`; `None` if it is not about binding.
    ///
    /// # Errors
    /// `bad-request` for a resource that no address can have (§7.7.2.1).
    pub fn parse(payload: &Element) -> Result<Option<Self>, StanzaError> {
        if !payload.is("bind", namespace::BIND) {
            return Ok(None);
        }
        let proposed = payload.child("resource", namespace::BIND).map(Element::text).unwrap_or_default();
        if proposed.is_empty() {
            return Ok(Some(Self { resource: None }));
        }
        match ResourcePart::new(&proposed) {
            Ok(resource) => Ok(Some(Self { resource: Some(resource.into_owned()) })),
            Err(error) => Err(StanzaError::new(Condition::BadRequest).with_text(error.to_string())),
        }
    }
}

/// The payload of the result: the address that the client now has (§7.6.1).
pub fn result(address: &FullJid) -> Element {
    let jid = Element::new("jid", namespace::BIND).with_text(address.as_str());
    Element::new("bind", namespace::BIND).with_child(jid)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    fn request(children: &str) -> Result<Option<Request>, Condition> {
        let payload = parse(&format!("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{children}</bind>"));
        Request::parse(&payload).map_err(|error| error.condition)
    }

    #[test]
    fn a_client_proposes_a_resource_or_leaves_the_choice() {
        assert_eq!(request(""), Ok(Some(Request { resource: None })));
        assert_eq!(request("<resource/>"), Ok(Some(Request { resource: None })));
        let proposed = request("<resource>phone</resource>").unwrap().unwrap();
        assert_eq!(proposed.resource.as_ref().map(|resource| resource.as_str()), Some("phone"));
        let long = format!("<resource>{}</resource>", "x".repeat(1024));
        assert_eq!(request(&long), Err(Condition::BadRequest));
    }

    #[test]
    fn the_result_names_the_full_address() {
        assert_eq!(
            written(&result(&FullJid::new("a@x.test/phone").unwrap())),
            "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@x.test/phone</jid></bind>"
        );
    }
}
