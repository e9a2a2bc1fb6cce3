//! The roster (RFC 6121 §2).

use jid::{BareJid, Jid};

use crate::element::Element;
use crate::namespace;
use crate::stanza::{Condition, StanzaError};

/// How long a contact's name may be, in bytes.
pub const NAME_BYTES_MAX: usize = 1_023;
/// How long the name of a group may be, in bytes.
pub const GROUP_BYTES_MAX: usize = 1_023;
/// How many groups one contact may be in.
pub const GROUPS_MAX: usize = 64;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The roster (§2.1.3).
    Get {
        /// The version that the client has; empty if it has none and supports versions (§2.6.2).
        version: Option<String>,
    },
    /// Adding or changing a contact (§2.3, §2.4).
    Update {
        /// Who.
        contact: BareJid,
        /// The name to show.
        name: Option<String>,
        /// The groups to be in, and no others.
        groups: Vec<String>,
    },
    /// Removing a contact (§2.5).
    Remove {
        /// Who.
        contact: BareJid,
    },
}

impl Request {
    /// Reads the payload of a `get` or `set` (`is_set`); `None` if it is not about the roster.
    ///
    /// # Errors
    /// §2.3.3: `bad-request` unless there is exactly one item, with an address and no group twice;
    /// `jid-malformed` for what is no address; `not-acceptable` past a limit or for a group without a name.
    pub fn parse(payload: &Element, is_set: bool) -> Result<Option<Self>, StanzaError> {
        if !payload.is("query", namespace::ROSTER) {
            return Ok(None);
        }
        if !is_set {
            return Ok(Some(Self::Get { version: payload.attribute("ver").map(str::to_owned) }));
        }
        let mut items = payload.children();
        let (Some(item), None) = (items.next(), items.next()) else {
            return Err(refused(Condition::BadRequest, "a roster is changed one item at a time"));
        };
        if !item.is("item", namespace::ROSTER) {
            return Err(refused(Condition::BadRequest, "expected an item"));
        }
        let address =
            item.attribute("jid").ok_or_else(|| refused(Condition::BadRequest, "an item has a jid"))?;
        let contact = Jid::new(address).map_err(|_| StanzaError::new(Condition::JidMalformed))?.into_bare();
        if item.attribute("subscription") == Some("remove") {
            return Ok(Some(Self::Remove { contact }));
        }
        let name = item.attribute("name").filter(|name| !name.is_empty()).map(str::to_owned);
        if name.as_ref().is_some_and(|name| name.len() > NAME_BYTES_MAX) {
            return Err(refused(Condition::NotAcceptable, "the name is too long"));
        }
        Ok(Some(Self::Update { contact, name, groups: groups(item)? }))
    }
}

fn groups(item: &Element) -> Result<Vec<String>, StanzaError> {
    let mut groups: Vec<String> = Vec::new();
    for group in item.children().filter(|child| child.is("group", namespace::ROSTER)) {
        let group = group.text().into_owned();
        if groups.len() >= GROUPS_MAX {
            return Err(refused(Condition::NotAcceptable, "too many groups"));
        }
        if group.is_empty() || group.len() > GROUP_BYTES_MAX {
            return Err(refused(Condition::NotAcceptable, "the name of a group is empty or too long"));
        }
        if groups.contains(&group) {
            return Err(refused(Condition::BadRequest, "the same group twice"));
        }
        groups.push(group);
    }
    Ok(groups)
}

fn refused(condition: Condition, text: &str) -> StanzaError {
    StanzaError::new(condition).with_text(text)
}

/// A contact (§2.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Who.
    pub contact: BareJid,
    /// The name to show.
    pub name: Option<String>,
    /// The groups it is in.
    pub groups: Vec<String>,
    /// Who is told of whose presence.
    pub subscription: Subscription,
    /// The owner has asked to be told, and there is no answer yet.
    pub ask: bool,
    /// The contact may be told when it asks (§3.4).
    pub approved: bool,
}

/// Who is told of whose presence (§2.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subscription {
    /// Nobody.
    None,
    /// The owner, of the contact's.
    To,
    /// The contact, of the owner's.
    From,
    /// Both.
    Both,
    /// The contact was removed; in pushes only.
    Remove,
}

impl Subscription {
    /// The value of the `subscription` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::To => "to",
            Self::From => "from",
            Self::Both => "both",
            Self::Remove => "remove",
        }
    }
}

impl Item {
    /// The item that tells of a contact's removal.
    pub fn removed(contact: BareJid) -> Self {
        let (groups, subscription) = (Vec::new(), Subscription::Remove);
        Self { contact, name: None, groups, subscription, ask: false, approved: false }
    }

