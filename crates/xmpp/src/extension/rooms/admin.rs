//! Who may do what in a room: asked and changed by moderators and administrators (XEP-0045 §8, §9).

use jid::Jid;

use super::user::Item;
use crate::element::Element;
use crate::namespace;
use crate::stanza::{Condition, StanzaError};

/// How many changes one request may make.
pub const CHANGES_MAX: usize = 100;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Who has this affiliation.
    Affiliated(String),
    /// Who has this role.
    WithRole(String),
    /// Changes, in order.
    Change(Vec<Change>),
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Who is meant.
    pub whom: Whom,
    /// What they are to be.
    pub what: What,
    /// Why.
    pub reason: Option<String>,
}

/// Who is meant by a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// By their name in the room.
    Nick(String),
    /// By their address.
    Address(Jid),
}

/// What somebody is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Of this role.
    Role(String),
    /// Of this affiliation.
    Affiliation(String),
}

impl Request {
    /// Reads the payload of a `get` or `set` (`is_set`); `None` if it is not about this.
    ///
    /// # Errors
    /// `bad-request` for an item that says too little or for none, `jid-malformed` for an address that is none,
    /// `not-acceptable` for too many.
    pub fn parse(payload: &Element, is_set: bool) -> Result<Option<Self>, StanzaError> {
        if !payload.is("query", namespace::MUC_ADMIN) {
            return Ok(None);
        }
        let items = payload.children().filter(|child| child.is("item", namespace::MUC_ADMIN));
        if is_set {
            let changes = items.map(Change::read).collect::<Result<Vec<_>, _>>()?;
            return match changes.len() {
                0 => Err(Condition::BadRequest.into()),
                1..=CHANGES_MAX => Ok(Some(Self::Change(changes))),
                _ => Err(Condition::NotAcceptable.into()),
            };
        }
        let item = items.last().ok_or(Condition::BadRequest)?;
        match (item.attribute("affiliation"), item.attribute("role")) {
            (Some(affiliation), _) => Ok(Some(Self::Affiliated(affiliation.to_owned()))),
            (None, Some(role)) => Ok(Some(Self::WithRole(role.to_owned()))),
            (None, None) => Err(Condition::BadRequest.into()),
        }
    }
}

impl Change {
    fn read(item: &Element) -> Result<Self, StanzaError> {
        let reason = item.child("reason", namespace::MUC_ADMIN).map(|reason| reason.text().into_owned());
        let whom = match (item.attribute("jid"), item.attribute("nick")) {
            (Some(jid), _) => {
                Whom::Address(Jid::new(jid).map_err(|_| StanzaError::new(Condition::JidMalformed))?)
            }
            (None, Some(nick)) => Whom::Nick(nick.to_owned()),
            (None, None) => return Err(Condition::BadRequest.into()),
        };
        let what = match (item.attribute("affiliation"), item.attribute("role")) {
            (Some(affiliation), None) => What::Affiliation(affiliation.to_owned()),
            (None, Some(role)) => What::Role(role.to_owned()),
            _ => return Err(Condition::BadRequest.into()),
        };
        Ok(Self { whom, what, reason: reason.filter(|reason| !reason.is_empty()) })
    }
}

/// The payload of the answer to a question.
pub fn list(items: impl IntoIterator<Item = Item>) -> Element {
    let items = items.into_iter().map(|item| item.to_element(namespace::MUC_ADMIN));
    Element::new("query", namespace::MUC_ADMIN).with_children(items)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::parse;
    use super::*;

    fn request(items: &str, is_set: bool) -> Result<Option<Request>, Condition> {
        let source = format!("<query xmlns='http://jabber.org/protocol/muc#admin'>{items}</query>");
        Request::parse(&parse(&source), is_set).map_err(|error| error.condition)
    }

    #[test]
    fn questions_and_changes_are_read_and_half_ones_refused() {
        assert_eq!(
            request("<item affiliation='owner'/>", false),
            Ok(Some(Request::Affiliated("owner".into())))
        );
        assert_eq!(
            request("<item role='moderator'/>", false),
            Ok(Some(Request::WithRole("moderator".into())))
        );
        let kick = Change {
            whom: Whom::Nick("Bert".into()),
            what: What::Role("none".into()),
            reason: Some("enough".into()),
        };
        let item = "<item nick='Bert' role='none'><reason>enough</reason></item>";
        assert_eq!(request(item, true), Ok(Some(Request::Change(vec![kick]))));
        for half in [
            "",
            "<item nick='Bert'/>",
            "<item role='none'/>",
            "<item nick='a' role='none' affiliation='none'/>",
        ] {
            assert_eq!(request(half, true), Err(Condition::BadRequest), "{half}");
        }
        assert_eq!(request("<item jid='@' affiliation='none'/>", true), Err(Condition::JidMalformed));
        assert_eq!(request(&item.repeat(CHANGES_MAX + 1), true), Err(Condition::NotAcceptable));
        assert_eq!(request("<item/>", false), Err(Condition::BadRequest));
    }
}
