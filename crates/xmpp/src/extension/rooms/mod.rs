//! Rooms (XEP-0045), direct invitations to them (XEP-0249), and who is who in them (XEP-0421).

pub mod admin;
pub mod configuration;
pub mod owner;
pub mod user;

use crate::element::Element;
use crate::namespace;

/// What a client says of itself that enters (§7.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The password.
    pub password: Option<String>,
    /// How many characters of history at most.
    pub characters_max: Option<usize>,
    /// How many messages of history at most.
    pub messages_max: Option<usize>,
    /// Only the history of so many seconds.
    pub seconds: Option<i64>,
    /// Only the history since then. As it came: not checked.
    pub since: Option<String>,
}

impl Entry {
    /// Reads a presence; `None` if it is not one by which a room is entered. What is no number is not there.
    pub fn read(presence: &Element) -> Option<Self> {
        let wish = presence.child("x", namespace::MUC)?;
        let history = wish.child("history", namespace::MUC);
        let text = |name| history.and_then(|history| history.attribute(name));
        Some(Self {
            password: wish.child("password", namespace::MUC).map(|password| password.text().into_owned()),
            characters_max: text("maxchars").and_then(|number| number.parse().ok()),
            messages_max: text("maxstanzas").and_then(|number| number.parse().ok()),
            seconds: text("seconds").and_then(|number| number.parse().ok()).filter(|seconds| *seconds >= 0),
            since: text("since").map(str::to_owned),
        })
    }
}

/// What an error about rooms carries beside its condition (§7.2).
pub fn marker() -> Element {
    Element::new("x", namespace::MUC)
}

/// Who somebody is in a room, whatever their name there is (XEP-0421 §3).
pub fn occupant_id(id: &str) -> Element {
    Element::new("occupant-id", namespace::OCCUPANT_ID).with_attribute("id", id)
}

/// Whether a payload asks for a name that no room has (§10.1.4).
pub fn asks_for_unique_name(payload: &Element) -> bool {
    payload.is("unique", namespace::MUC_UNIQUE)
}

/// The payload of the answer: a name that no room has.
pub fn unique_name(name: &str) -> Element {
    Element::new("unique", namespace::MUC_UNIQUE).with_text(name)
}

/// An invitation that clients understand without knowing the one who mediates (XEP-0249 §2).
pub fn direct_invitation(room: &str, password: Option<&str>, reason: Option<&str>) -> Element {
    Element::new("x", namespace::CONFERENCE)
        .with_attribute("jid", room)
        .with_optional_attribute("password", password)
        .with_optional_attribute("reason", reason)
}

#[cfg(test)]
mod tests {
    use super::super::testing::parse;
    use super::*;

    #[test]
    fn how_somebody_enters_is_read_and_nonsense_is_passed_over() {
        let presence = parse(
            "<presence xmlns='jabber:client'><x xmlns='http://jabber.org/protocol/muc'><password>p</password>\
             <history maxstanzas='3' seconds='-1' maxchars='x' since='2026-11-20T08:00:00Z'/></x></presence>",
        );
        let expected = Entry {
            password: Some("p".into()),
            messages_max: Some(3),
            since: Some("2026-11-20T08:00:00Z".into()),
            ..Entry::default()
        };
        assert_eq!(Entry::read(&presence), Some(expected));
        assert_eq!(Entry::read(&parse("<presence xmlns='jabber:client'/>")), None);
    }
}