    fn to_element(&self) -> Element {
        let groups = self
            .groups
            .iter()
            .map(|group| Element::new("group", namespace::ROSTER).with_text(group.as_str()));
        Element::new("item", namespace::ROSTER)
            .with_attribute("jid", self.contact.as_str())
            .with_optional_attribute("name", self.name.as_deref())
            .with_attribute("subscription", self.subscription.as_str())
            .with_optional_attribute("ask", self.ask.then_some("subscribe"))
            .with_optional_attribute("approved", self.approved.then_some("true"))
            .with_children(groups)
    }
}

/// The payload of the result of a `get` (§2.1.4). Where the client's version is still good, the result has no
/// payload at all (§2.6.3).
pub fn result<'a>(items: impl IntoIterator<Item = &'a Item>, version: Option<&str>) -> Element {
    Element::new("query", namespace::ROSTER)
        .with_optional_attribute("ver", version)
        .with_children(items.into_iter().map(Item::to_element))
}

/// The payload of a push, which is a `set` to each session that has asked for the roster (§2.1.6).
pub fn push(item: &Item, version: Option<&str>) -> Element {
    result([item], version)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    fn set(children: &str) -> Result<Option<Request>, Condition> {
        let payload = parse(&format!("<query xmlns='jabber:iq:roster'>{children}</query>"));
        Request::parse(&payload, true).map_err(|error| error.condition)
    }

    fn contact() -> BareJid {
        BareJid::new("b@x.test").unwrap()
    }

    #[test]
    fn a_request_for_the_roster_may_name_a_version() {
        let get = |source| Request::parse(&parse(source), false).unwrap();
        assert_eq!(get("<query xmlns='jabber:iq:roster'/>"), Some(Request::Get { version: None }));
        let versioned = get("<query xmlns='jabber:iq:roster' ver=''/>");
        assert_eq!(versioned, Some(Request::Get { version: Some(String::new()) }));
        assert_eq!(get("<query xmlns='jabber:iq:version'/>"), None);
    }

    #[test]
    fn a_contact_is_added_with_name_and_groups_whatever_subscription_is_claimed() {
        let item = "<item jid='B@x.test/phone' name='Bo' subscription='both'><group>A</group><group>B</group></item>";
        assert_eq!(
            set(item),
            Ok(Some(Request::Update {
                contact: contact(),
                name: Some("Bo".into()),
                groups: vec!["A".into(), "B".into()]
            }))
        );
    }

    #[test]
    fn a_contact_is_removed() {
        assert_eq!(
            set("<item jid='b@x.test' subscription='remove'/>"),
            Ok(Some(Request::Remove { contact: contact() }))
        );
    }

    #[test]
    fn malformed_changes_are_refused() {
        assert_eq!(set(""), Err(Condition::BadRequest));
        assert_eq!(set("<item jid='a@x.test'/><item jid='b@x.test'/>"), Err(Condition::BadRequest));
        assert_eq!(set("<item/>"), Err(Condition::BadRequest));
        assert_eq!(set("<contact jid='b@x.test'/>"), Err(Condition::BadRequest));
        assert_eq!(set("<item jid='a@b@c'/>"), Err(Condition::JidMalformed));
        assert_eq!(
            set("<item jid='b@x.test'><group>A</group><group>A</group></item>"),
            Err(Condition::BadRequest)
        );
        assert_eq!(set("<item jid='b@x.test'><group/></item>"), Err(Condition::NotAcceptable));
        let long = "n".repeat(NAME_BYTES_MAX + 1);
        assert_eq!(set(&format!("<item jid='b@x.test' name='{long}'/>")), Err(Condition::NotAcceptable));
        assert_eq!(
            set(&format!("<item jid='b@x.test'><group>{long}</group></item>")),
            Err(Condition::NotAcceptable)
        );
        let many: String = (0..=GROUPS_MAX).map(|number| format!("<group>{number}</group>")).collect();
        assert_eq!(set(&format!("<item jid='b@x.test'>{many}</item>")), Err(Condition::NotAcceptable));
    }

    #[test]
    fn a_roster_is_written_with_its_version() {
        let item = Item {
            contact: contact(),
            name: Some("Bo".into()),
            groups: vec!["A".into()],
            subscription: Subscription::None,
            ask: true,
            approved: true,
        };
        assert_eq!(
            written(&result([&item], Some("v1"))),
            "<query xmlns='jabber:iq:roster' ver='v1'><item jid='b@x.test' name='Bo' subscription='none' \
             ask='subscribe' approved='true'><group>A</group></item></query>"
        );
        assert_eq!(
            written(&push(&Item::removed(contact()), None)),
            "<query xmlns='jabber:iq:roster'><item jid='b@x.test' subscription='remove'/></query>"
        );
    }
}
