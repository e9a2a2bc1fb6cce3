//! Blocking (XEP-0191).

use jid::Jid;

use crate::element::Element;
use crate::namespace;
use crate::stanza::{Condition, ErrorKind, StanzaError};

/// How many JIDs one request may name.
pub const ITEMS_MAX: usize = 1_000;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The list (§3.2).
    List,
    /// To block these, at least one (§3.3).
    Block(Vec<Jid>),
    /// To block these no longer; none means everybody (§3.4, §3.5).
    Unblock(Vec<Jid>),
}

impl Request {
    /// Reads the payload of a `get` or `set` (`is_set`); `None` if it is not about blocking.
    ///
    /// # Errors
    /// `bad-request` where nobody is to be blocked, or an item names nobody; `jid-malformed` for what is no address;
    /// `not-acceptable` past [`ITEMS_MAX`].
    pub fn parse(payload: &Element, is_set: bool) -> Result<Option<Self>, StanzaError> {
        if payload.namespace() != namespace::BLOCKING {
            return Ok(None);
        }
        match (payload.name(), is_set) {
            ("blocklist", false) => Ok(Some(Self::List)),
            ("block", true) => {
                let jids = items(payload)?;
                if jids.is_empty() {
                    return Err(StanzaError::new(Condition::BadRequest).with_text("nobody is named"));
                }
                Ok(Some(Self::Block(jids)))
            }
            ("unblock", true) => Ok(Some(Self::Unblock(items(payload)?))),
            _ => Ok(None),
        }
    }
}

fn items(payload: &Element) -> Result<Vec<Jid>, StanzaError> {
    let mut jids = Vec::new();
    for item in payload.children().filter(|child| child.is("item", namespace::BLOCKING)) {
        if jids.len() >= ITEMS_MAX {
            return Err(StanzaError::new(Condition::NotAcceptable).with_text("too many at once"));
        }
        let jid = item.attribute("jid").ok_or(Condition::BadRequest)?;
        jids.push(Jid::new(jid).map_err(|_| StanzaError::new(Condition::JidMalformed))?);
    }
    Ok(jids)
}

/// The payload of the answer to [`Request::List`].
pub fn list<'a>(jids: impl IntoIterator<Item = &'a str>) -> Element {
    with_items("blocklist", jids)
}

/// The payload of a push: these are blocked now.
pub fn blocked<'a>(jids: impl IntoIterator<Item = &'a str>) -> Element {
    with_items("block", jids)
}

/// The payload of a push: these are blocked no longer; none means everybody.
pub fn unblocked<'a>(jids: impl IntoIterator<Item = &'a str>) -> Element {
    with_items("unblock", jids)
}

/// What is said to who writes to somebody they have blocked (§3.3).
pub fn refusal() -> StanzaError {
    StanzaError::new(Condition::NotAcceptable)
        .with_kind(ErrorKind::Cancel)
        .with_detail(Element::new("blocked", namespace::BLOCKING_ERRORS))
}

fn with_items<'a>(name: &'static str, jids: impl IntoIterator<Item = &'a str>) -> Element {
    let item = |jid| Element::new("item", namespace::BLOCKING).with_attribute("jid", jid);
    Element::new(name, namespace::BLOCKING).with_children(jids.into_iter().map(item))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    fn read(name: &str, items: &str, is_set: bool) -> Result<Option<Request>, Condition> {
        let payload = parse(&format!("<{name} xmlns='urn:xmpp:blocking'>{items}</{name}>"));
        Request::parse(&payload, is_set).map_err(|error| error.condition)
    }

    #[test]
    fn requests_are_read_and_normalised() {
        let jids = vec![Jid::new("b@x.test").unwrap(), Jid::new("y.test").unwrap()];
        let items = "<item jid='B@X.test'/><item jid='y.test'/>";
        assert_eq!(read("blocklist", "", false), Ok(Some(Request::List)));
        assert_eq!(read("block", items, true), Ok(Some(Request::Block(jids.clone()))));
        assert_eq!(read("unblock", items, true), Ok(Some(Request::Unblock(jids))));
        assert_eq!(read("unblock", "", true), Ok(Some(Request::Unblock(Vec::new()))));
        assert_eq!(read("block", items, false), Ok(None));
    }

    #[test]
    fn malformed_requests_are_refused() {
        assert_eq!(read("block", "", true), Err(Condition::BadRequest));
        assert_eq!(read("block", "<item/>", true), Err(Condition::BadRequest));
        assert_eq!(read("unblock", "<item jid='@'/>", true), Err(Condition::JidMalformed));
        let many = "<item jid='b@x.test'/>".repeat(ITEMS_MAX + 1);
        assert_eq!(read("block", &many, true), Err(Condition::NotAcceptable));
    }

    #[test]
    fn lists_are_written() {
        assert_eq!(
            written(&list(["b@x.test"])),
            "<blocklist xmlns='urn:xmpp:blocking'><item jid='b@x.test'/></blocklist>"
        );
        assert_eq!(written(&unblocked([])), "<unblock xmlns='urn:xmpp:blocking'/>");
    }
}
