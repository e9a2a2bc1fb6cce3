//! What a room tells its occupants, and invitations that it carries (XEP-0045 §7, §15.6.2).

use jid::Jid;

use crate::element::Element;
use crate::namespace;

/// Something about an occupant, or about the room, in numbers (§15.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everyone sees the occupant's address.
    AddressShown = 100,
    /// The room is set up anew.
    Configured = 104,
    /// This is about the occupant who reads it.
    Own = 110,
    /// Everyone sees everyone's address now.
    AddressesShown = 172,
    /// Only moderators see addresses now.
    AddressesHidden = 173,
    /// The room was made just now.
    Created = 201,
    /// The service has changed the name.
    Renamed = 210,
    /// Banned.
    Banned = 301,
    /// Has another name now.
    NewName = 303,
    /// Kicked.
    Kicked = 307,
    /// Does not belong to the room any more.
    NoMember = 321,
    /// The room is only for members now.
    MembersOnly = 322,
    /// The service has stopped.
    ServiceStopped = 332,
}

/// What is said of one occupant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// The affiliation's word.
    pub affiliation: Option<&'static str>,
    /// The role's word.
    pub role: Option<&'static str>,
    /// The address, for who may know it.
    pub jid: Option<String>,
    /// The name, where it is another than the stanza's.
    pub nick: Option<String>,
    /// The name of who has changed it.
    pub actor: Option<String>,
    /// In whose words why.
    pub reason: Option<String>,
}

impl Item {
    /// As it stands in what a room says to its occupants, or to its administrators.
    pub(super) fn to_element(&self, namespace: &'static str) -> Element {
        let text = |name, text: &str| Element::new(name, namespace).with_text(text);
        let actor =
            self.actor.as_deref().map(|nick| Element::new("actor", namespace).with_attribute("nick", nick));
        Element::new("item", namespace)
            .with_optional_attribute("affiliation", self.affiliation)
            .with_optional_attribute("role", self.role)
            .with_optional_attribute("jid", self.jid.as_deref())
            .with_optional_attribute("nick", self.nick.as_deref())
            .with_children(actor)
            .with_children(self.reason.as_deref().map(|reason| text("reason", reason)))
    }
}

/// That a room has ended, and where the conversation goes on (§10.9).
pub fn ended(instead: Option<&str>, reason: Option<&str>) -> Element {
    let reason = reason.map(|reason| Element::new("reason", namespace::MUC_USER).with_text(reason));
    Element::new("destroy", namespace::MUC_USER).with_optional_attribute("jid", instead).with_children(reason)
}

/// What a room says of an occupant or of itself.
pub fn element(item: Option<&Item>, statuses: &[Status], ended: Option<Element>) -> Element {
    let status = |status: &Status| {
        Element::new("status", namespace::MUC_USER).with_attribute("code", (*status as u16).to_string())
    };
    Element::new("x", namespace::MUC_USER)
        .with_children(item.map(|item| item.to_element(namespace::MUC_USER)))
        .with_children(ended)
        .with_children(statuses.iter().map(status))
}

/// What an occupant has a room carry to somebody else (§7.8.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To ask people in.
    Invite {
        /// Whom, and in the inviter's words why.
        people: Vec<(Jid, Option<String>)>,
    },
    /// To say no to who has asked one in.
    Decline {
        /// To whom.
        to: Jid,
        /// Why.
        reason: Option<String>,
    },
}

/// How many people one message may ask in.
pub const INVITED_MAX: usize = 50;

impl Errand {
    /// Reads a message to a room; `None` if it carries no errand. What has no good address is passed over.
    pub fn read(message: &Element) -> Option<Self> {
        let x = message.child("x", namespace::MUC_USER)?;
        let read = |child: &Element| {
            let to = Jid::new(child.attribute("to")?).ok()?;
            let reason = child.child("reason", namespace::MUC_USER).map(|reason| reason.text().into_owned());
            Some((to, reason.filter(|reason| !reason.is_empty())))
        };
        let invited = x.children().filter(|child| child.is("invite", namespace::MUC_USER));
        let people: Vec<_> = invited.filter_map(read).take(INVITED_MAX).collect();
        if !people.is_empty() {
            return Some(Self::Invite { people });
        }
        let (to, reason) = read(x.child("decline", namespace::MUC_USER)?)?;
        Some(Self::Decline { to, reason })
    }
}

/// An errand as the room carries it on: `from` has asked somebody in, or declined.
pub fn carried(kind: &'static str, from: &str, reason: Option<&str>, password: Option<&str>) -> Element {
    let text = |name, text: &str| Element::new(name, namespace::MUC_USER).with_text(text);
    let errand = Element::new(kind, namespace::MUC_USER)
        .with_attribute("from", from)
        .with_children(reason.map(|reason| text("reason", reason)));
    Element::new("x", namespace::MUC_USER)
        .with_child(errand)
        .with_children(password.map(|password| text("password", password)))
}

/// Whether a message is a private word in a room (§7.5), as its sender says.
pub fn is_marked(message: &Element) -> bool {
    message.child("x", namespace::MUC_USER).is_some()
}

/// The mark of a private word in a room (§7.5).
pub fn mark() -> Element {
    Element::new("x", namespace::MUC_USER)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{parse, written};
    use super::*;

    #[test]
    fn an_occupant_is_said_with_codes_behind() {
        let item = Item {
            affiliation: Some("none"),
            role: Some("none"),
            actor: Some("Bert".into()),
            reason: Some("enough".into()),
            ..Item::default()
        };
        assert_eq!(
            written(&element(Some(&item), &[Status::Own, Status::Kicked], None)),
            "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'>\
             <actor nick='Bert'/><reason>enough</reason></item><status code='110'/><status code='307'/></x>"
        );
    }

    #[test]
    fn invitations_and_what_declines_them_are_read() {
        let message = |x: &str| {
            parse(&format!(
                "<message xmlns='jabber:client'><x xmlns='http://jabber.org/protocol/muc#user'>{x}</x></message>"
            ))
        };
        let anna = Jid::new("anna@x.test").unwrap();
        assert_eq!(
            Errand::read(&message("<invite to='anna@x.test'><reason>Hi</reason></invite><invite to='@'/>")),
            Some(Errand::Invite { people: vec![(anna.clone(), Some("Hi".into()))] })
        );
        assert_eq!(
            Errand::read(&message("<decline to='anna@x.test'/>")),
            Some(Errand::Decline { to: anna, reason: None })
        );
        assert_eq!(Errand::read(&message("<item/>")), None);
        let many = Errand::read(&message(&"<invite to='anna@x.test'/>".repeat(INVITED_MAX + 1)));
        assert!(matches!(many, Some(Errand::Invite { people }) if people.len() == INVITED_MAX));
    }
}
