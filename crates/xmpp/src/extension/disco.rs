//! Service discovery (XEP-0030).

use jid::Jid;

use super::data_forms::Form;
use crate::element::Element;
use crate::namespace;

/// What the payload of a `get` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// What the entity is and can do (§3).
    Info {
        /// A part of it.
        node: Option<String>,
    },
    /// What the entity holds (§4).
    Items {
        /// A part of it.
        node: Option<String>,
    },
}

impl Request {
    /// Reads a payload; `None` if it is not about discovery.
    pub fn parse(payload: &Element) -> Option<Self> {
        let node = payload.attribute("node").filter(|node| !node.is_empty()).map(str::to_owned);
        match (payload.name(), payload.namespace().as_str()) {
            ("query", namespace::DISCO_INFO) => Some(Self::Info { node }),
            ("query", namespace::DISCO_ITEMS) => Some(Self::Items { node }),
            _ => None,
        }
    }
}

/// What an entity is and can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// The node that was asked for.
    pub node: Option<String>,
    /// What it is; every entity is something.
    pub identities: Vec<Identity>,
    /// What it can do.
    pub features: Vec<String>,
    /// More about it (XEP-0128), such as contact addresses (XEP-0157).
    pub forms: Vec<Form>,
}

/// What an entity is, in registered words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Such as `server`.
    pub category: String,
    /// Such as `im`.
    pub kind: String,
    /// The language of the name.
    pub lang: Option<String>,
    /// A name for people.
    pub name: Option<String>,
}

impl Info {
    /// The payload of the result.
    pub fn to_element(&self) -> Element {
        let identities = self.identities.iter().map(|identity| {
            let element = Element::new("identity", namespace::DISCO_INFO)
                .with_attribute("category", identity.category.as_str())
                .with_attribute("type", identity.kind.as_str())
                .with_optional_attribute("name", identity.name.as_deref());
            match &identity.lang {
                Some(lang) => element.with_lang(lang.as_str()),
                None => element,
            }
        });
        let features = self.features.iter().map(|feature| {
            Element::new("feature", namespace::DISCO_INFO).with_attribute("var", feature.as_str())
        });
        Element::new("query", namespace::DISCO_INFO)
            .with_optional_attribute("node", self.node.as_deref())
            .with_children(identities)
            .with_children(features)
            .with_children(self.forms.iter().map(Form::to_element))
    }
}

/// What an entity holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items {
    /// The node that was asked for.
    pub node: Option<String>,
    /// The items.
    pub items: Vec<Item>,
}

/// Something that an entity holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where to ask about it.
    pub jid: Jid,
    /// Which part of that.
    pub node: Option<String>,
    /// A name for people.
    pub name: Option<String>,
}

impl Items {
    /// The payload of the result.
    pub fn to_element(&self) -> Element {
        let items = self.items.iter().map(|item| {
            Element::new("item", namespace::DISCO_ITEMS)
                .with_attribute("jid", item.jid.as_str())
                .with_optional_attribute("node", item.node.as_deref())
                .with_optional_attribute("name", item.name.as_deref())
        });
        Element::new("query", namespace::DISCO_ITEMS)
            .with_optional_attribute("node", self.node.as_deref())
            .with_children(items)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    #[test]
    fn requests_for_info_and_items_are_told_apart() {
        let info = parse("<query xmlns='http://jabber.org/protocol/disco#info' node='n'/>");
        assert_eq!(Request::parse(&info), Some(Request::Info { node: Some("n".into()) }));
        let items = parse("<query xmlns='http://jabber.org/protocol/disco#items' node=''/>");
        assert_eq!(Request::parse(&items), Some(Request::Items { node: None }));
        assert_eq!(Request::parse(&parse("<query xmlns='jabber:iq:version'/>")), None);
    }

    #[test]
    fn identities_come_before_features() {
        let info = Info {
            node: Some("n".into()),
            identities: vec![Identity {
                category: "server".into(),
                kind: "im".into(),
                lang: Some("en".into()),
                name: Some("messngr".into()),
            }],
            features: vec!["urn:xmpp:ping".into()],
            forms: Vec::new(),
        };
        assert_eq!(
            written(&info.to_element()),
            "<query xmlns='http://jabber.org/protocol/disco#info' node='n'>\
             <identity category='server' type='im' name='messngr' xml:lang='en'/><feature var='urn:xmpp:ping'/></query>"
        );
    }

    #[test]
    fn items_name_where_to_ask() {
        let items = Items {
            node: None,
            items: vec![Item {
                jid: Jid::new("rooms.x.test").unwrap(),
                node: None,
                name: Some("Rooms".into()),
            }],
        };
        assert_eq!(
            written(&items.to_element()),
            "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='rooms.x.test' name='Rooms'/></query>"
        );
    }
}
